import { expect } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { returnContract } from '../support/return-contract.ts';
import { openDesk } from '../support/service.ts';

let opened = 0;

returnContract('SQLite', async ({ data, size }) => async () => {
  // The check builds all tables again from the events, and compares them.
  if (opened > 0) expect((await verifyLedger(ledgerFile(data), {}, () => {})).findings).toEqual([]);
  const desk = await openDesk({}, data);
  // The file of the first life was written without a service, so it has no checkpoint.
  if (opened++ === 0) await desk.ask('POST', '/v1/ledger/accept', { size });
  return desk;
});
