import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { copyLedger } from '../../src/sqlite/copy-ledger.ts';
import { dropUnproven } from '../../src/sqlite/drop-unproven.ts';
import { isAmidImport } from '../../src/sqlite/import-rows.ts';
import { openForReading } from '../../src/sqlite/open.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { audit } from '../support/audit.ts';
import { begin, claim, imported, send, toImport, uciOf, unit } from '../support/import-steps.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

/* A backup of a ledger in the middle of an import. */

const ucis = [0, 1, 2, 3].map(uciOf);

/** A ledger with an import of four units in two parts, of which `recorded` are recorded. */
async function amid(recorded: number): Promise<Desk> {
  const desk = await openDesk();
  const units = [0, 1, 2, 3].map(unit);
  await claim(desk, 'import-1', units.slice(0, 2), 0, { total: 4 });
  await claim(desk, 'import-1', units.slice(2), 1, { total: 4 });
  await begin(desk, 'import-1', units);
  for (let n = 0; n < recorded; n++) await desk.house.ledger.record({ kind: 'record-units', import: 'import-1' });
  return desk;
}

/** Restores a copy of the ledger into another data folder, and opens it. */
async function restored(desk: Desk, change = ''): Promise<Desk> {
  const data = tempFolder();
  const file = ledgerFile(data);
  copyLedger(ledgerFile(desk.data), file);
  const db = new Database(file);
  db.exec(change);
  db.close();
  dropUnproven(file, Date.now());
  return openDesk({}, data);
}

describe('a restored backup', () => {
  it.each([0, 1, 2])('with %i of 2 recorded parts of an import has all its units', async (recorded) => {
    const again = await restored(await amid(recorded));
    expect(await imported(again)).toEqual(ucis);
    audit(again.data);
  });

  it('drops the claims of an import that had not begun', async () => {
    const desk = await openDesk();
    await claim(desk, 'import-1', [unit(0)]);
    const again = await restored(desk);
    expect(await imported(again)).toEqual([]);
    expect((await send(again, { units: toImport(0, 1) })).status).toBe(201);
  });

  it('records no unit that the event of the import does not prove', async () => {
    const forged = `UPDATE import_part SET units = replace(units, '${ucis[3]}', '0000000009')`;
    const again = await restored(await amid(1), forged);
    expect(await imported(again)).toEqual(ucis.slice(0, 2));
  });

  it('takes the actor from the event, and not from a row', async () => {
    const forged = `UPDATE import SET row = replace(row, '"actor":"test"', '"actor":"mallory"')`;
    const again = await restored(await amid(1), forged);
    expect(await imported(again)).toEqual(ucis);
    expect(audit(again.data).lines.filter((line) => line.includes('mallory'))).toEqual([]);
  });
});

it('appended events for a restore end before an import or after it', async () => {
  const desk = await amid(1);
  const size = await desk.size();
  const at = (events: number): boolean => {
    const db = openForReading(join(desk.data, 'ledger.db'));
    try {
      return isAmidImport(db, events);
    } finally {
      db.close();
    }
  };
  // The last events: import-begun, product-set, and two units.
  expect([size - 4, size - 3, size].map(at)).toEqual([false, true, true]);
  await desk.house.ledger.record({ kind: 'record-units', import: 'import-1' });
  const ended = await desk.size();
  expect([size - 4, size, ended - 1, ended].map(at)).toEqual([false, true, true, false]);
  // The next import remembers the events of this one.
  await send(desk, { units: toImport(10, 300) });
  expect([size, ended, await desk.size()].map(at)).toEqual([true, false, false]);
});
