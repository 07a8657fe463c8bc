import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, run, startService, tempFolder } from '../support/service.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.stop());

it('a ledger moves from SQLite to PostgreSQL with its tree, its people and its devices', async () => {
  const data = tempFolder();
  const before = await startService(data);
  const ids = new Map<string, string>();
  for (let n = 0; n < 30; n++)
    ids.set(`m${n}`, idOf(await attempt(before.port, JSON.stringify({ product: 'DEMO', mac: `m${n}` }))));
  await api(before, 'PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-0001' });
  const { token } = (await api<{ token: string }>(before, 'POST', '/v1/tokens', { name: 'ci', role: 'qa' })).body;
  await before.end('SIGTERM');

  const url = await server.database();
  const env = { CLAIMSTAMP_LEDGER: url, CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY };
  const early = await run('claimstamp', ['issue', '--product', 'DEMO'], data, env);
  expect([early.code, early.stderr]).toEqual([
    1,
    expect.stringContaining('move that ledger to PostgreSQL with claimstamp migrate'),
  ]);
  const moved = await run('claimstamp', ['migrate'], data, env);
  expect(moved.code, moved.stderr).toBe(0);
  expect(moved.stdout).toMatch(/^\d+ events moved; the tree head of both ledgers is [0-9a-f]{64}\n$/);
  expect(existsSync(join(data, 'ledger.db'))).toBe(false);
  expect(existsSync(join(data, 'ledger.db.moved'))).toBe(true);
  expect((await run('claimstamp', ['verify', join(data, 'ledger.db.moved')], data)).code).toBe(0);

  const after = await startService(data, env);
  for (const [mac, id] of ids)
    expect(idOf(await attempt(after.port, JSON.stringify({ product: 'DEMO', mac })))).toBe(id);
  const { people } = (await api<{ people: object[] }>(after, 'GET', '/v1/people')).body;
  expect(people).toMatchObject([{ name: 'olga', hasBadge: true }]);
  const asked = await fetch(`${after.url}/v1/products`, { headers: { authorization: `Bearer ${token}` } });
  expect(asked.status).toBe(200);
  expect(idOf(await attempt(after.port, JSON.stringify({ product: 'DEMO' })))).not.toBe([...ids.values()][0]);
  await after.end('SIGTERM');

  // Into a database that has a ledger nothing is moved.
  const other = tempFolder();
  const second = await startService(other);
  await attempt(second.port, JSON.stringify({ product: 'DEMO' }));
  await second.end('SIGTERM');
  const refused = await run('claimstamp', ['migrate'], other, env);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('use an empty database')]);
  expect(existsSync(join(other, 'ledger.db'))).toBe(true);
});

it('a ledger that does not continue its checkpoint is not moved: nobody could notice it there', async () => {
  const data = tempFolder();
  const service = await startService(data);
  await attempt(service.port, JSON.stringify({ product: 'DEMO' }));
  await service.end('SIGTERM');
  rmSync(join(data, 'checkpoint'));
  const env = { CLAIMSTAMP_LEDGER: await server.database(), CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY };
  const refused = await run('claimstamp', ['migrate'], data, env);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/nothing was moved[^]*is missing/)]);
  expect(existsSync(join(data, 'ledger.db'))).toBe(true);
});
