import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { agentBytes, idOf, Wire } from '../support/agent-wire.ts';
import { openDesk, startService, tempFolder, type Desk } from '../support/service.ts';

const CONTRACT = readFileSync(join(packageRoot, 'test', 'fixtures', 'serialize-request.http'));

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** The process's monotonic clock, moved by hand; the wall clock goes on by itself. */
let ahead = 0;
beforeEach(() => {
  const real = performance.now.bind(performance);
  ahead = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead);
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Reply = Awaited<ReturnType<Desk['agent']>>;

const statusOf = ({ status }: Reply): number => status;

function retryAfterS({ status, headers }: Reply): number {
  expect(status).toBe(429);
  expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  return Number(headers.get('retry-after'));
}

/** Asks `times` times, one after the other. */
async function repeatedly(times: number, ask: (n: number) => Promise<Reply>): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push(statusOf(await ask(n)));
  return statuses;
}

const countOf = (statuses: number[], status: number): number => statuses.filter((one) => one === status).length;

/** Logged refusals of this reason. */
const logged = (desk: Desk, code: string): number =>
  desk.log().match(new RegExp(`"code":"${code}".*"agent refused"`, 'g'))?.length ?? 0;

const metrics = async (desk: Desk): Promise<string> => {
  const headers = { authorization: `Bearer ${desk.house.localToken}` };
  return (await desk.app.request('/metrics', { headers })).text();
};

describe('limits', () => {
  it('are off unless they are set', async () => {
    const desk = await openDesk();
    const statuses = await repeatedly(300, () => desk.agent({ product: 'DEMO' }, '10.0.0.1'));
    expect(countOf(statuses, 200)).toBe(300);
  });

  it('answer 429 as problem+json that says what to do, and never stop the service for others', async () => {
    const desk = await openDesk({ CLAIMSTAMP_ADDRESS_RATE: '2' });
    await repeatedly(2, () => desk.agent({ product: 'DEMO' }, '10.0.0.1'));
    const refused = await desk.agent({ product: 'DEMO' }, '10.0.0.1');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toMatchObject({
      type: 'urn:claimstamp:problem:rate-limited',
      title: 'More requests than the limit allows',
      status: 429,
      detail: expect.stringMatching(
        /^more than 2 requests a minute from the address 10\.0\.0\.1: ask again in 30 s, or raise CLAIMSTAMP_ADDRESS_RATE$/,
      ) as string,
      requestId: expect.any(String) as string,
    });
    expect((await desk.agent({ product: 'DEMO' }, '10.0.0.2')).status).toBe(200);
    const probe = await desk.app.request('/healthz');
    expect(probe.status).toBe(200);
  });
});

describe('the limit of an address', () => {
  it('says in Retry-After when there is room: a second earlier there is none, and then there is', async () => {
    const desk = await openDesk({ CLAIMSTAMP_ADDRESS_RATE: '6' });
    const ask = () => desk.agent({ product: 'DEMO' }, '10.0.0.1');
    expect(countOf(await repeatedly(6, ask), 200)).toBe(6);
    const waitS = retryAfterS(await ask());
    expect(waitS).toBe(10);
    ahead += (waitS - 1) * 1000;
    expect((await ask()).status).toBe(429);
    ahead += 1000;
    expect(await repeatedly(2, ask)).toEqual([200, 429]);
  });

  it('counts wrong keys, refused addresses and bad bodies too', async () => {
    const env = { CLAIMSTAMP_ADDRESS_RATE: '3' };
    const desk = await openDesk(env);
    const wrongKey = () => desk.agent({ product: 'DEMO' }, '10.0.0.1', `/ioto/serialize/${'A'.repeat(22)}`);
    expect(await repeatedly(4, wrongKey)).toEqual([404, 404, 404, 429]);
    expect((await desk.agent({ product: 'DEMO' }, '10.0.0.1')).status).toBe(429);
    expect(await repeatedly(4, () => desk.agent('{', '10.0.0.2'))).toEqual([400, 400, 400, 429]);
    const closed = await openDesk({ ...env, CLAIMSTAMP_AGENT_ACCESS: 'allowlist' });
    expect(await repeatedly(4, () => closed.agent({}, '10.0.0.1'))).toEqual([403, 403, 403, 429]);
  });

  it('takes an address in its IPv4-mapped form for the same address', async () => {
    const desk = await openDesk({ CLAIMSTAMP_ADDRESS_RATE: '2' });
    const from = ['10.0.0.1', '::ffff:10.0.0.1', '::ffff:10.0.0.1', '10.0.0.1'];
    expect(await repeatedly(4, (n) => desk.agent({ product: 'DEMO' }, from[n]))).toEqual([200, 200, 429, 429]);
  });

  it('does not move with the wall clock', async () => {
    const desk = await openDesk({ CLAIMSTAMP_ADDRESS_RATE: '2', CLAIMSTAMP_HOURLY_CAP: '3' });
    const ask = (source: string) => desk.agent({ product: 'DEMO' }, source);
    await repeatedly(2, () => ask('10.0.0.1'));
    await ask('10.0.0.2');
    const today = Date.now();
    for (const at of [today + YEAR_MS, today - YEAR_MS]) {
      vi.spyOn(Date, 'now').mockReturnValue(at);
      expect(retryAfterS(await ask('10.0.0.1'))).toBe(30);
      expect(retryAfterS(await ask('10.0.0.3'))).toBeGreaterThan(3500);
    }
  });

  it('refuses before the body has come, and the connection goes on', async () => {
    const service = await startService(tempFolder(), { CLAIMSTAMP_ADDRESS_RATE: '1' });
    const wire = new Wire(service.port);
    wire.send(CONTRACT);
    idOf(await wire.answer());
    const bytes = agentBytes('{"product":"DEMO"}');
    wire.send(bytes.subarray(0, bytes.length - 5));
    expect((await wire.answer()).status).toBe(429);
    wire.send(bytes.subarray(bytes.length - 5));
    wire.send(CONTRACT);
    expect((await wire.answer()).status).toBe(429);
    wire.close();
    await service.end('SIGTERM');
  });
});

describe('the limit of a station', () => {
  const KEY_PATH = async (desk: Desk, station: string): Promise<string> => {
    const { key } = (await desk.ask<{ key: string }>('POST', `/v1/stations/${station}/key`, {})).body;
    return `/ioto/serialize/${key}`;
  };

  it('is for all of its addresses together, and leaves the other stations alone', async () => {
    const desk = await openDesk({ CLAIMSTAMP_STATION_RATE: '4' });
    await desk.ask('PUT', '/v1/stations/A', { sources: ['10.0.8.0/28'] });
    await desk.ask('PUT', '/v1/stations/B', {});
    const path = await KEY_PATH(desk, 'B');
    const atA = (n: number) => desk.agent({ product: 'DEMO' }, `10.0.8.${n}`);
    const atB = (n: number) => desk.agent({ product: 'DEMO' }, `10.0.8.${n}`, path);
    expect(await repeatedly(6, atA)).toEqual([200, 200, 200, 200, 429, 429]);
    expect(await repeatedly(6, atB)).toEqual([200, 200, 200, 200, 429, 429]);
    expect((await desk.agent({ product: 'DEMO' }, '192.0.2.1')).status).toBe(200);
    const refused = await atA(1);
    expect(refused.body.detail).toMatch(/requests a minute from station A: ask again in 15 s/);
    ahead += retryAfterS(refused) * 1000;
    expect(await repeatedly(2, atA)).toEqual([200, 429]);
  });

  it('is shown with how many it refused, on the station and in the metrics; the log has one line', async () => {
    const desk = await openDesk({ CLAIMSTAMP_STATION_RATE: '1' });
    await desk.ask('PUT', '/v1/stations/A', { sources: ['10.0.8.1'] });
    await repeatedly(31, () => desk.agent({ product: 'DEMO' }, '10.0.8.1'));
    const { refusals } = (await desk.ask<{ refusals: unknown[] }>('GET', '/v1/stations/A')).body;
    expect(refusals).toMatchObject([{ code: 'rate-limited', count: 30, lastSource: '10.0.8.1' }]);
    expect(await metrics(desk)).toContain('claimstamp_refusals_total{station="A",reason="rate-limited"} 30\n');
    expect(logged(desk, 'rate-limited')).toBe(1);
  });
});

describe('the cap of an hour', () => {
  const device = (n: number) => ({ product: 'DEMO', mac: `m-${n}` });

  it('counts new Claim IDs only: who has one gets it again, also when the cap is reached', async () => {
    const desk = await openDesk({ CLAIMSTAMP_HOURLY_CAP: '3' });
    const first = (await desk.agent(device(0))).body.id;
    for (let n = 0; n < 10; n++) expect((await desk.agent(device(0))).body.id).toBe(first);
    expect(await repeatedly(4, (n) => desk.agent(device(n)))).toEqual([200, 200, 200, 429]);
    expect((await desk.agent(device(0))).body.id).toBe(first);
    expect(await repeatedly(2, (n) => desk.agent(device(n + 2)))).toEqual([200, 429]);
  });

  it('counts no reserved units, imported units or refusals, and their devices still get their Claim IDs', async () => {
    const desk = await openDesk({ CLAIMSTAMP_HOURLY_CAP: '1' });
    const roll = { name: 'ROLL', product: 'DEMO', count: 2 };
    const { units } = (await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/reservations', roll)).body;
    const giveArmed = async (n: number) => {
      await desk.ask('POST', '/v1/stations/default/arm', { code: units[n]?.uci });
      expect((await desk.agent(device(n))).body.id).toBe(units[n]?.uci);
    };
    await giveArmed(0);
    expect(await repeatedly(3, () => desk.agent({ product: 'DEMO', mac: '' }))).toEqual([400, 400, 400]);
    expect(await repeatedly(2, (n) => desk.agent(device(n + 10)))).toEqual([200, 429]);
    await giveArmed(1);
  });

  it('is not passed by requests that come together', async () => {
    const desk = await openDesk({ CLAIMSTAMP_HOURLY_CAP: '7' });
    const replies = await Promise.all(Array.from({ length: 50 }, (_, n) => desk.agent(device(n))));
    const statuses = replies.map(statusOf);
    expect([countOf(statuses, 200), countOf(statuses, 429)]).toEqual([7, 43]);
    expect(new Set(replies.flatMap(({ body }) => body.id ?? [])).size).toBe(7);
  });

  it('gives back the places of repeats that come together', async () => {
    const desk = await openDesk({ CLAIMSTAMP_HOURLY_CAP: '4' });
    await desk.agent(device(0));
    const repeats = await Promise.all(Array.from({ length: 20 }, () => desk.agent(device(0))));
    expect(countOf(repeats.map(statusOf), 200)).toBe(20);
    expect(await repeatedly(4, (n) => desk.agent(device(n + 1)))).toEqual([200, 200, 200, 429]);
  });

  it('says in Retry-After when there is room: until then nobody gets in, and then as many as came at that time', async () => {
    const desk = await openDesk({ CLAIMSTAMP_HOURLY_CAP: '3' });
    await desk.agent(device(0));
    ahead += 30 * MINUTE_MS;
    await repeatedly(2, (n) => desk.agent(device(n + 1)));
    const waitS = retryAfterS(await desk.agent(device(3)));
    expect(waitS).toBeGreaterThanOrEqual(30 * 60 - 1);
    expect(waitS).toBeLessThanOrEqual(31 * 60);
    ahead += (waitS - 2) * 1000;
    expect((await desk.agent(device(3))).status).toBe(429);
    ahead += 2000;
    expect(await repeatedly(2, (n) => desk.agent(device(n + 3)))).toEqual([200, 429]);
  });

  it('tells a device what waiting does not mend before it tells it to wait', async () => {
    const desk = await openDesk({ CLAIMSTAMP_HOURLY_CAP: '1', CLAIMSTAMP_PRODUCTS: 'strict' });
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.agent({ ...device(0), serial: 'SN-1' });
    expect((await desk.agent({ product: 'OTHER' })).status).toBe(422);
    expect((await desk.agent({ product: 'DEMO', mac: 'm-1', serial: 'SN-1' })).status).toBe(409);
    expect((await desk.agent(device(1))).status).toBe(429);
  });
});

describe('a refused agent that asks for ever', () => {
  it.each([
    ['address', 'rate-limited', { CLAIMSTAMP_ADDRESS_RATE: '1' }],
    ['station', 'rate-limited', { CLAIMSTAMP_STATION_RATE: '1' }],
    ['hour', 'hourly-cap', { CLAIMSTAMP_HOURLY_CAP: '1' }],
  ])('over the limit of the %s grows neither ledger nor log', async (_limit, code, env) => {
    const desk = await openDesk(env);
    const ask = () => desk.agent({ product: 'DEMO' }, '10.0.0.1');
    expect((await ask()).status).toBe(200);
    const size = await desk.size();
    // All at once, because the service delays the refusals beyond 40 by a second each.
    const replies = await Promise.all(Array.from({ length: 1000 }, ask));
    expect(countOf(replies.map(statusOf), 429)).toBe(1000);
    expect(await desk.size()).toBe(size);
    expect(logged(desk, code)).toBe(1);
    expect(await metrics(desk)).toContain(`{station="default",reason="${code}"} 1000\n`);
  });
});

describe('who may not come in', () => {
  const STATION = { sources: ['10.0.8.1'] };
  const paths = ['/ioto/serialize', '/ioto/serialize/A', `/ioto/serialize/${'A'.repeat(27)}`, '/ioto/serialize/NEST'];

  it.each(['open', 'allowlist', 'key'])(
    'with %s learns the same whether or not there is a station of that name, key or address',
    async (CLAIMSTAMP_AGENT_ACCESS) => {
      const env = { CLAIMSTAMP_AGENT_ACCESS, CLAIMSTAMP_ADDRESS_RATE: '3', CLAIMSTAMP_STATION_RATE: '2' };
      const [bare, set] = [await openDesk(env), await openDesk(env)];
      await set.ask('PUT', '/v1/stations/NEST', STATION);
      await set.ask('POST', '/v1/stations/NEST/key', {});
      const told = async (desk: Desk) => {
        const answers: unknown[] = [];
        // Only who is refused: an address of a station gets in where addresses count.
        const refused = CLAIMSTAMP_AGENT_ACCESS === 'open' ? paths.slice(1) : paths;
        for (const path of [...refused, ...refused]) {
          const { status, headers, body } = await desk.agent({ product: 'DEMO' }, '192.0.2.1', path);
          const { requestId: _id, ...problem } = body as typeof body & { requestId: string };
          answers.push({ status, problem, headers: [...headers] });
        }
        return answers;
      };
      const answers = await told(bare);
      expect(await told(set)).toEqual(answers);
      expect(answers.map((answer) => (answer as { status: number }).status)).toContain(429);
      // The station, its key, and the commitment to the key.
      expect(await set.size()).toBe((await bare.size()) + 3);
    },
  );
});
