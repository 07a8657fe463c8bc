import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDesk, run, tempFolder, type Desk } from '../support/service.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

/* Two services on one ledger, on a real PostgreSQL. */

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.stop());

const settings = async (): Promise<Record<string, string>> => ({
  CLAIMSTAMP_LEDGER: await server.database(),
  CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
});

/** Waits until this service has every event of the other. */
async function caughtUp(desk: Desk, other: Desk): Promise<void> {
  const size = await other.size();
  await until(async () => ((await desk.size()) >= size ? true : undefined));
}

it('a device that asks one service from one source and another from a second is an alarm at both', async () => {
  const env = await settings();
  const [one, two] = [await openDesk(env), await openDesk(env)];
  const device = { product: 'DEMO', mac: 'm-1' };
  const { id } = (await one.agent(device, '10.0.0.1')).body;
  expect((await two.agent(device, '10.0.0.2')).body.id).toBe(id);
  expect((await one.agent(device, '10.0.0.1')).body.id).toBe(id);
  await caughtUp(two, one);
  for (const desk of [one, two]) {
    expect((await desk.ask('GET', `/v1/units/${id}`)).body).toMatchObject({ sourceChanges: 2 });
    const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units?alarm=true')).body;
    expect(units.map(({ uci }) => uci)).toEqual([id]);
  }
});

it('a product with sameSource refuses at each service the source that another one did not see', async () => {
  const env = await settings();
  const [one, two] = [await openDesk(env), await openDesk(env)];
  await one.ask('PUT', '/v1/products/DEMO', { sameSource: true });
  const device = { product: 'DEMO', mac: 'm-1' };
  const { id } = (await one.agent(device, '10.0.0.1')).body;
  const refused = await two.agent(device, '10.0.0.2');
  expect(refused.body).toMatchObject({ type: 'urn:claimstamp:problem:other-source', status: 409 });
  expect((await two.agent(device, '10.0.0.1')).body.id).toBe(id);
});

it('the products that a source adds count together at all services', async () => {
  const env = { ...(await settings()), CLAIMSTAMP_PRODUCT_CAP: '1' };
  const [one, two] = [await openDesk(env), await openDesk(env)];
  expect((await one.agent({ product: 'ONE' }, '10.0.0.1')).status).toBe(200);
  expect((await two.agent({ product: 'TWO' }, '10.0.0.1')).body.detail).toMatch(/has added 1 new products today/);
  expect((await two.agent({ product: 'TWO' }, '10.0.0.2')).status).toBe(200);
});

it('claimstamp key rotate signing refuses a shared ledger, says what to do, and changes nothing', async () => {
  const env = await settings();
  const desk = await openDesk(env);
  await desk.agent({ product: 'DEMO' });
  const size = await desk.size();
  const out = await run('claimstamp', ['key', 'rotate', 'signing'], tempFolder(), env);
  expect([out.code, out.stdout]).toEqual([1, '']);
  expect(out.stderr).toMatch(/CLAIMSTAMP_SIGNING_KEY.*this command cannot replace it.*set a new key.*restart/);
  expect(await desk.size()).toBe(size);
});
