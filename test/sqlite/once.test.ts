import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { Once } from '../../src/decide/command.ts';
import { isCode, type ErrorCode } from '../../src/platform/error.ts';
import type { Ledger } from '../../src/contract/ledger.ts';
import type { Make } from '../../src/decide/make-units.ts';
import { openLedgerFile, type LedgerFile } from '../../src/sqlite/ledger-file.ts';
import { ledgerFile, openSqliteLedger } from '../../src/sqlite/sqlite-ledger.ts';
import { migrate, migrations } from '../../src/sqlite/open.ts';
import { systemRandom } from '../../src/model/claim-id.ts';
import { audit } from '../support/audit.ts';
import { NOON } from '../support/map-ledger.ts';
import { tempFolder } from '../support/service.ts';
import { startLedger } from '../support/ledger-process.ts';

/* A request that may be sent again is recorded once, whatever happens between the two. */

const hashOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const once = (key: string, request = 'one unit'): Once => ({ key: hashOf(key), fingerprint: hashOf(request) });

const make = (settings: Partial<Make & { once: Once }> = {}): Make & { once?: Once } => ({
  kind: 'make',
  as: 'issued',
  product: 'DEMO',
  count: 1,
  strict: false,
  actor: 'token:erp',
  ...settings,
});

const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

async function openLedger(data = tempFolder()): Promise<Ledger> {
  const ledger = await openSqliteLedger({ file: ledgerFile(data), onFault: () => {} });
  opened.push(ledger);
  return ledger;
}

async function expectRefused(asked: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(asked).rejects.toSatisfy((error) => isCode(error, code));
}

/** Rows of kept answers in a ledger that nobody has open. */
function keptIn(data: string): number {
  const db = new Database(ledgerFile(data), { readonly: true });
  const count = db.prepare(`SELECT count(*) FROM once`).pluck().get() as number;
  db.close();
  return count;
}

describe('the same key with the same request', () => {
  it('gets the same answer and records nothing again', async () => {
    const ledger = await openLedger();
    const first = await ledger.record(make({ count: 3, once: once('a') }));
    const { size } = await ledger.head();
    expect(await ledger.record(make({ count: 3, once: once('a') }))).toEqual(first);
    expect((await ledger.head()).size).toBe(size);
    expect(await ledger.record(make({ count: 3, once: once('b') }))).not.toEqual(first);
  });

  it('gets it after the ledger was closed and opened again, too', async () => {
    const data = tempFolder();
    const ledger = await openLedger(data);
    const first = await ledger.record(make({ once: once('a') }));
    await ledger.close();
    const again = await openLedger(data);
    expect(await again.record(make({ once: once('a') }))).toEqual(first);
    await again.close();
    expect(audit(data).ucis).toHaveLength(1);
  });

  it('gets it after kill -9, too', async () => {
    const data = tempFolder();
    const killed = await startLedger(data);
    const first = await killed.record(make({ once: once('a') }));
    await killed.kill();
    const again = await openLedger(data);
    expect(await again.record(make({ once: once('a') }))).toEqual(first);
    await again.close();
    expect(audit(data).ucis).toEqual(first.units.map(({ uci }) => uci));
  });

  it('asked fifty times at once is one unit', async () => {
    const data = tempFolder();
    const ledger = await openLedger(data);
    const asked = Array.from({ length: 50 }, () => ledger.record(make({ once: once('a') })));
    const answers = (await Promise.all(asked)).map(({ units }) => units[0]?.uci);
    expect(new Set(answers).size).toBe(1);
    await ledger.close();
    expect(audit(data).ucis).toEqual([answers[0]]);
  });

  it('gets what it got then, also where it would be refused now', async () => {
    const ledger = await openLedger();
    const made = make({ serial: 'ACME-1', once: once('a') });
    const first = await ledger.record(made);
    await expectRefused(ledger.record({ ...made, once: once('b') }), 'serial-taken');
    expect(await ledger.record(made)).toEqual(first);
  });

  it('keeps the answers that say nothing, as well', async () => {
    const ledger = await openLedger();
    const read = { kind: 'note-bulk-read', what: 'units', filter: {}, count: 7, actor: 'token:erp' } as const;
    expect(await ledger.record({ ...read, once: once('a') })).toBeNull();
    expect(await ledger.record({ ...read, once: once('a') })).toBeNull();
    expect((await ledger.head()).size).toBe(1);
  });
});

describe('the same key with another request', () => {
  it('is refused, and neither recorded nor taken for the first', async () => {
    const ledger = await openLedger();
    const first = await ledger.record(make({ once: once('a') }));
    const { size } = await ledger.head();
    await expectRefused(ledger.record(make({ count: 2, once: once('a', 'two units') })), 'key-reused');
    expect((await ledger.head()).size).toBe(size);
    expect(await ledger.record(make({ once: once('a') }))).toEqual(first);
  });

  it('is refused beside the first in one group, which is recorded', async () => {
    const ledger = await openLedger();
    const asked = ['one', 'two', 'one', 'two'].map((request) => ledger.record(make({ once: once('a', request) })));
    const results = await Promise.allSettled(asked);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  });
});

it('a refused command keeps nothing: the key is free for the request put right', async () => {
  const data = tempFolder();
  const ledger = await openLedger(data);
  await expectRefused(ledger.record(make({ count: 2, serial: 'S-1', once: once('a', 'wrong') })), 'invalid');
  await expectRefused(ledger.record(make({ count: 2, serial: 'S-1', once: once('a', 'wrong') })), 'invalid');
  await ledger.record(make({ serial: 'S-1', once: once('a', 'right') }));
  await ledger.close();
  expect(keptIn(data)).toBe(1);
});

describe('kept answers', () => {
  const HOUR = 3_600_000;
  let now: number;
  let db: Database.Database;
  let book: LedgerFile;
  const ask = (key: string): unknown => book.commit([make({ once: once(key) })])[0];
  const kept = (): number => db.prepare(`SELECT count(*) FROM once`).pluck().get() as number;

  it('last a day, and go when others come', () => {
    now = NOON;
    db = new Database(':memory:');
    migrate(db, migrations());
    book = openLedgerFile(db, () => now, systemRandom);
    const first = ask('first') as { answer: unknown };
    now += HOUR;
    for (let i = 0; i < 9; i++) ask(`early ${i}`);
    now = NOON + 24 * HOUR;
    ask('at the end of the day');
    expect(ask('first')).toEqual({ answer: first.answer, events: 0 });
    expect(kept()).toBe(11);

    now += 1;
    ask('a moment later');
    expect(kept(), 'the first has gone').toBe(11);
    expect((ask('first') as { events: number }).events, 'it is a new request').toBeGreaterThan(0);

    // Two go for each that comes: the table shrinks faster than it grows.
    now = NOON + 40 * HOUR;
    for (let i = 0; i < 5; i++) ask(`late ${i}`);
    expect(kept()).toBe(3 + 5);
    db.close();
  });

  it('that are too old or from the future are no answers, and the new answer replaces them', () => {
    now = NOON;
    db = new Database(':memory:');
    migrate(db, migrations());
    book = openLedgerFile(db, () => now, systemRandom);
    for (const far of [-24 * HOUR - 1, 24 * HOUR + 1]) {
      now = NOON;
      ask(`far ${far}`);
      db.prepare(`UPDATE once SET at = ?, answer = '{"units":[{"uci":"EVEEVEEVE0"}]}'`).run(NOON + far);
      const made = ask(`far ${far}`) as { answer: unknown; events: number };
      expect(JSON.stringify(made.answer)).not.toContain('EVEEVEEVE0');
      // Time servers may set the clock back a little.
      now -= HOUR;
      expect(ask(`far ${far}`)).toEqual({ answer: made.answer, events: 0 });
    }
    db.close();
  });
});
