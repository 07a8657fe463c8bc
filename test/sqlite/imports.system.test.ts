import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { importContract } from '../support/import-contract.ts';
import { begin, claim, imported, unit } from '../support/import-steps.ts';
import { openDesk } from '../support/service.ts';

importContract('SQLite', async () => ({}));

/** Makes the ledger one of the version before the index of claimed S/Ns. */
function withoutClaimedSerials(file: string): void {
  const db = new Database(file);
  db.exec(`DROP INDEX claimed_serial; DELETE FROM migration WHERE name LIKE '%_claimed_serials.sql'`);
  db.close();
}

it.each([
  ['completes an import that began', true],
  ['drops the claims of an import that did not begin', false],
])('an upgrade in the middle of an import %s', async (_, began) => {
  const desk = await openDesk();
  const units = Array.from({ length: 4 }, (_none, i) => ({ ...unit(i), serial: `S-${i}` }));
  await claim(desk, 'import-1', units.slice(0, 2), 0, { total: 4 });
  await claim(desk, 'import-1', units.slice(2), 1, { total: 4 });
  if (began) {
    await begin(desk, 'import-1', units);
    await desk.house.ledger.record({ kind: 'record-units', import: 'import-1' });
  }
  await desk.close();
  withoutClaimedSerials(ledgerFile(desk.data));
  const again = await openDesk({}, desk.data);
  expect(await imported(again)).toEqual(began ? units.map(({ uci }) => uci) : []);
  const { status } = await again.agent({ product: 'DEMO', mac: 'other', serial: 'S-3' });
  expect(status).toBe(began ? 409 : 200);
});
