import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { ADMIN_TOKEN, startService, tempFolder, type Service } from '../support/service.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';

/** The balancer of compose.scale.yaml, with its own settings, before three services on one ledger. */

const NAMES = ['one', 'two', 'three'];
const settings = (): Record<string, string> => ({
  CLAIMSTAMP_LEDGER: url,
  CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
  CLAIMSTAMP_TRUSTED_PROXIES: '127.0.0.1',
});

let server: Server;
let url: string;
let balancer: ChildProcess | undefined;
let port: number;
const services: Service[] = [];

beforeAll(async () => {
  server = await openServer();
  url = await server.database();
  while (services.length < NAMES.length) services.push(await startService(tempFolder(), settings()));
  port = await freePort();
  const file = join(tempFolder(), 'haproxy.cfg');
  writeFileSync(file, balancerSettings());
  balancer = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  await until(async () => ((await ask('127.0.0.1', 'GET', '/readyz')).status === 200 ? true : undefined));
});
afterAll(async () => {
  if (balancer?.kill('SIGKILL') === true) await once(balancer, 'exit');
  for (const service of services) await service.end('SIGTERM');
  await server.stop();
});

/** As compose hands them over, but for names and ports that only its network has. */
function balancerSettings(): string {
  const compose = readFileSync(join(packageRoot, 'compose.scale.yaml'), 'utf8');
  const [, block = ''] = /\n {4}content: \|\n((?: {6}.*\n|\n)+)/.exec(compose) ?? [];
  let text = block.replace(/\bbind :4100\b/, `bind 127.0.0.1:${port}`);
  for (const [n, name] of NAMES.entries()) text = text.replace(`${name}:4100`, `127.0.0.1:${services[n]?.port}`);
  expect(text).not.toContain('4100');
  return text;
}

/** From an address of its own, as a device on the line. Status 0 where the connection broke. */
function ask(from: string, method: string, path: string, body = ''): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, localAddress: from, method, path, agent: false };
    const broken = (): void => resolve({ status: 0, body: '' });
    const asked = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (more: string) => (text += more));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text })).on('error', broken);
    });
    asked.on('error', broken).end(body);
  });
}

async function issuedBy(service: Service): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const text = await (await fetch(`${service.url}/metrics`, { headers })).text();
  return Number(/^claimstamp_issued_total(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1] ?? 0);
}

it('a process is killed in the middle of a shift: the others answer its devices, nobody gets another’s ID', async () => {
  const answered = new Map<string, string>();
  let refused = 0;
  let longestMs = 0;
  const device = async (n: number): Promise<void> => {
    const mac = `device-${n}`;
    const from = `127.0.0.${(n % 40) + 2}`;
    for (const begun = Date.now(); ;) {
      const { status, body } = await ask(from, 'POST', '/ioto/serialize', JSON.stringify({ product: 'DEMO', mac }));
      longestMs = Math.max(longestMs, Date.now() - begun);
      if (status === 200) return void answered.set(mac, (JSON.parse(body) as { id: string }).id);
      refused++;
      // A device asks again after a pause; its own is two seconds.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const devices = Array.from({ length: 400 }, (_one, n) => n);
  const line = async (): Promise<void> => {
    for (let n = devices.shift(); n !== undefined; n = devices.shift()) await device(n);
  };
  const lines = Array.from({ length: 8 }, line);
  await until(async () => (answered.size > 100 ? true : undefined));
  expect(refused).toBe(0);
  expect(await Promise.all(services.map(issuedBy)), 'each process has devices of its own').not.toContain(0);
  const [killed] = services as [Service];
  await killed.end('SIGKILL');
  await Promise.all(lines);
  expect(new Set(answered.values()).size).toBe(400);
  // Those that were under way, and what the balancer takes to see it; agents wait 30 s.
  expect(refused).toBeLessThan(40);
  expect(longestMs).toBeLessThan(5000);

  services[0] = await startService(killed.data, { ...settings(), PORT: String(killed.port) });
  for (let n = 0; n < 40; n++) {
    const body = JSON.stringify({ product: 'DEMO', mac: `device-${n}` });
    const again = await until(async () => {
      const answer = await ask(`127.0.0.${n + 2}`, 'POST', '/ioto/serialize', body);
      return answer.status === 200 ? answer.body : undefined;
    });
    expect(JSON.parse(again)).toEqual({ id: answered.get(`device-${n}`) });
  }

  // The processes know devices by their own addresses.
  const rows = await server.ask<{ line: string }>(url, `SELECT line FROM event`);
  const actors = rows
    .map(({ line: text }) => JSON.parse(text) as { type: string; actor: string })
    .filter(({ type }) => type === 'issued')
    .map(({ actor }) => actor);
  expect(new Set(actors).size).toBe(40);
  expect(actors).not.toContain('agent:127.0.0.1');
  for (const service of services) expect(service.log()).not.toMatch(/"level":(50|60)/);
});
