import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { openDesk, tempFolder } from '../support/service.ts';

it('numbers of units that became void before an upgrade of the ledger are never drawn', async () => {
  const data = tempFolder();
  const desk = await openDesk({}, data);
  const make = async (mac: string): Promise<void> => {
    const { id } = (await desk.agent({ product: 'DEMO', mac })).body;
    await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'other', note: 'test' });
  };
  await make('0xA4C138000001');
  const { id } = (await desk.agent({ product: 'DEMO', serial: 'S-1' })).body;
  await desk.agent({ product: 'DEMO', serial: 'S-1', mac: 'a4-c1-38-0-0-2' });
  await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'other', note: 'test' });
  await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:00:00:03' });
  await desk.close();

  const db = new Database(join(data, 'ledger.db'));
  const rows = (): unknown[] => db.prepare(`SELECT property, name FROM former_identity ORDER BY unit, property`).all();
  expect(rows()).toEqual([
    { property: 'mac', name: 'a4c138000001' },
    { property: 'mac', name: 'a4c138000002' },
    { property: 'serial', name: 'S-1' },
  ]);
  const stored = rows();
  db.exec(`DROP TABLE former_identity; DELETE FROM migration WHERE name = '0044_former_identity.sql'`);
  db.close();

  const upgraded = await openDesk({}, data);
  const pools = { pools: ['mac=A4C138000001-A4C1380000FF'], poolAnswers: ['mac'] };
  expect((await upgraded.ask('PUT', '/v1/products/DEMO', pools)).status).toBe(200);
  expect((await upgraded.agent({ product: 'DEMO' })).body).toMatchObject({ mac: 'A4:C1:38:00:00:04' });
  await upgraded.close();
  const after = new Database(join(data, 'ledger.db'), { readonly: true });
  expect(after.prepare(`SELECT property, name FROM former_identity ORDER BY unit, property`).all()).toEqual(stored);
  after.close();
  expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
});
