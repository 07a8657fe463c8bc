import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { errorCode } from '../../src/platform/error.ts';
import { built } from '../../src/platform/package-root.ts';
import type { ServeFile } from '../../src/jobs/data-folder.ts';
import { ADMIN_TOKEN, environment, tempFolder } from '../support/service.ts';
import { FILLING_REQUESTS, TERMINAL } from '../../harness/terminal.ts';
import { until } from '../support/until.ts';

/* What reads the service's log stops reading, or goes away. The line must not notice. */

const children = new Set<ChildProcess>();
/** The services, which may be children of a terminal. They outlive it. */
const services = new Set<number>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  for (const pid of services) kill(pid);
  services.clear();
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended with its parent.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

interface Started {
  child: ChildProcess;
  /** Asks for a Claim ID for each of this many devices, and returns how many were answered with 200. */
  devices: (count: number) => Promise<number>;
}

const SERVE = [process.execPath, built('cli/claimstamp.js'), 'serve'];
const settings = (data: string): NodeJS.ProcessEnv =>
  environment(data, { CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN, CLAIMSTAMP_LOG_LEVEL: 'debug' });

async function started(child: ChildProcess, data: string): Promise<Started> {
  children.add(child);
  const file = join(data, 'serve.json');
  await until(() => existsSync(file));
  const { url, pid } = JSON.parse(readFileSync(file, 'utf8')) as ServeFile;
  services.add(pid);
  let asked = 0;
  const device = async (): Promise<boolean> => {
    const body = JSON.stringify({ product: 'METER', mac: `device-${asked++}` });
    const signal = AbortSignal.timeout(10_000);
    const { status } = await fetch(`${url}/ioto/serialize`, { method: 'POST', body, signal });
    return status === 200;
  };
  const devices = async (count: number): Promise<number> => {
    let answered = 0;
    for (let left = count; left > 0; left -= AT_ONCE) {
      const batch = Array.from({ length: Math.min(left, AT_ONCE) }, () => device().catch(() => false));
      answered += (await Promise.all(batch)).filter((one) => one).length;
    }
    return answered;
  };
  return { child, devices };
}

const onPipe = (data: string): ChildProcess =>
  spawn(SERVE[0] ?? '', SERVE.slice(1), { env: settings(data), stdio: ['ignore', 'pipe', 'pipe'] });

const onTerminal = (data: string): ChildProcess =>
  spawn('python3', ['-c', TERMINAL, ...SERVE], { env: settings(data), stdio: ['pipe', 'pipe', 'inherit'] });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => void child.once('exit', (code) => resolve(code)));

const AT_ONCE = 20;

describe('a log that nobody reads', () => {
  it('in a pipe does not stop any device, and not the end of the service', async () => {
    const data = tempFolder();
    const { child, devices } = await started(onPipe(data), data);
    expect(await devices(FILLING_REQUESTS)).toBe(FILLING_REQUESTS);
    const end = ended(child);
    child.kill('SIGTERM');
    expect(await end).toBe(0);
  });

  it('in a pipe does not stop any device after a child process made a file', async () => {
    const data = tempFolder();
    const { child, devices } = await started(onPipe(data), data);
    expect(await devices(1)).toBe(1);
    const { url } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as ServeFile;
    const backup = await fetch(`${url}/v1/ledger/backup`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect((await backup.arrayBuffer()).byteLength).toBeGreaterThan(0);
    expect(await devices(FILLING_REQUESTS)).toBe(FILLING_REQUESTS);
    child.kill('SIGTERM');
  });

  it('in a terminal that was stopped (Ctrl-S) does not stop any device', async () => {
    const data = tempFolder();
    const { devices } = await started(onTerminal(data), data);
    expect(await devices(FILLING_REQUESTS)).toBe(FILLING_REQUESTS);
  });

  it('goes on when it is read again', async () => {
    const data = tempFolder();
    const { child, devices } = await started(onPipe(data), data);
    expect(await devices(FILLING_REQUESTS)).toBe(FILLING_REQUESTS);
    let log = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (log += text));
    expect(await devices(1)).toBe(1);
    await until(() => log.split('\n').filter((line) => line.includes('"answered"')).length > FILLING_REQUESTS);
  });
});

describe('a log whose reader is gone', () => {
  it('as a terminal does not end the service', async () => {
    const data = tempFolder();
    const { child, devices } = await started(onTerminal(data), data);
    expect(await devices(1)).toBe(1);
    child.stdin?.write('close\n');
    expect(await devices(50)).toBe(50);
    expect(child.exitCode).toBe(null);
  });

  it('as a terminal does not make the end of the service a crash', async () => {
    const data = tempFolder();
    const { child, devices } = await started(onTerminal(data), data);
    child.stdin?.write('close\n');
    expect(await devices(1)).toBe(1);
    const end = ended(child);
    for (const pid of services) process.kill(pid, 'SIGTERM');
    expect(await end).toBe(0);
  });

  it('as a pipe does not end the service', async () => {
    const data = tempFolder();
    const { child, devices } = await started(onPipe(data), data);
    expect(await devices(1)).toBe(1);
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect(await devices(50)).toBe(50);
    expect(child.exitCode).toBe(null);
  });

  it('as a file on a full disk does not end the service', async () => {
    const data = tempFolder();
    const full = openSync('/dev/full', 'w');
    const child = spawn(SERVE[0] ?? '', SERVE.slice(1), { env: settings(data), stdio: ['ignore', full, full] });
    closeSync(full);
    const { devices } = await started(child, data);
    expect(await devices(50)).toBe(50);
    expect(child.exitCode).toBe(null);
  });
});
