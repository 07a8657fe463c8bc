import { describe, expect, it } from 'vitest';
import { hashOfSet, sha256, type DrawnSet, type RenderSet } from '../../../src/model/labels/render-set.ts';
import { printsOf } from '../../../src/contract/printed.ts';
import { openMapLedger, rebuild, type MapLedger } from '../../support/map-ledger.ts';

/* What labels were printed with. */

const PRODUCT = 'DEMO';

const set = (more: Partial<RenderSet> = {}): RenderSet => ({
  role: 'device',
  template: { name: 'mine', hash: sha256('source'), revision: 1 },
  product: { id: PRODUCT, hash: sha256('product') },
  fonts: { sans: sha256('sans') },
  files: {},
  renderer: 1,
  dpi: 203,
  ...more,
});
const contents = ['source', 'product'].map((text) => ({ hash: sha256(text), bytes: Buffer.from(text) }));
const drawn = (more: Partial<RenderSet> = {}): DrawnSet => ({ set: set(more), sample: 'dots', contents });

function printed(line: MapLedger, drawnWith?: DrawnSet): number {
  const [unit] = line.record({ kind: 'make', as: 'issued', product: PRODUCT, count: 1, strict: false, actor: 'a' }).units;
  const { job } = line.record({ kind: 'print', uci: unit?.uci ?? '', printer: 'P', copies: 1, actor: 'a' });
  line.record({
    kind: 'move-print',
    job,
    to: 'sending',
    actor: 'system',
    ...(drawnWith === undefined ? {} : { set: drawnWith }),
  });
  return job;
}

function open(): MapLedger {
  const line = openMapLedger();
  line.record({
    kind: 'set-printer',
    printer: { name: 'P', kind: 'file', folder: '/x', format: 'zpl', dpi: 203, pdf: false } as never,
    actor: 'a',
  });
  return line;
}

const setsIn = (line: MapLedger) => line.events.filter(({ type }) => type === 'render-set');

describe('a render set', () => {
  it('is one event, however many labels are printed with it', () => {
    const line = open();
    const jobs = [1, 2, 3].map(() => printed(line, drawn()));
    expect(setsIn(line).map(({ data }) => data)).toEqual([{ number: 1, ...set(), sample: 'dots' }]);
    expect(jobs.map((job) => line.seen.printJob(job)?.set)).toEqual([1, 1, 1]);
    expect([...line.tables.labelContents].toSorted()).toEqual(contents.map(({ hash }) => hash).toSorted());
  });

  it.each<[string, Partial<RenderSet>]>([
    ['another revision', { template: { name: 'mine', hash: sha256('other'), revision: 2 } }],
    ['another product setting', { product: { id: PRODUCT, hash: sha256('renamed') } }],
    ['another lot', { order: sha256('lot') }],
    ['another font', { fonts: { sans: sha256('sans 2') } }],
    ['another logo', { files: { 'logos/a.svg': sha256('logo') } }],
    ['another renderer', { renderer: 2 }],
    ['another resolution', { dpi: 300 }],
    ["the station's name", { stationName: true }],
  ])('is another one with %s', (_, more) => {
    const line = open();
    printed(line, drawn());
    const job = printed(line, drawn(more));
    expect(setsIn(line)).toHaveLength(2);
    expect(line.seen.printJob(job)?.set).toBe(2);
  });

  it('does not depend on the order of fonts and files', () => {
    const [one, other] = [{ a: '1', b: '2' }, { b: '2', a: '1' }];
    expect(hashOfSet(set({ files: one, fonts: one }))).toBe(hashOfSet(set({ files: other, fonts: other })));
  });

  it('needs no contents when the ledger has it, and adds contents that are missing', () => {
    const line = open();
    printed(line, drawn());
    expect(line.seen.printJob(printed(line, { set: set() }))?.set).toBe(1);
    line.tables.labelContents.clear();
    printed(line, drawn());
    expect(line.tables.labelContents.size).toBe(2);
    expect(setsIn(line)).toHaveLength(1);
  });

  it('is what the rows say that are made from the lines', () => {
    const line = open();
    printed(line, drawn());
    printed(line, drawn({ dpi: 300 }));
    expect(rebuild(line.lines).renderSets).toEqual(line.tables.renderSets);
    expect(rebuild(line.lines).jobs).toEqual(line.tables.jobs);
  });
});

it('a job that the printer rejected has no set, and its label was not printed', () => {
  const line = open();
  const job = printed(line, drawn());
  const lines = (): string[] => line.lines.filter((text) => text.includes('"uci"'));
  expect(printsOf(lines())).toMatchObject([{ job, set: 1, printer: 'P', copies: 1, firstCopy: 1 }]);
  line.record({ kind: 'move-print', job, to: 'queued', actor: 'system' });
  expect(line.seen.printJob(job)?.set).toBeUndefined();
  expect(printsOf(lines())).toEqual([]);
});

it('a label of an earlier version was printed without a set', () => {
  const line = open();
  const job = printed(line);
  expect(setsIn(line)).toEqual([]);
  const [print] = printsOf(line.lines.filter((text) => text.includes('"uci"')));
  expect(print).toMatchObject({ job });
  expect(print?.set).toBeUndefined();
});
