import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { built } from '../../src/platform/package-root.ts';
import { audit } from '../support/audit.ts';
import { readCsv } from '../support/factory.ts';
import { api, run, startService, tempFolder, type Output, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});
const out = (name: string): string => join(folder, name);
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('claimstamp export', () => {
  let service: Service;
  const claimstamp = (...args: string[]): Promise<Output> => run('claimstamp', ['export', ...args], service.data);
  beforeAll(async () => {
    service = await startService(tempFolder());
    await run('claimstamp', ['issue', '--product', 'DEMO', '--count', '3'], service.data);
  });
  afterAll(async () => {
    await service.end('SIGTERM');
  });

  it.each(['csv', 'jsonl', 'xlsx', 'zip'])(
    'writes .%s by the ending, for its owner only, and prints its SHA-256',
    async (format) => {
      const file = out(`units.${format}`);
      const { code, stdout, stderr } = await claimstamp(file);
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${sha256(file)}  ${file}\n` });
      const size = audit(service.data).lines.length - 1;
      expect(stderr).toContain(`3 units in ${file}, up to event ${size}; for later changes: --since ${size}\n`);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder)).toEqual([`units.${format}`]);
    },
  );

  it('passes every filter on, and the event says who asked with which', async () => {
    await api(service, 'PUT', '/v1/work-orders/W', { product: 'DEMO', planned: 9, lot: 'L' });
    await api(service, 'PUT', '/v1/stations/S', {});
    const file = out('events.csv');
    const filters = ['--product', 'DEMO', '--work-order', 'W', '--lot', 'L', '--station', 'S', '--status', 'void'];
    const times = ['--from', '2026-01-01', '--to', '2026-01-31', '--since', '1', '--until', '9'];
    const { code, stdout } = await claimstamp(file, '--of', 'events', ...filters, ...times, '--json');
    expect(code).toBe(0);
    const lines = audit(service.data).lines;
    const treeSize = lines.length - 1;
    const about = { rows: 0, treeSize, bytes: statSync(file).size, sha256: sha256(file) };
    expect(JSON.parse(stdout)).toEqual({ file, of: 'events', ...about });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      type: 'bulk-read',
      actor: 'local',
      data: {
        filter: {
          of: 'events',
          format: 'csv',
          product: 'DEMO',
          workOrder: 'W',
          lot: 'L',
          station: 'S',
          status: 'void',
          from: new Date(2026, 0, 1).toISOString(),
          to: new Date(2026, 1, 1).toISOString(),
          since: 1,
          until: 9,
        },
        count: 0,
        sha256: about.sha256,
      },
    });
  });

  it('pulls what is new since the last time', async () => {
    const first = JSON.parse((await claimstamp(out('first.csv'), '--json')).stdout) as { treeSize: number };
    await run('claimstamp', ['issue', '--product', 'DEMO'], service.data);
    await claimstamp(out('second.csv'), '--since', String(first.treeSize));
    expect(readCsv(readFileSync(out('second.csv'), 'utf8'))).toHaveLength(1);
  });

  it.each([
    ['an ending that is no format', ['units.txt'], /name a file that ends with \.csv, \.jsonl, \.xlsx, \.zip/],
    ['no ending', ['units'], /name a file that ends with/],
    ['a file that exists', ['exists.csv'], /exists: name a new file/],
    ['a folder that is not there', ['none/units.csv'], /units\.csv\.partial cannot be written/],
    ['a filter that is none', ['units.csv', '--since', 'yesterday'], /"since": must be a number/],
    ['a time that is none', ['units.csv', '--from', 'yesterday'], /"from": must be a day such as/],
  ])('refuses %s, and leaves nothing', async (_, [name = '', ...args], why) => {
    writeFileSync(out('exists.csv'), 'mine');
    const { code, stdout, stderr } = await claimstamp(out(name), ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(folder)).toEqual(['exists.csv']);
    expect(readFileSync(out('exists.csv'), 'utf8')).toBe('mine');
  });
});

it('with no service running it exports by itself', async () => {
  const service = await startService(tempFolder());
  await run('claimstamp', ['issue', '--product', 'DEMO', '--count', '2'], service.data);
  await service.end('SIGTERM');
  const file = out('units.jsonl');
  const { code, stdout } = await run('claimstamp', ['export', file], service.data);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${sha256(file)}  ${file}\n` });
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(2);
});

describe('an incomplete answer', () => {
  let server: Server;
  let answer: RequestListener;
  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());
  const env = (): Record<string, string> => ({
    CLAIMSTAMP_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    CLAIMSTAMP_ADMIN_TOKEN: 'a-token-of-the-other-service-0123456789',
  });
  const digest = `sha-256=:${createHash('sha256').update('whole').digest('base64')}:`;

  it.each<[string, RequestListener, RegExp]>([
    [
      'that breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000', 'repr-digest': digest });
        response.write('half', () => response.destroy());
      },
      /units\.csv is incomplete \(\w+\): nothing was written/,
    ],
    [
      'that is another than was sent',
      (_, response) => void response.writeHead(200, { 'content-length': '4', 'repr-digest': digest }).end('hole'),
      /does not match its digest: nothing was written/,
    ],
    [
      'that is a page of something between',
      (_, response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'),
      /status 502/,
    ],
  ])('%s is an error and no file', async (_, listener, why) => {
    answer = (request, response) => {
      if (request.url?.startsWith('/v1/ledger/exports')) response.end('{"exports":[]}');
      else listener(request, response);
    };
    const { code, stdout, stderr } = await run('claimstamp', ['export', out('units.csv')], tempFolder(), env());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('because somebody pressed Ctrl-C leaves no file', async () => {
    answer = () => {};
    const args = [built('cli/claimstamp.js'), 'export', out('units.csv')];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env() }, stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    await until(async () => existsSync(out('units.csv.partial')) || undefined);
    child.kill('SIGINT');
    expect(await gone).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
