import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { freePort } from '../support/free-port.ts';
import { tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/* The examples of docs/admin.md in the real proxies. Only addresses, ports, certificates and paths are replaced. */

const SECRET = 'JT08FFQXWQ';
const PATHS = [
  `/v1/units/${SECRET}`,
  `/v1/units/${SECRET.toLowerCase()}/label.pdf`,
  `/v1//units/${SECRET}`,
  `/%76%31/units/${SECRET}`,
  `/v1/ledger/proof/${SECRET}?limit=1`,
  `/v1/units?find=${SECRET}`,
  `/units/${SECRET}`,
  `/units?find=${SECRET}`,
  `/sign-in/${SECRET}`,
  `/sign-in?back=%2Funits%2F${SECRET}`,
  `/ioto/serialize/${SECRET}`,
  `/api/${SECRET}/device/register`,
  `/${SECRET}`,
  `/v1/${SECRET}`,
  `/?${SECRET}`,
];

const docs = readFileSync(join(packageRoot, 'docs', 'admin.md'), 'utf8');
const example = (language: string): string => {
  const [, text = ''] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(docs) ?? [];
  expect(text).not.toBe('');
  return text;
};

async function ask(port: number, path: string): Promise<number | undefined> {
  const headers = { host: `claims.factory.example:${port}`, referer: `http://a/units/${SECRET}`, cookie: SECRET };
  const sent = request({ port, host: '127.0.0.1', path, headers, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode;
}

let upstream: Server;
let proxy: ChildProcess | undefined;
beforeAll(async () => {
  upstream = createServer((sent, answer) => answer.setHeader('location', sent.url ?? '/').end()).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
});
afterAll(() => {
  proxy?.kill();
  upstream.close();
});

const upstreamPort = (): number => (upstream.address() as AddressInfo).port;

/** Sends every path while the service answers, and again while it does not. Returns all that the proxy wrote. */
async function logsOf(
  start: (parts: { folder: string; logs: string; port: number; to: number }) => ChildProcess,
  shown: string,
): Promise<string> {
  const written: string[] = [];
  for (const to of [upstreamPort(), await freePort()]) {
    const folder = tempFolder();
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    const port = await freePort();
    const child = start({ folder, logs, port, to });
    proxy = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (said += text.toString()));
    const answer = () => ask(port, '/ready').catch(() => undefined);
    await until(answer);
    const status = to === upstreamPort() ? 200 : 502;
    for (const path of PATHS) expect(await ask(port, path), path + said).toBe(status);
    const read = (): string => readdirSync(logs).map((file) => readFileSync(join(logs, file), 'utf8')).join('') + said;
    await until(async () => read().split(shown).length > 2);
    child.kill();
    await once(child, 'close');
    written.push(read());
  }
  return written.join('');
}

describe('the log of', () => {
  it('nginx has no secret of an address', async () => {
    const text = await logsOf(({ folder, logs, port, to }) => {
      const site = example('nginx')
        .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
        .replaceAll(/^ *ssl_.*\n/gm, '')
        .replace('127.0.0.1:4100', `127.0.0.1:${to}`)
        .replaceAll('/var/log/nginx', logs);
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${folder}/${one};`);
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, `daemon off;\npid ${folder}/pid;\nevents {}\nhttp {\n${paths.join('\n')}\n${site}\n}\n`);
      return spawn('/usr/sbin/nginx', ['-c', file, '-p', folder, '-e', join(logs, 'start.log')]);
    }, '/v1/units/***');
    expect(text.toUpperCase()).not.toContain(SECRET);
    for (const shown of ['"GET /v1/units/***" 200', '"GET /sign-in/***" 502', '"GET /ioto/***" 200']) expect(text).toContain(shown);
  });

  it('Caddy has no secret of an address, also in its messages about errors', async () => {
    const text = await logsOf(({ folder, logs, port, to }) => {
      const site = example('caddyfile')
        .replace('claims.factory.example {', `http://claims.factory.example:${port} {`)
        .replaceAll(/^ *tls .*\n/gm, '')
        .replace('127.0.0.1:4100', `127.0.0.1:${to}`)
        .replaceAll('/var/log/caddy', logs)
        .replace('{\n', '{\n    admin off\n');
      const file = join(folder, 'Caddyfile');
      writeFileSync(file, site);
      const env = { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
      return spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], { env });
    }, '"uri":"/v1/units/***"');
    expect(text.toUpperCase()).not.toContain(SECRET);
    expect(text).toContain('http.log.error');
    for (const shown of ['"uri":"/v1/units/***"', '"uri":"/sign-in/***"', '"uri":"/ioto/***"']) expect(text).toContain(shown);
  });
});
