import { afterAll, beforeAll, expect, it } from 'vitest';
import { attempt } from '../support/agent-wire.ts';
import { feedContract } from '../support/feed-contract.ts';
import { ADMIN_TOKEN, startService, tempFolder } from '../support/service.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.stop());

feedContract('PostgreSQL', async () => ({
  CLAIMSTAMP_LEDGER: await server.database(),
  CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
}));

it('a cursor of one process is known to another, although its copy has not got the event yet', async () => {
  const url = await server.database();
  const env = { CLAIMSTAMP_LEDGER: url, CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY };
  const [one, two] = [await startService(tempFolder(), env), await startService(tempFolder(), env)];
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const read = (at: { url: string }, after: string, more = {}): Promise<Response> =>
    fetch(`${at.url}/v1/events?after=${after}`, { headers: { ...headers, ...more } });
  let cursor = '0';
  for (let n = 0; n < 20; n++) {
    // Without this connection, a process gets the events of others only about once a second.
    await server.ask(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LISTEN claimstamp%' AND pid <> pg_backend_pid()`,
    );
    expect((await attempt(one.port, JSON.stringify({ product: 'DEMO', mac: `device-${n}` }))).status).toBe(200);
    const answer = await read(one, cursor);
    await answer.text();
    cursor = answer.headers.get('claimstamp-next') ?? '';
    expect((await read(two, cursor)).status).toBe(200);
  }
  const [seq = '0'] = cursor.split('-');
  expect((await read(two, String(Number(seq) + 1000))).status).toBe(409);
  await Promise.all([one.end('SIGTERM'), two.end('SIGTERM')]);
});
