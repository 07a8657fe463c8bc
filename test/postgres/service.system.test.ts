import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseCheckpoint } from '../../src/proof/checkpoint.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { ADMIN_TOKEN, api, run, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';

/** Three real services on one ledger, behind no balancer but the tests. */

let server: Server;
let url: string;
let services: Service[];
const env = (): Record<string, string> => ({ CLAIMSTAMP_LEDGER: url, CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY });
const any = (n: number): Service => services[n % services.length] as Service;

beforeAll(async () => {
  server = await openServer();
  url = await server.database();
  services = [];
  for (let n = 0; n < 3; n++) services.push(await startService(tempFolder(), env()));
});
afterAll(async () => {
  for (const service of services) await service.end('SIGTERM');
  await server.stop();
});

it('one of three is killed in the middle of a shift: every answer is in the ledger, nobody has another’s ID', async () => {
  const answered = new Map<string, string>();
  const gone = new AbortController();
  const device = async (n: number): Promise<void> => {
    const mac = `device-${n}`;
    // Through whichever answers, as behind a balancer; again after two seconds' patience cut short.
    for (let tries = 0; !answered.has(mac); tries++) {
      const service = any(n + tries);
      if (gone.signal.aborted && service === services[0]) continue;
      const answer = await attempt(service.port, JSON.stringify({ product: 'DEMO', mac })).catch(() => undefined);
      if (answer?.status === 200) answered.set(mac, idOf(answer));
    }
  };
  const devices = Array.from({ length: 300 }, (_one, n) => n);
  const line = async (): Promise<void> => {
    for (let n = devices.shift(); n !== undefined; n = devices.shift()) await device(n);
  };
  const lines = Array.from({ length: 9 }, line);
  await until(async () => (answered.size > 60 ? true : undefined));
  gone.abort();
  const [killed] = services as [Service];
  await killed.end('SIGKILL');
  await Promise.all(lines);
  expect(new Set(answered.values()).size).toBe(300);
  services[0] = await startService(killed.data, env());
  for (const service of services)
    for (const [mac, uci] of answered) {
      const answer = await attempt(service.port, JSON.stringify({ product: 'DEMO', mac }));
      expect(idOf(answer)).toBe(uci);
    }
});

it('each finds parts of what another one issued', async () => {
  const uci = idOf(await attempt(any(0).port, JSON.stringify({ product: 'DEMO', mac: 'A4:C1:38:77:66:55' })));
  for (const service of services)
    await until(async () => {
      const { body } = await api<{ units: { uci: string }[] }>(service, 'GET', '/v1/units?contains=38-77-66');
      return body.units.some((unit) => unit.uci === uci);
    });
});

it('one that joins is not held, and one whose checkpoint file was removed is', async () => {
  const [, , one] = services as [Service, Service, Service];
  const held = async (service: Service): Promise<string> =>
    ((await (await fetch(`${service.url}/readyz`)).json()) as { problems: string[] }).problems.join();
  expect(existsSync(join(one.data, 'joining'))).toBe(false);
  await one.end('SIGTERM');
  const checkpoint = readFileSync(join(one.data, 'checkpoint'));
  rmSync(join(one.data, 'checkpoint'));
  services[2] = await startService(one.data, env());
  expect(await held(services[2])).toContain('is missing');
  expect((await attempt(services[2].port, '{"product":"DEMO","mac":"held"}')).status).toBe(503);
  await services[2].end('SIGTERM');
  // Killed while it joins, before it had a checkpoint.
  writeFileSync(join(one.data, 'joining'), '');
  services[2] = await startService(one.data, env());
  expect(await held(services[2])).toBe('');
  expect(parseCheckpoint(readFileSync(join(one.data, 'checkpoint'), 'utf8')).size).toBeGreaterThanOrEqual(
    parseCheckpoint(checkpoint.toString()).size,
  );
  expect(existsSync(join(one.data, 'joining'))).toBe(false);
});

it('a screen that one serves goes dark when another revokes its token', async () => {
  await api(any(0), 'PUT', '/v1/stations/line-1', {});
  const made = await api<{ token: string }>(any(0), 'POST', '/v1/tokens', { name: 'board', role: 'operator' });
  const headers = { authorization: `Bearer ${made.body.token}` };
  const follow = async (): Promise<Response | undefined> => {
    const answer = await fetch(`${any(1).url}/v1/stations/line-1/events`, { headers });
    return answer.status === 200 ? answer : undefined;
  };
  // The other process first has to learn of the token.
  const stream = await until(follow);
  const text = stream.text();
  await api(any(2), 'DELETE', '/v1/tokens/board');
  expect(await text).toContain('event: state');
  expect((await fetch(`${any(1).url}/v1/stations/line-1/events`, { headers })).status).toBe(401);
});

it('what one made the others export, check, and print once', async () => {
  const folder = tempFolder();
  await api(any(0), 'PUT', '/v1/printers/P', { kind: 'file', folder, format: 'zpl' });
  const made = (await api<{ units: { uci: string }[] }>(any(1), 'POST', '/v1/units', { product: 'DEMO', count: 5 }))
    .body;
  for (const { uci } of made.units) {
    await until(async () =>
      (await api(any(2), 'POST', `/v1/units/${uci}/print`, { printer: 'P' })).status === 202 ? true : undefined,
    );
  }
  await until(async () => (readdirSync(folder).length === 5 ? true : undefined));
  // Longer than the queues wait before they look again.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(readdirSync(folder), 'each label once, though three services watch the queue').toHaveLength(5);
  const size = async (service: Service): Promise<string> =>
    (await fetchText(service, '/v1/ledger/checkpoint')).split('\n')[1] ?? '';
  await until(async () => (new Set(await Promise.all(services.map(size))).size === 1 ? true : undefined));
  const exports = await Promise.all(services.map((service) => fetchText(service, '/v1/ledger.csv')));
  expect(new Set(exports.map((csv) => csv.split('\n').length)).size).toBe(1);
  for (const { uci } of made.units) for (const csv of exports) expect(csv).toContain(uci);
  await api(any(1), 'POST', '/v1/ledger/check');
  const { last } = await until(async () => {
    const { body } = await api<{ last?: { ok: boolean; findings: string[] } }>(any(1), 'GET', '/v1/ledger/check');
    return body.last === undefined ? undefined : { last: body.last };
  });
  expect(last).toMatchObject({ ok: true, findings: [] });
});

it('when the process that prints dies, another goes on with its printer', async () => {
  const folder = tempFolder();
  await api(any(0), 'PUT', '/v1/printers/Q', { kind: 'file', folder, format: 'zpl' });
  for (let n = 0; n < services.length; n++) {
    const { id } = JSON.parse((await attempt(any(n + 1).port, JSON.stringify({ product: 'DEMO' }))).body) as {
      id: string;
    };
    expect((await api(any(n + 1), 'POST', `/v1/units/${id}/print`, { printer: 'Q' })).status).toBe(202);
    await until(async () => (readdirSync(folder).length === n + 1 ? true : undefined));
    // Whichever it is that prints: each is killed in its turn.
    const gone = any(n);
    await gone.end('SIGKILL');
    services[n] = await startService(gone.data, env());
  }
});

it('without its server nothing is issued, reads go on, and the line goes on by itself', async () => {
  const { units } = (await api<{ units: { uci: string }[] }>(any(0), 'POST', '/v1/units', { product: 'DEMO' })).body;
  const name = new URL(url).pathname.slice(1);
  await server.ask(url, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`).catch(() => {});
  const other = new URL(url);
  other.pathname = '/postgres';
  await server.ask(other.href, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await server.terminateAll();
  expect((await attempt(any(0).port, JSON.stringify({ product: 'DEMO' }))).status).toBe(503);
  expect((await api(any(0), 'GET', `/v1/units/${units[0]?.uci}`)).status).toBe(200);
  await server.ask(other.href, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await until(async () =>
    (await attempt(any(0).port, JSON.stringify({ product: 'DEMO' }))).status === 200 ? true : undefined,
  );
  await until(async () => ((await fetch(`${any(0).url}/readyz`)).status === 200 ? true : undefined));
});

it('commands work with the shared ledger, and what cannot be said so', async () => {
  const printed = await run('claimstamp', ['issue', '--product', 'DEMO'], tempFolder(), env());
  expect(printed.code, printed.stderr).toBe(0);
  expect(printed.stdout).toMatch(/[0-9A-Z]{10}/);
  const away = { ...env(), CLAIMSTAMP_LEDGER: 'postgres://claimstamp@127.0.0.1:1/claimstamp' };
  const alone = await run('claimstamp', ['serve'], tempFolder(), away);
  expect([alone.code, alone.stderr]).toEqual([1, expect.stringMatching(/PostgreSQL ledger.* cannot be reached/)]);
  const restored = await run('claimstamp', ['restore', 'x.db'], tempFolder(), env());
  expect([restored.code, restored.stderr]).toEqual([1, expect.stringContaining('to restore a PostgreSQL ledger, use')]);
  const keyless = await run('claimstamp', ['config', 'check'], tempFolder(), { CLAIMSTAMP_LEDGER: url });
  expect(keyless.stderr + keyless.stdout).toContain('CLAIMSTAMP_LEDGER needs CLAIMSTAMP_SIGNING_KEY');
});

async function fetchText({ url: at }: Service, path: string): Promise<string> {
  return (await fetch(at + path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).text();
}
