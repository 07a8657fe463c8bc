import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

const OPEN = { HOST: '0.0.0.0', CLAIMSTAMP_AGENT_ACCESS: 'open' };
const DAY_MS = 24 * 60 * 60 * 1000;

/** The process's monotonic clock stands still, so that no token comes back during a test. */
let clock = 0;
beforeEach(() => {
  clock = 1_000_000;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Changes a ledger that no service has open. */
function change(data: string, sql: string): void {
  const db = new Database(join(data, 'ledger.db'));
  db.exec(sql);
  db.close();
}

type Reply = Awaited<ReturnType<Desk['agent']>>;

async function statuses(times: number, ask: (n: number) => Promise<Reply>): Promise<Record<number, number>> {
  // All at once, because refusals beyond 1,200 a minute wait for a second each.
  const replies = await Promise.all(Array.from({ length: times }, (_one, n) => ask(n)));
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const unknown = (desk: Desk, from: string) => () => desk.agent({}, from);

interface State {
  alarms: { code: string; detail: string; count: number }[];
}
const alarmsAt = async (desk: Desk, station: string) =>
  (await desk.ask<State>('GET', `/v1/stations/${station}`)).body.alarms;

describe('a new installation that other machines can reach', () => {
  it('answers 1,200 requests a minute for each source', async () => {
    const desk = await openDesk(OPEN);
    expect(await statuses(1203, unknown(desk, '10.0.0.1'))).toEqual({ 400: 1200, 429: 3 });
    expect((await desk.agent({ product: 'DEMO' }, '10.0.0.2')).status).toBe(200);
  });

  it('delays the refusals of an address that is refused more than 40 times at once, and no other answer', async () => {
    const desk = await openDesk(OPEN);
    const order: string[] = [];
    const ask = async (name: string, from: string, body = {}): Promise<void> => {
      await desk.agent(body, from);
      order.push(name);
    };
    await Promise.all([
      ...Array.from({ length: 50 }, () => ask('refused', '10.0.0.1')),
      ask('served', '10.0.0.1', { product: 'DEMO' }),
      ask('neighbour', '10.0.0.2'),
    ]);
    expect(order.slice(0, 42).toSorted()).toEqual(['neighbour', ...Array<string>(40).fill('refused'), 'served']);
    expect(order.slice(42)).toEqual(Array<string>(10).fill('refused'));
  });

  it('is also one behind a trusted proxy', async () => {
    const desk = await openDesk({ CLAIMSTAMP_TRUSTED_PROXIES: '10.9.9.9' });
    expect(await statuses(1201, unknown(desk, '10.0.0.1'))).toEqual({ 400: 1200, 429: 1 });
  });

  it('takes an IPv6 network for one source', async () => {
    const desk = await openDesk({ ...OPEN, CLAIMSTAMP_ADDRESS_RATE: '2' });
    expect(await statuses(3, (n) => desk.agent({}, `2001:db8:0:1::${n + 1}`))).toEqual({ 400: 2, 429: 1 });
    expect((await desk.agent({}, '2001:db8:0:2::1')).status).toBe(400);
  });

  it('counts requests with the key of a station for that key, and wrong keys for the address', async () => {
    const desk = await openDesk({ ...OPEN, CLAIMSTAMP_ADDRESS_RATE: '2' });
    const keys: string[] = [];
    for (const name of ['NEST-1', 'NEST-2']) {
      await desk.ask('PUT', `/v1/stations/${name}`, {});
      keys.push((await desk.ask<{ key: string }>('POST', `/v1/stations/${name}/key`, {})).body.key);
    }
    const at = (key: string, from: string) => () => desk.agent({}, from, `/ioto/serialize/${key}`);
    expect(await statuses(3, at('A'.repeat(27), '10.0.0.1'))).toEqual({ 404: 2, 429: 1 });
    expect(await statuses(3, at(keys[0] ?? '', '10.0.0.1'))).toEqual({ 400: 2, 429: 1 });
    expect(await statuses(1, at(keys[0] ?? '', '10.0.0.2'))).toEqual({ 429: 1 });
    expect(await statuses(3, at(keys[1] ?? '', '10.0.0.1'))).toEqual({ 400: 2, 429: 1 });
  });

  it('raises an alarm above the rate of a station and refuses nothing, until the rate is set', async () => {
    const desk = await openDesk(OPEN);
    await desk.ask('PUT', '/v1/stations/NEST', { sources: ['10.0.0.0/24'] });
    expect(await statuses(125, unknown(desk, '10.0.0.1'))).toEqual({ 400: 125 });
    expect(await alarmsAt(desk, 'NEST')).toMatchObject([
      {
        code: 'rate-limited',
        count: 5,
        detail: expect.stringMatching(/more than 120 requests a minute at station NEST/) as string,
      },
    ]);
    const set = await openDesk({ ...OPEN, CLAIMSTAMP_STATION_RATE: '2' });
    expect(await statuses(3, unknown(set, '10.0.0.1'))).toEqual({ 400: 2, 429: 1 });
    expect(await alarmsAt(set, 'default')).toEqual([]);
  });

  it('refuses a body above 4,096 bytes and keeps nothing of it', async () => {
    const desk = await openDesk(OPEN);
    const size = await desk.size();
    const refused = await desk.agent({ product: 'DEMO', note: 'x'.repeat(4096) }, '10.0.0.1');
    expect(refused.status).toBe(413);
    expect(refused.body.detail).toMatch(/send at most 4096, or raise CLAIMSTAMP_BODY_LIMIT$/);
    expect(await desk.size()).toBe(size);
    expect((await desk.agent({ product: 'DEMO', note: 'x'.repeat(4000) }, '10.0.0.1')).status).toBe(200);
  });

  it('gives one source a limited number of new Claim IDs an hour, and goes on answering those that have one', async () => {
    const desk = await openDesk({ ...OPEN, CLAIMSTAMP_SOURCE_CAP: '3' });
    const device = (n: number, from = '10.0.0.1') => desk.agent({ product: 'DEMO', mac: `m-${n}` }, from);
    expect(await statuses(5, (n) => device(n))).toEqual({ 200: 3, 429: 2 });
    expect(await statuses(3, (n) => device(n))).toEqual({ 200: 3 });
    expect((await device(9, '10.0.0.2')).status).toBe(200);
    const refused = await device(9.5);
    expect(refused.body.detail).toMatch(/raise CLAIMSTAMP_SOURCE_CAP$/);
    expect(refused.headers.get('retry-after')).toBe('1200');
    clock += 1_200_000;
    expect(await statuses(2, (n) => device(n + 20))).toEqual({ 200: 1, 429: 1 });
  });

  it('lets one source add five products a day, also across a restart', async () => {
    const data = tempFolder();
    let desk = await openDesk(OPEN, data);
    const add = (n: number, from = '10.0.0.1') => desk.agent({ product: `P-${n}` }, from);
    expect(await statuses(3, (n) => add(n))).toEqual({ 200: 3 });
    await desk.close();
    desk = await openDesk(OPEN, data);
    expect(await statuses(4, (n) => add(n + 3))).toEqual({ 200: 2, 422: 2 });
    expect((await add(0)).status).toBe(200);
    expect((await add(10, '10.0.0.2')).status).toBe(200);
    expect((await add(11)).body.detail).toMatch(/10\.0\.0\.1 has added 5 new products today/);
    await desk.close();
    // The ledger's thread has a clock of its own: so that these five were added yesterday.
    change(data, 'UPDATE invented SET day = day - 1');
    desk = await openDesk(OPEN, data);
    expect(await statuses(6, (n) => add(n + 20))).toEqual({ 200: 5, 422: 1 });
  });

  it('names all limits at its start, and turns each off with "off" or 0', async () => {
    const desk = await openDesk({ ...OPEN, CLAIMSTAMP_ADDRESS_RATE: 'off', CLAIMSTAMP_PRODUCT_CAP: '0' });
    const line =
      desk
        .log()
        .split('\n')
        .find((one) => one.includes('limits for agents')) ?? '{}';
    expect((JSON.parse(line) as { limits: object }).limits).toEqual({
      CLAIMSTAMP_ADDRESS_RATE: 'off',
      CLAIMSTAMP_STATION_RATE: '120, alarm',
      CLAIMSTAMP_HOURLY_CAP: '5000, alarm',
      CLAIMSTAMP_SOURCE_CAP: '6000, refuse',
      CLAIMSTAMP_PRODUCT_CAP: 'off',
      CLAIMSTAMP_BODY_LIMIT: '4096, refuse',
    });
    expect(await statuses(1210, unknown(desk, '10.0.0.1'))).toEqual({ 400: 1210 });
    expect(await statuses(8, (n) => desk.agent({ product: `P-${n}` }, '10.0.0.1'))).toEqual({ 200: 8 });
  });
});

describe('an installation that is older than the limits', () => {
  it('refuses at once if its upgrade is in the future, because the advice would never end', async () => {
    const data = await olderData();
    change(data, `INSERT INTO introduced VALUES ('limits', ${Date.UTC(2100, 0, 1)}, 1)`);
    const desk = await openDesk(OPEN, data);
    expect(desk.log()).not.toContain('refusesFrom');
    expect((await desk.agent({ product: 'DEMO', note: 'x'.repeat(5000) }, '10.0.0.3')).status).toBe(413);
  });

  /** A ledger with events that no version with limits has opened. */
  async function olderData(): Promise<string> {
    const data = tempFolder();
    const desk = await openDesk({}, data);
    await desk.agent({ product: 'DEMO' });
    await desk.close();
    change(data, 'DELETE FROM introduced');
    return data;
  }

  it('logs for seven days what would be refused, and what to do, and then refuses', async () => {
    const data = await olderData();
    let now = Date.now();
    let desk = await openDesk(OPEN, data, () => now);
    const told = /"refusesFrom":"([^"]+)".*set each limit to a number that fits the line, or to off/.exec(desk.log());
    const refusesFrom = Date.parse(told?.[1] ?? '');
    expect(refusesFrom - now).toBeGreaterThan(7 * DAY_MS - 60_000);
    expect(await statuses(1203, unknown(desk, '10.0.0.1'))).toEqual({ 400: 1203 });
    expect(await statuses(7, (n) => desk.agent({ product: `P-${n}` }, '10.0.0.2'))).toEqual({ 200: 7 });
    expect((await desk.agent({ product: 'DEMO', note: 'x'.repeat(5000) }, '10.0.0.3')).status).toBe(200);
    for (const code of ['rate-limited', 'product-unknown', 'too-large'])
      expect(desk.log()).toMatch(
        new RegExp(`"code":"${code}".*a request exceeded a limit: the service only logs this for now`),
      );
    await desk.close();
    now = refusesFrom - 1;
    desk = await openDesk(OPEN, data, () => now);
    expect(await statuses(1201, unknown(desk, '10.0.0.1'))).toEqual({ 400: 1201 });
    now = refusesFrom;
    expect(await statuses(1201, unknown(desk, '10.0.0.4'))).toEqual({ 400: 1200, 429: 1 });
    expect((await desk.agent({ product: 'DEMO', note: 'x'.repeat(5000) }, '10.0.0.3')).status).toBe(413);
  });

  it('refuses at once above a limit that is set', async () => {
    const desk = await openDesk({ ...OPEN, CLAIMSTAMP_ADDRESS_RATE: '2' }, await olderData());
    expect(await statuses(3, unknown(desk, '10.0.0.1'))).toEqual({ 400: 2, 429: 1 });
  });

  it('is not one that was restarted', async () => {
    const data = tempFolder();
    await (await openDesk({}, data)).close();
    const desk = await openDesk(OPEN, data);
    expect(await statuses(1201, unknown(desk, '10.0.0.1'))).toEqual({ 400: 1200, 429: 1 });
    rmSync(join(data, 'serve.json'), { force: true });
  });
});

describe('a product that was added by mistake', () => {
  it('can be removed as long as nothing uses it, and comes back with its defaults', async () => {
    const desk = await openDesk();
    await desk.ask('PUT', '/v1/products/WRONG', { name: 'Wrong', claimIdLength: 16 });
    await desk.ask('PUT', '/v1/products/LATER', {});
    expect((await desk.ask('DELETE', '/v1/products/WRONG')).status).toBe(200);
    expect((await desk.ask('DELETE', '/v1/products/WRONG')).status).toBe(404);
    const { products } = (await desk.ask<{ products: { id: string }[] }>('GET', '/v1/products')).body;
    expect(products.map(({ id }) => id)).toEqual(['LATER']);
    const { id } = (await desk.agent({ product: 'WRONG' })).body;
    expect(id).toHaveLength(10);
    expect((await desk.ask('DELETE', '/v1/products/WRONG')).body).toMatchObject({
      type: 'urn:claimstamp:problem:product-in-use',
    });
    await desk.agent({ product: 'LATER' });
    await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'label-damaged' });
    expect((await desk.ask('DELETE', '/v1/products/WRONG')).status).toBe(409);
    await desk.close();
  });

  it.each([
    ['a station', '/v1/stations/NEST', { product: 'WRONG' }, {}],
    ['a work order', '/v1/work-orders/WO-1', { product: 'WRONG', planned: 5 }, {}],
    ['the default product', '/v1/products/OTHER', {}, { CLAIMSTAMP_DEFAULT_PRODUCT: 'WRONG' }],
  ])('cannot be removed while %s names it', async (_what, path, body, env) => {
    const desk = await openDesk(env);
    await desk.ask('PUT', '/v1/products/WRONG', {});
    await desk.ask('PUT', path, body);
    expect((await desk.ask('DELETE', '/v1/products/WRONG')).status).toBe(409);
  });
});
