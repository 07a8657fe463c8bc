import { afterAll, beforeAll } from 'vitest';
import { moveLedger } from '../../src/postgres/migrate-ledger.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';
import { returnContract } from '../support/return-contract.ts';
import { openDesk, tempFolder } from '../support/service.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.stop());

returnContract('PostgreSQL', async ({ data }) => {
  const url = await server.database();
  await moveLedger(ledgerFile(data), url, () => {});
  // Each process builds the tables of its copy from the events.
  return () => openDesk({ CLAIMSTAMP_LEDGER: url, CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY }, tempFolder());
});
