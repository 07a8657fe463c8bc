import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Ledger } from '../../src/contract/ledger.ts';
import { hashOfSet, sha256, type DrawnSet } from '../../src/model/labels/render-set.ts';
import { Printer } from '../../src/model/printer.ts';
import { moveLedger } from '../../src/postgres/migrate-ledger.ts';
import { openPostgresLedger } from '../../src/postgres/postgres-ledger.ts';
import { copyFile, ledgerFile, openSqliteLedger } from '../../src/sqlite/sqlite-ledger.ts';
import { openServer, type Server } from '../support/postgres-server.ts';
import { openDesk, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/* What labels were printed with, and the approvals of their templates, in a ledger that processes share. */

let server: Server;
const opened: Ledger[] = [];
beforeAll(async () => {
  server = await openServer();
});
afterAll(async () => {
  for (const ledger of opened) await ledger.close();
  await server.stop();
});

async function open(url: string): Promise<Ledger> {
  const ledger = await openPostgresLedger({ file: copyFile(tempFolder()), url, onFault: () => {}, onMoved: () => {} });
  opened.push(ledger);
  return ledger;
}

/** Fonts have every byte, and are larger than a line. */
const FONT = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 256));
const drawn = (dpi = 203): DrawnSet => ({
  set: {
    role: 'device',
    template: { name: 'mine', hash: sha256('source'), revision: 1 },
    product: { id: 'DEMO', hash: sha256('product') },
    fonts: {},
    files: { 'fonts/own.ttf': sha256(FONT) },
    renderer: 1,
    dpi,
  },
  contents: [Buffer.from('source'), Buffer.from('product'), FONT].map((bytes) => ({ hash: sha256(bytes), bytes })),
});

async function print(ledger: Ledger, set: DrawnSet): Promise<number> {
  const made = await ledger.record({
    kind: 'make',
    as: 'issued',
    product: 'DEMO',
    count: 1,
    strict: false,
    actor: 'a',
  });
  const uci = made.units[0]?.uci ?? '';
  const { job } = await ledger.record({ kind: 'print', uci, printer: 'P', copies: 1, actor: 'a' });
  await ledger.record({ kind: 'move-print', job, to: 'sending', set, actor: 'system' });
  return job;
}

const printer = Printer.parse({ name: 'P', kind: 'file', folder: '/nowhere', format: 'zpl' });

it('two processes record a set once, and both have its contents', async () => {
  const url = await server.database();
  const [one, two] = [await open(url), await open(url)];
  await one.record({ kind: 'set-printer', printer, actor: 'a' });
  await one.record({ kind: 'save-template', name: 'mine', source: 'source', revision: 0, actor: 'person:ines' });
  await Promise.all([print(one, drawn()), print(two, drawn())]);
  const job = await print(two, drawn(300));
  const approved = { kind: 'approve-template', name: 'mine', revision: 1, hash: sha256('source') } as const;
  await two.record({ ...approved, actor: 'person:quinn' });
  await until(async () => ((await one.head()).size === (await two.head()).size ? true : undefined));
  for (const ledger of [one, two, await open(url)]) {
    const first = await ledger.renderSet({ hash: hashOfSet(drawn().set) });
    expect(first).toMatchObject({ number: 1, dpi: 203 });
    expect(await ledger.renderSet({ number: 2 })).toMatchObject({ dpi: 300 });
    expect(await ledger.renderSet({ number: 3 })).toBeUndefined();
    expect(Buffer.from((await ledger.labelContent(sha256(FONT))) ?? []).equals(FONT)).toBe(true);
    const jobs = await ledger.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: 10 });
    expect(jobs.find(({ id }) => id === job)?.set).toBe(2);
    expect((await ledger.approvals('mine')).map(({ revision, by }) => [revision, by])).toEqual([[1, 'person:quinn']]);
    expect(await ledger.approvedTemplate('mine')).toMatchObject({ revision: 1, source: 'source' });
  }
});

it('a ledger that moves from SQLite keeps its contents', async () => {
  const data = tempFolder();
  await (await openDesk({}, data)).close();
  const before = await openSqliteLedger({ file: ledgerFile(data), onFault: () => {} });
  await before.record({ kind: 'set-printer', printer, actor: 'a' });
  await print(before, drawn());
  await before.close();
  const url = await server.database();
  await moveLedger(ledgerFile(data), url, () => {});
  const after = await open(url);
  expect(await after.renderSet({ number: 1 })).toMatchObject({ number: 1 });
  for (const { hash, bytes } of drawn().contents ?? [])
    expect(Buffer.from((await after.labelContent(hash)) ?? []).equals(bytes)).toBe(true);
});
