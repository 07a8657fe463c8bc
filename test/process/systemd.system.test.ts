import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { openSupervisor } from '../../src/cli/notify-systemd.ts';
import { openLog } from '../../src/platform/log.ts';
import { startService, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/* The messages to systemd (sd_notify), read from a socket as systemd reads them. */

const READER = `
import socket, sys
reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
reader.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(reader.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

async function openSocket(): Promise<{ socket: string; messages: string[]; end: () => void }> {
  const socket = join(tempFolder(), 'notify');
  const reader = spawn('python3', ['-c', READER, socket]);
  const messages: string[] = [];
  createInterface({ input: reader.stdout }).on('line', (line) => messages.push(line));
  await until(() => messages.includes('bound'));
  return { socket, messages, end: () => reader.kill('SIGKILL') };
}

it('says when it answers agents, that its writer answers, and when it stops', async () => {
  const { socket, messages, end } = await openSocket();
  const service = await startService(tempFolder(), { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' });
  await until(() => messages.filter((message) => message.includes('WATCHDOG=1')).length >= 3);
  expect(messages.filter((message) => message.includes('READY=1'))).toEqual([
    expect.stringContaining(`STATUS=answers agents at ${service.url}`),
  ]);
  await service.end('SIGTERM');
  await until(() => messages.some((message) => message.includes('STOPPING=1')));
  end();
});

it('says nothing more while the writer does not answer, so that systemd restarts the service', async () => {
  const { socket, messages, end } = await openSocket();
  process.env['NOTIFY_SOCKET'] = socket;
  const supervisor = openSupervisor({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000' }, openLog('silent'));
  let answer = (): void => {};
  const asked: number[] = [];
  supervisor.ready('tests', () => {
    asked.push(asked.length);
    return asked.length < 3
      ? Promise.reject(new Error('the disk is full'))
      : new Promise<void>((done) => (answer = done));
  });
  const said = (): number => messages.filter((message) => message.includes('WATCHDOG=1')).length;
  await until(() => said() === 2);
  await until(() => asked.length === 3);
  await new Promise((done) => setTimeout(done, 500));
  expect([said(), asked.length]).toEqual([2, 3]);
  answer();
  await until(() => said() > 2);
  supervisor.stopping();
  delete process.env['NOTIFY_SOCKET'];
  end();
});

it('without systemd, runs no program', () => {
  const supervisor = openSupervisor({ PATH: '/nowhere' }, openLog('silent'));
  supervisor.ready('tests', () => Promise.reject(new Error('was asked')));
  supervisor.stopping();
});
