import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'node:http';
import { packageRoot } from '../src/platform/package-root.ts';
import { openRow, type Check } from './check.ts';
import { p99 } from '../harness/agent.ts';
import { ask, start, type Service } from '../harness/service.ts';

/** How many times higher the agents' p99 may be while another client is active. */
const AT_MOST = 3;

/**
 * The number of measurements that are combined. A single measurement is not enough, because its p99 depends on only a
 * few requests.
 */
const LOOKS = 3;

/** The time in ms to wait before the next measurement of the agents alone. */
const SETTLE_MS = 2000;

/** Agents must get their answers in time, even while slow or hostile clients and printers are active. */
export const neighbours: Check = async ({ short, folder, say }) => {
  const forMs = short ? 700 : 5000;
  const service = await start(join(folder, 'neighbours'));
  const rows = [];
  // The service is slower right after its start. So the service is warmed up first. Otherwise, the first comparison
  // would be wrong.
  await timed(service, forMs);
  for (const [fault, begin] of Object.entries(NEIGHBOURS)) {
    say(`neighbours: ${fault}`);
    const row = openRow(fault);
    row.tried();
    const idle: number[] = [];
    const beside: number[] = [];
    for (let look = 0; look < LOOKS; look++) {
      idle.push(...(await timed(service, forMs)));
      const end = await begin(service);
      await pause(300);
      beside.push(...(await timed(service, forMs)));
      await end();
      // While the other client's connections are being closed, agents are slower. So this code waits until they are
      // closed.
      await pause(short ? 0 : SETTLE_MS);
    }
    const found = { idle: p99(idle), beside: p99(beside) };
    // Only the full run checks times, because the machine may be busy during the tests.
    if (!Number.isFinite(found.beside) || (!short && found.beside / found.idle > AT_MOST)) row.fail(said(found));
    rows.push(row.row(said(found)));
  }
  await service.end('SIGTERM');
  return rows;
};

function said({ idle, beside }: { idle: number; beside: number }): string {
  return `agents' p99 ${beside.toFixed(1)} ms, alone ${idle.toFixed(1)} ms: ${(beside / idle).toFixed(1)} ×, limit ${AT_MOST} ×`;
}

/**
 * Opens a new connection every few ms, as devices do. Returns the time of each request in ms. If a request gets no
 * answer, its time is infinity.
 */
async function timed({ port }: Service, forMs: number): Promise<number[]> {
  const took: Promise<number>[] = [];
  for (const end = performance.now() + forMs; performance.now() < end; await pause(10)) took.push(one(port));
  return Promise.all(took);
}

async function one(port: number): Promise<number> {
  const begun = performance.now();
  return (await ask(port, {})).status === 200 ? performance.now() - begun : Infinity;
}

type End = () => Promise<void> | void;

const NEIGHBOURS: Record<string, (service: Service) => Promise<End>> = {
  'a printer that accepts a job and never answers': async ({ api, port }) => {
    const held: Socket[] = [];
    const printer = createServer((socket) => held.push(socket.pause()));
    await new Promise<void>((resolve) => printer.listen(0, '127.0.0.1', resolve));
    const at = (printer.address() as { port: number }).port;
    await api('PUT', '/v1/printers/mute', { kind: 'raw9100', host: '127.0.0.1', port: at });
    for (let n = 0; n < 20; n++) {
      const { id } = await ask(port, {});
      await api('POST', `/v1/units/${id}/print`, { printer: 'mute' });
    }
    return () => {
      for (const socket of held) socket.destroy();
      printer.close();
    };
  },
  'a reader that never finishes its export': async ({ url, data, api }) => {
    // The number of units. The number is so high that the export is larger than all buffers between the service and
    // the reader.
    for (let n = 0; n < 20; n++) await api('POST', '/v1/units', { product: 'TORTURE', count: 1000 });
    const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
    const asked = request(`${url}/v1/ledger.csv`, {
      headers: { authorization: `Bearer ${token}` },
      agent: new Agent(),
    });
    const answer = new Promise<void>((resolve) => asked.once('response', (response) => resolve(void response.pause())));
    asked.on('error', () => {});
    asked.end();
    await answer;
    return () => void asked.destroy();
  },
  '500 half-open connections': async ({ port }) => {
    const sockets = Array.from({ length: 500 }, () => {
      const socket = connect(port, '127.0.0.1', () => socket.write('POST /ioto/serialize HTTP/1.1\r\nX-Slow: '));
      return socket.on('error', () => {});
    });
    await pause(1000);
    return () => {
      for (const socket of sockets) socket.destroy();
    };
  },
  'a client that floods forbidden requests': async ({ port }) => {
    const child = fork(join(packageRoot, 'dist', 'torture', 'flood.js'), [String(port)], { stdio: 'inherit' });
    await once(child, 'spawn');
    return async () => {
      if (child.exitCode !== null) throw new Error(`the flood ended with ${child.exitCode}`);
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    };
  },
};
