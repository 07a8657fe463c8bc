import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { UnitPage } from '../../src/contract/ledger.ts';
import { openTables } from '../../src/sqlite/tables.ts';
import { openUnitPages } from '../../src/sqlite/unit-pages.ts';
import { openDesk } from '../support/service.ts';

const FOUND: Partial<UnitPage>[] = [
  { uci: 'JT08FFQXWQ' },
  { prefix: 'JT0' },
  { serial: '264800001' },
  { identity: { value: '02:00:00:00:00:01', properties: ['mac', 'uid'], macs: ['mac', 'eui64'] } },
  { workOrder: 'WO-1' },
  { reservation: 'roll-7' },
  { alarm: true },
  { exception: 'wrong-id' },
  { exception: 'not-scanned' },
  { exception: 'file' },
];

it('what leads to few units is looked up by an index, whatever else is asked: agents wait meanwhile', async () => {
  const desk = await openDesk();
  await desk.agent({ product: 'DEMO', mac: '02:00:00:00:00:01' });
  const run: string[] = [];
  const db = new Database(join(desk.data, 'ledger.db'), {
    readonly: true,
    verbose: (sql) => run.push(String(sql)),
  });
  const pages = openUnitPages(db, openTables(db).seen);
  const beside: Partial<UnitPage>[] = [{}, { product: 'DEMO', station: 'default', from: 0, to: 9e15, printed: false }];
  for (const page of FOUND.flatMap((found) => beside.map((more) => ({ ...found, ...more })))) {
    run.length = 0;
    pages({ after: 0, limit: 100, ...page });
    const [sql] = run.filter((text) => text.startsWith('SELECT uci FROM unit'));
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    const ofUnits = plan.map(({ detail }) => detail).filter((detail) => /^(SCAN|SEARCH) unit\b/.test(detail));
    expect(ofUnits.length).toBeGreaterThan(0);
    expect(ofUnits.filter((detail) => detail.startsWith('SCAN') || detail.includes('PRIMARY KEY (rowid>'))).toEqual([]);
  }
  db.close();
});
