import { afterAll, beforeAll } from 'vitest';
import { ledgerContract } from '../support/ledger-contract.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.stop());

ledgerContract('PostgreSQL', async () => ({
  CLAIMSTAMP_LEDGER: await server.database(),
  CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
}));
