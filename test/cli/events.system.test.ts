import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { built } from '../../src/platform/package-root.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { environment, run, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* `claimstamp events` with --follow, as a process of its own. */

interface Follower {
  /** The numbers of the events that it has printed. */
  seqs: () => number[];
  said: () => string;
  isRunning: () => boolean;
}

function follow(data: string): Follower {
  const command = [built('cli/claimstamp.js'), 'events', '--follow', '--type', 'issued'];
  const child = spawn(process.execPath, command, { env: environment(data, {}) });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [printed, said] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  return {
    seqs: () => [...printed.matchAll(/^\{"seq":(\d+),/gm)].map(([, seq]) => Number(seq)),
    said: () => said,
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}

const issue = async ({ port }: Service, mac: string): Promise<string> =>
  idOf(await attempt(port, JSON.stringify({ product: 'DEMO', mac })));

describe('events --follow', () => {
  it('goes on after the service was restarted, with a new token and another port', async () => {
    const data = tempFolder();
    const first = await startService(data);
    await issue(first, 'a');
    const follower = follow(data);
    await until(() => follower.seqs().length === 1);
    const { port } = first;
    await first.end('SIGTERM');
    // The same port: the former token is refused there.
    const second = await startService(data, { PORT: String(port) });
    await issue(second, 'b');
    await until(() => follower.seqs().length === 2 || !follower.isRunning());
    expect(follower.isRunning(), follower.said()).toBe(true);
    await second.end('SIGKILL');
    const third = await startService(data);
    await issue(third, 'c');
    await until(() => follower.seqs().length === 3 || !follower.isRunning());
    expect(new Set(follower.seqs()).size, follower.said()).toBe(3);
    await third.end('SIGTERM');
  });

  it('keeps no service from starting, and prints what happened before and after its start', async () => {
    const data = tempFolder();
    const before = await startService(data);
    await issue(before, 'a');
    await before.end('SIGTERM');
    const follower = follow(data);
    await until(() => follower.said().includes('waiting until a service starts'));
    expect(follower.seqs().length).toBe(1);
    // Another command also gets the folder.
    expect((await run('claimstamp', ['product', 'list'], data)).code).toBe(0);
    expect(existsSync(join(data, 'serve.json'))).toBe(false);
    const service = await startService(data);
    await issue(service, 'b');
    await until(() => follower.seqs().length === 2 || !follower.isRunning());
    expect(follower.isRunning(), follower.said()).toBe(true);
    await service.end('SIGTERM');
  });
});
