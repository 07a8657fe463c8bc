import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { reachService } from '../../src/cli/commands/simulate/line.ts';
import { readConfig } from '../../src/config.ts';
import { openLog } from '../../src/platform/log.ts';
import { startService, type Service as Running } from '../../src/main.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { askOnce, askUntilAnswered, requestBytes, type Attempt } from '../../src/simulate/agent.ts';
import { newDevice, registrationBody, STOCK_PRODUCT } from '../../src/simulate/device.ts';
import { runLine } from '../../src/simulate/line.ts';
import { checkOptions, DEFAULTS, type LineOptions } from '../../src/simulate/options.ts';
import { compare, type Left, type Tally } from '../../src/simulate/report.ts';
import type { Service } from '../../src/simulate/stations.ts';
import { describe as inWords } from '../../src/simulate/words.ts';

const OBSERVED = readFileSync(join(packageRoot, 'test', 'fixtures', 'serialize-request.http'));
const TOKEN = 'simulate-test-token-of-32-letters';
const STOCK = { product: STOCK_PRODUCT, identity: 'none', seed: 1, stock: true } as const;
const stockBody = newDevice(1, STOCK).body;

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-test-'));
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function start(data: string, port = '0'): Promise<Running> {
  const settings = { PORT: port, CLAIMSTAMP_DATA: data, CLAIMSTAMP_ADMIN_TOKEN: TOKEN };
  return startService(readConfig(settings), openLog('silent'));
}

async function service(): Promise<Service> {
  const running = await start(temporaryFolder());
  cleanUp.push(() => running.stop());
  return reachService(running.url, TOKEN);
}

/** Lost replies, power losses, and agents that sleep a moment only. */
const MISHAPS: Partial<LineOptions> = { lose: 0.3, reboot: 0.2, rebootAfterPass: 0.5, retryMs: 10, timeoutMs: 2000 };

/** Something that listens and answers each connection with the next of these texts; the last one again and again. */
async function listener(answers: string[]): Promise<{ url: string; heard: Buffer[] }> {
  const heard: Buffer[] = [];
  let connections = 0;
  const server: Server = createServer((socket) => {
    const nth = connections++;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      heard[nth] = Buffer.concat([heard[nth] ?? Buffer.alloc(0), chunk]);
      const answer = answers[Math.min(nth, answers.length - 1)] as string;
      if (answer !== '') socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ioto/serialize`, heard };
}

const ID = '{"id":"JT08FFQXWQ"}';
const OK = `HTTP/1.1 200 OK\r\nContent-Length: ${ID.length}\r\n\r\n${ID}`;
const BUSY = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n';

describe('an agent', () => {
  it('sends the bytes that a real one was seen to send', async () => {
    expect(requestBytes('http://127.0.0.1:4100/ioto/serialize', stockBody)).toEqual(OBSERVED);
    const { url, heard } = await listener([OK]);
    await askOnce({ url, body: stockBody, timeoutMs: 2000 });
    expect(heard[0]?.toString()).toBe(OBSERVED.toString().replace('127.0.0.1:4100', new URL(url).host));
  });

  it('registers with the bytes that a real one was seen to send', () => {
    const observed = readFileSync(join(packageRoot, 'test', 'fixtures', 'register-request.http'));
    const body = registrationBody(newDevice(1, STOCK), 'JT08FFQXWQ');
    expect(requestBytes('http://127.0.0.1:4100/api/device/register', body, STOCK_PRODUCT)).toEqual(observed);
  });

  it('asks again with the same bytes on a new connection until it is answered', async () => {
    const { url, heard } = await listener([BUSY, 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n', OK]);
    const attempts: Attempt[] = [];
    const agent = { url, body: stockBody, timeoutMs: 2000, retryMs: 30, maxAttempts: 5 };
    const startedAt = performance.now();
    expect(await askUntilAnswered({ ...agent, note: (attempt) => attempts.push(attempt) })).toBe('JT08FFQXWQ');
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    expect(attempts.map(({ result }) => result)).toEqual(['refused', 'refused', 'answered']);
    expect(heard).toHaveLength(3);
    expect(new Set(heard.map(String)).size).toBe(1);
  });

  it.each([
    ['200 with a length', OK, 'answered'],
    [
      '200 in chunks',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\ne\r\n:"JT08FFQXWQ"}\r\n0\r\n\r\n`,
      'answered',
    ],
    ['200 that ends with the connection', `HTTP/1.1 200 OK\r\n\r\n${ID}`, 'answered'],
    ['201', OK.replace('200 OK', '201 Created'), 'refused'],
    ['a redirect', 'HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\nContent-Length: 0\r\n\r\n', 'refused'],
    ['200 with a number as id', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"id":12}', 'refused'],
    ['200 without JSON', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK', 'refused'],
    ['half a reply', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"id"', 'failed'],
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'failed'],
    ['silence', '', 'failed'],
  ])('takes %s as it should', async (_what, answer, result) => {
    const { url } = await listener([answer]);
    expect((await askOnce({ url, body: stockBody, timeoutMs: 100 })).result).toBe(result);
  });

  it('does not use an answer that was lost', async () => {
    const { url, heard } = await listener([OK]);
    expect(await askOnce({ url, body: stockBody, timeoutMs: 2000 }, { afterMs: 1000 })).toEqual({ result: 'lost' });
    expect(heard).toHaveLength(1);
  });
});

describe('a line', () => {
  it('of panels whose devices lose replies and reboot ends with one unit per device where they identify themselves', async () => {
    const report = await runLine(await service(), { ...MISHAPS, identity: 'mac', stations: 8, panel: 4, devices: 40 });
    expect(report).toMatchObject({ ok: true, devices: 40, holding: 40, issued: 40, orphans: [] });
    expect(report.lost).toBeGreaterThan(0);
    expect(report.repeats).toBeGreaterThan(0);
    expect(new Set(report.lines.map(({ holds }) => holds)).size).toBe(40);
    expect(new Set(report.lines.map(({ ledger }) => ledger?.station)).size).toBe(8);
  });

  it('in slot mode ends with one unit per device that identifies itself by nothing, each with its own label', async () => {
    const report = await runLine(await service(), { ...MISHAPS, mode: 'slot', stations: 4, panel: 4, devices: 16 });
    expect(report).toMatchObject({ ok: true, holding: 16, issued: 16, passed: 16, orphans: [] });
    for (const { holds, label, ledger } of report.lines) {
      expect(label).toBe(holds);
      expect(ledger?.status).toBe('verified');
    }
  });

  it('of stock devices in slot mode that ask again after PASS goes on once the operator says Same device', async () => {
    const options = { ...MISHAPS, rebootAfterPass: 1, mode: 'slot', stock: true, stations: 4, devices: 16 } as const;
    const report = await runLine(await service(), options);
    expect(report).toMatchObject({ ok: true, holding: 16, issued: 16, passed: 16, orphans: [] });
    expect(report.refusals['409 slot-closed']).toBeGreaterThanOrEqual(16);
  });

  it.each(['none', 'serial', 'mac'] as const)(
    'in armed mode gives each device the very ID of its label (identity %s)',
    async (identity) => {
      const options = { ...MISHAPS, mode: 'armed', identity, stock: true, stations: 4, devices: 10 } as const;
      const report = await runLine(await service(), options);
      expect(report).toMatchObject({ ok: true, holding: 10, issued: 10, passed: 10, orphans: [], leftOnRoll: 0 });
      for (const { holds, label } of report.lines) expect(holds).toBe(label);
    },
  );

  it('behind one address is told apart by the keys in the URLs', async () => {
    const options = { ...MISHAPS, mode: 'slot', sharedAddress: true, stations: 4, panel: 4, devices: 16 } as const;
    const report = await runLine(await service(), options);
    expect(report).toMatchObject({ ok: true, holding: 16, issued: 16, passed: 16 });
    expect(report.lines.every(({ station, ledger }) => ledger?.station === station)).toBe(true);
  });

  it('of stock devices in open mode leaves units on no device, and the report says so', async () => {
    const options = { ...MISHAPS, rebootAfterPass: 1, stock: true, devices: 20 };
    const report = await runLine(await service(), options);
    expect(report).toMatchObject({ ok: true, devices: 20, holding: 20 });
    expect(report.orphans.length).toBeGreaterThanOrEqual(20);
    expect(report.issued).toBe(20 + report.orphans.length);
    expect(inWords(report)).toContain(`${report.orphans.length} in the ledger are on no device`);
    expect(inWords(report)).toContain('--identity serial or --mode slot avoids this');
  });

  it('with the same seed has the same mishaps', async () => {
    const options: Partial<LineOptions> = { ...MISHAPS, mode: 'slot', stock: true, devices: 20, seed: 42 };
    const first = await runLine(await service(), options);
    const second = await runLine(await service(), options);
    expect([second.attempts, second.lost, second.refusals]).toEqual([first.attempts, first.lost, first.refusals]);
  });

  it('runs again on the same ledger, in another mode', async () => {
    const there = await service();
    await runLine(there, { ...MISHAPS, mode: 'slot', devices: 6, identity: 'mac' });
    const again = await runLine(there, { ...MISHAPS, mode: 'slot', devices: 6, identity: 'mac' });
    expect(again).toMatchObject({ ok: true, holding: 6, issued: 0 });
    expect(await runLine(there, { ...MISHAPS, mode: 'armed', devices: 6 })).toMatchObject({ ok: true, issued: 6 });
  });

  it('survives a restart of the service', async () => {
    const data = temporaryFolder();
    let running = await start(data);
    cleanUp.push(() => running.stop());
    const options: Partial<LineOptions> = { ...MISHAPS, identity: 'serial', devices: 40, ratePerS: 50, retryMs: 100 };
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const onMoment = ({ done }: { done: number }): void => (done >= 5 ? begin() : undefined);
    const report = runLine(reachService(running.url, TOKEN), options, { onMoment });
    await begun;
    await running.stop();
    running = await start(data, new URL(running.url).port);
    expect(await report).toMatchObject({ ok: true, holding: 40, issued: 40, orphans: [] });
    expect((await report).failures['ECONNREFUSED']).toBeGreaterThan(0);
  });

  it('starts devices at its rate and none after its duration', async () => {
    const report = await runLine(await service(), { devices: 1000, ratePerS: 40, durationMs: 500 });
    expect(report.devices).toBeLessThanOrEqual(20);
    expect(report.devices).toBeGreaterThan(10);
    expect(report.elapsedMs).toBeGreaterThan(450);
  });

  it('that is stopped reports what there is', async () => {
    const stop = new AbortController();
    const onMoment = ({ done }: { done: number }): void => (done === 5 ? stop.abort() : undefined);
    const report = await runLine(await service(), { devices: 1000, ratePerS: 50 }, { signal: stop.signal, onMoment });
    expect(report.ok).toBe(true);
    expect(report.holding).toBeLessThan(10);
  });

  it('gives up devices that are refused for ever, and says so', async () => {
    const there = await service();
    await there.request('PUT', `/v1/products/${STOCK_PRODUCT}`, { serialPattern: 'U{seq:1}' });
    const report = await runLine(there, { devices: 12, retryMs: 1, maxAttempts: 3 });
    expect(report).toMatchObject({ ok: false, holding: 9, mustBeZero: { devicesGivenUp: 3 } });
    expect(inWords(report)).toContain('devices that were never answered');
    expect(report.refusals).toEqual({ '409 serials-exhausted': 9 });
  });
});

describe('the report', () => {
  const tally: Tally = { attempts: 2, lost: 0, refusals: {}, failures: {}, answerMs: [1, 2], elapsedMs: 10 };
  const unit = (uci: string) =>
    [uci, { uci, status: 'issued', facts: { issued: '2026-11-23T00:00:00.000Z' } }] as const;
  const books = { before: new Map(), after: new Map([unit('A000000001'), unit('A000000002')]), repeats: 0 };
  const left = (device: number, held: string, more: Partial<Left> = {}): Left => {
    return { device, station: 'sim-001', boot: 'running', held, received: [held], ...more };
  };
  const good = [left(1, 'A000000001'), left(2, 'A000000002')];

  it.each<[string, Partial<LineOptions>, Left[], string]>([
    ['one ID in two devices', {}, [...good, left(3, 'A000000002')], 'sameIdInTwoDevices'],
    [
      'an ID that another device had and lost',
      {},
      [left(1, 'A000000001'), left(2, 'A000000002', { received: ['A000000001', 'A000000002'] })],
      'sameIdInTwoDevices',
    ],
    ['an ID that the ledger does not know', {}, [...good, left(3, 'A000000003')], 'heldButNotInLedger'],
    [
      'a PASS for the label of another unit',
      { mode: 'slot' },
      [left(1, 'A000000001', { label: 'A000000002', verdict: 'PASS' }), left(2, 'A000000002')],
      'labelOfAnotherUnit',
    ],
    ['two units for one device that identifies itself', { identity: 'mac' }, good.slice(1), 'orphansUnexplained'],
  ])('does not let pass %s', (_what, options, devices, name) => {
    const report = compare({ ...DEFAULTS, ...options }, devices, tally, books);
    expect(report.ok).toBe(false);
    expect(Object.entries(report.mustBeZero).filter(([, count]) => count > 0)).toEqual([[name, 1]]);
    expect(inWords(report)).toContain('DISAGREE');
  });

  it('of devices and ledger that agree says that they do', () => {
    const report = compare(DEFAULTS, good, tally, books);
    expect(report.ok).toBe(true);
    expect(inWords(report)).toContain('The devices and the ledger agree.');
  });
});

describe('claimstamp simulate', () => {
  const command = join(packageRoot, 'dist', 'src', 'cli', 'claimstamp.js');
  /** With a temporary folder of its own, so that what is left behind can be seen. */
  const run = (args: string[], folder: string): Promise<{ status: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], TMPDIR: folder, CLAIMSTAMP_DATA: join(folder, 'untouched') };
      execFile(process.execPath, [command, 'simulate', ...args], { env, cwd: folder }, (error, stdout, stderr) =>
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      );
    });

  it('runs on a fresh machine and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const { status, stdout } = await run(['--devices', '8', '--rate', '0', '--json'], folder);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, devices: 8, holding: 8, issued: 8 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps the ledger on demand', async () => {
    const folder = temporaryFolder();
    const { stderr } = await run(['--devices', '1', '--keep'], folder);
    const [kept = ''] = readdirSync(folder);
    expect(stderr).toContain(kept);
    expect(readdirSync(join(folder, kept))).toContain('ledger.db');
  });

  it('exits with 1 and a sentence where options do not go together', async () => {
    const { status, stderr } = await run(['--stations', '6', '--panel', '4', '--lose', '1'], temporaryFolder());
    expect(status).toBe(1);
    expect(stderr).toContain('--panel 4 does not divide --stations 6');
    expect(stderr).toContain('--lose is a share from 0 to 0.8');
  });

  it.each([
    ['another machine without keys', 'http://192.0.2.1:4100', {}, '--shared-address'],
    ['TLS', 'https://127.0.0.1', {}, 'http only'],
    ['no stations', 'http://127.0.0.1', { stations: 0 }, '--stations'],
    ['more devices than are kept', 'http://127.0.0.1', { devices: 1_000_000 }, '--devices'],
  ])('refuses %s', (_what, url, options, sentence) => {
    expect(() => checkOptions({ ...DEFAULTS, ...options }, url)).toThrow(sentence);
  });
});
