import { afterAll, beforeAll } from 'vitest';
import { feedContract } from '../support/feed-contract.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
}, 120_000);
afterAll(() => server.stop());

feedContract('PostgreSQL', async () => ({
  CLAIMSTAMP_LEDGER: await server.database(),
  CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
}));
