import { expect, it } from 'vitest';
import { fill } from '../../bench/fill.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openReader } from '../../src/sqlite/reader.ts';
import { tempFolder } from '../support/service.ts';

const SIZE = { units: 500, workOrders: 4, stations: 2, products: 2 };

it('the ledger with a long history, which the benchmark makes, is one that the service could have made', async () => {
  const data = tempFolder();
  fill(data, SIZE, () => {});
  expect(await verifyLedger(ledgerFile(data))).toMatchObject({ ok: true, findings: [] });
  const reader = openReader(ledgerFile(data));
  expect(reader.workOrders().map(({ units }) => units)).toEqual([125, 125, 125, 125]);
  expect(reader.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: 1000, state: 'done' })).toHaveLength(500);
  reader.close();
});
