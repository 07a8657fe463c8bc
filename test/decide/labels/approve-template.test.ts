import { beforeEach, describe, expect, it } from 'vitest';
import { hashOfSource } from '../../../src/model/labels/saved-template.ts';
import { Product } from '../../../src/model/product.ts';
import { openMapLedger, rebuild, refusal, type MapLedger } from '../../support/map-ledger.ts';

/* A second person approves the revisions of label templates. */

const source = (revision: number): string => `{ a: ${revision} }`;
const hash = (revision: number): string => hashOfSource(source(revision));

let line: MapLedger;
const save = (revision: number, actor = 'person:ines'): object =>
  line.record({ kind: 'save-template', name: 'mine', source: source(revision), revision: revision - 1, actor });
const approve = (revision: number, actor = 'person:quinn', of = hash(revision)) =>
  line.record({ kind: 'approve-template', name: 'mine', revision, hash: of, actor });
const revoke = (revision: number) =>
  line.record({ kind: 'revoke-approval', name: 'mine', revision, reason: 'wrong logo', actor: 'person:quinn' });
const product = (more: object) =>
  line.record({
    kind: 'set-product',
    product: Product.parse({ id: 'DEMO', label: 'mine', serialPattern: null, ...more }),
    site: undefined,
    actor: 'a',
  } as never);

beforeEach(() => {
  line = openMapLedger();
  save(1);
});

describe('a revision', () => {
  it('is approved by a second person, once', () => {
    expect(approve(1)).toEqual({ name: 'mine', revision: 1, prints: 1 });
    expect(approve(1)).toEqual({ name: 'mine', revision: 1, prints: 1 });
    const events = line.events.filter(({ type }) => type === 'template-approved');
    expect(events.map(({ actor, data }) => ({ actor, data }))).toEqual([
      { actor: 'person:quinn', data: { name: 'mine', revision: 1, hash: hash(1) } },
    ]);
    expect(rebuild(line.lines).approvals).toEqual(line.tables.approvals);
  });

  it.each(['person:ines', 'admin', 'local', 'file'])('is not approved by %s, who saved it or is nobody', (actor) => {
    expect(refusal(() => approve(1, actor))).toBe('approval-second');
  });

  it('is not approved by the author of a revision in between', () => {
    approve(1);
    save(2, 'person:quinn');
    save(3, 'person:ines');
    expect(refusal(() => approve(3))).toBe('approval-second');
    expect(approve(3, 'person:rosa')).toMatchObject({ prints: 3 });
    save(4, 'person:ines');
    expect(approve(4)).toMatchObject({ prints: 4 });
  });

  it('that does not exist is not approved', () => {
    expect(refusal(() => approve(7))).toBe('not-found');
    expect(refusal(() => revoke(7))).toBe('not-found');
  });
});

describe('a product with approval', () => {
  it('needs an approved revision', () => {
    expect(refusal(() => product({ approval: true }))).toBe('approval-needed');
    approve(1);
    product({ approval: true });
    expect(refusal(() => product({ approval: true, label: 'other' }))).toBe('approval-needed');
  });

  it('falls back to the approved revision before, and never to none', () => {
    approve(1);
    save(2);
    approve(2);
    product({ approval: true });
    expect(revoke(2)).toMatchObject({ prints: 1 });
    expect(refusal(() => revoke(1))).toBe('approval-needed');
    expect(line.seen.approvedRevisions('mine')).toEqual([1]);
    expect(approve(2)).toMatchObject({ prints: 2 });
  });

  it('can be stopped instead, and then needs an approval to go on', () => {
    approve(1);
    product({ approval: true, stopLabels: true });
    expect(revoke(1)).toMatchObject({ prints: null });
    expect(refusal(() => product({ approval: true }))).toBe('approval-needed');
    approve(1);
    product({ approval: true });
  });
});

it('a product whose labels are stopped gets Claim IDs, but no labels', () => {
  line.record({
    kind: 'set-printer',
    printer: { name: 'P', kind: 'file', folder: '/x', format: 'zpl', dpi: 203, pdf: false } as never,
    actor: 'a',
  });
  product({ stopLabels: true });
  const { units } = line.record({ kind: 'make', as: 'issued', product: 'DEMO', count: 1, strict: false, actor: 'a' });
  const uci = units[0]?.uci ?? '';
  expect(refusal(() => line.record({ kind: 'print', uci, printer: 'P', copies: 1, actor: 'a' }))).toBe('labels-stopped');
  product({});
  expect(line.record({ kind: 'print', uci, printer: 'P', copies: 1, actor: 'a' })).toMatchObject({ printer: 'P' });
});

describe('a request for approval', () => {
  const ask = (revision: number) =>
    line.record({ kind: 'ask-approval', name: 'mine', revision, note: 'QR', actor: 'person:ines' });

  it('is recorded once, and is not an approval', () => {
    expect(ask(1)).toEqual({ name: 'mine', revision: 1 });
    expect(ask(1)).toEqual({ name: 'mine', revision: 1 });
    const asked = line.events.filter(({ type }) => type === 'template-approval-asked');
    expect(asked.map(({ actor, data }) => ({ actor, data }))).toEqual([
      { actor: 'person:ines', data: { name: 'mine', revision: 1, note: 'QR' } },
    ]);
    expect(line.seen.approvedRevisions('mine')).toEqual([]);
    expect(rebuild(line.lines).approvals).toEqual(line.tables.approvals);
  });

  it('of a revision that is approved, or that does not exist, records nothing', () => {
    approve(1);
    expect(ask(1)).toEqual({ name: 'mine', revision: 1 });
    expect(refusal(() => ask(7))).toBe('not-found');
    expect(line.events.filter(({ type }) => type === 'template-approval-asked')).toEqual([]);
  });
});
