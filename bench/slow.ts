import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { lowestPriority } from '../src/platform/spool.ts';
import { agentsBeside, type Beside, type BesideEffort } from './beside.ts';
import { startServer } from './children.ts';
import type { Figure } from './figure.ts';
import { built } from '../src/platform/package-root.ts';

/** The build may put this code into another file, so `import.meta.url` is not always the address of this program. */
const script = built('../bench/slow.js');

/* Measures how much clients that never finish their headers ("slowloris") slow down agents. */

const SLOW = 500;
/** The interval in ms at which each client sends one byte, so that no connection is idle. */
const DRIP_MS = 2000;
/** How long, in ms, to wait until all clients are connected. Then the measurement begins. */
const ARRIVAL_MS = 3000;

export async function benchSlow(data: string, effort: BesideEffort, say: (text: string) => void): Promise<Figure[]> {
  const server = await startServer('claimstamp', data);
  try {
    const beside: Beside = { than: 'alone', bound: 2, during: (act) => besideSlowClients(server.url, act) };
    return [await agentsBeside(server.url, `${SLOW} slow clients`, beside, effort, say)];
  } finally {
    await server.stop();
  }
}

/**
 * In production, slow clients run on other machines. In this benchmark, slow clients run in a process with the lowest
 * priority, so that they take no CPU time from the server.
 */
async function besideSlowClients<T>(url: string, act: () => Promise<T>): Promise<T> {
  const child = fork(script, ['hold'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], ...lowestPriority() });
  const exited = once(child, 'exit');
  child.send(url);
  await pause(ARRIVAL_MS);
  try {
    return await act();
  } finally {
    child.disconnect();
    await exited;
  }
}

/** A client that is disconnected reconnects at once. So the number of connected clients stays constant. */
function dawdle(port: number, hostname: string): void {
  const socket = connect(port, hostname, () => socket.write('POST /ioto/serialize HTTP/1.1\r\nX-Slow: '));
  const drip = setInterval(() => socket.writable && socket.write('x'), DRIP_MS * (0.5 + Math.random()));
  socket.on('error', () => socket.destroy());
  socket.resume().once('close', () => {
    clearInterval(drip);
    dawdle(port, hostname);
  });
}

if (process.argv[1] === script && process.send) {
  process.once('message', (url: string) => {
    const { port, hostname } = new URL(url);
    for (let n = 0; n < SLOW; n++) setTimeout(() => dawdle(Number(port), hostname), (n * ARRIVAL_MS) / (2 * SLOW));
  });
  process.once('disconnect', () => process.exit(0));
}
