import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { exceptionsOf } from '../../src/model/exceptions/exception.ts';
import { EXCEPTIONS, type ExceptionKind } from '../../src/model/exceptions/kinds.ts';
import { openReader } from '../../src/sqlite/reader.ts';
import { makeBusyLedger } from '../support/busy-ledger.ts';
import { tempFolder } from '../support/service.ts';

/* SQLite finds the exceptions by conditions of its own, which must say the same as the model. */

it('the lists and counts of exceptions have the units that the model says, on a ledger of everything', () => {
  const { file } = makeBusyLedger(tempFolder(), 3000, 11);
  const db = new Database(file, { readonly: true });
  const reader = openReader(file);
  const expected = new Map<ExceptionKind, string[]>(EXCEPTIONS.map((kind) => [kind, []]));
  for (const uci of db.prepare<[], string>('SELECT uci FROM unit ORDER BY id').pluck().all()) {
    const { unit } = reader.unit(uci)!;
    for (const kind of exceptionsOf(unit, reader.product(unit.product)!)) expected.get(kind)!.push(uci);
  }
  const { kinds, files, rolls, more } = reader.exceptions(Number.MAX_SAFE_INTEGER);
  for (const kind of EXCEPTIONS) {
    const found: string[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page = reader.units({ exception: kind, after, limit: 100 });
      found.push(...page.units.map(({ uci }) => uci));
      after = page.next;
    }
    const list = expected.get(kind)!;
    expect(found, kind).toEqual(list);
    expect(kinds.find((one) => one.kind === kind)).toMatchObject({ count: list.length, more: false });
    expect(list.length, kind).toBeGreaterThan(0);
  }
  const unused = db
    .prepare<[], number>(
      'SELECT count(*) FROM unit WHERE reservation IS NOT NULL AND issued_at IS NULL AND void_at IS NULL AND scrapped_at IS NULL',
    )
    .pluck()
    .get();
  expect(rolls.reduce((sum, { count }) => sum + count, 0)).toBe(unused);
  expect(files.every(({ count }) => count > 0) && !more).toBe(true);
  expect(reader.exceptions(0).kinds.filter(({ kind }) => kind !== 'wrong-id')).toEqual([
    { kind: 'no-label', count: 0, more: false },
    { kind: 'not-scanned', count: 0, more: false },
  ]);
  reader.close();
  db.close();
});
