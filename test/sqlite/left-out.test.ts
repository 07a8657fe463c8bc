import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { readLeftOut } from '../../src/sqlite/left-out.ts';
import { makeBusyLedger } from '../support/busy-ledger.ts';
import { tempFolder } from '../support/service.ts';

it('units that figures leave out are found by index, however many units there are', () => {
  const { file } = makeBusyLedger(tempFolder(), 500, 7);
  const prepared: string[] = [];
  const prepare: Database.Database['prepare'] = Reflect.get(Database.prototype, 'prepare');
  Reflect.set(Database.prototype, 'prepare', function (this: Database.Database, sql: string) {
    prepared.push(sql);
    return Reflect.apply(prepare, this, [sql]);
  });
  try {
    expect(readLeftOut(file).size).toBe(0);
  } finally {
    Reflect.set(Database.prototype, 'prepare', prepare);
  }
  const db = new Database(file, { readonly: true });
  const plans = prepared
    .filter((sql) => / unit\b/.test(sql))
    .map((sql) => db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all());
  db.close();
  const steps = plans.flat().map(({ detail }) => detail);
  expect(steps.filter((step) => /unit_(work_order|reference)/.test(step))).toHaveLength(2);
  expect(steps.filter((step) => step === 'SCAN unit')).toEqual([]);
});
