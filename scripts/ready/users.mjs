// Which processes run from this folder. Each such process listens on a local socket whose name contains the folder. The
// operating system closes the socket when the process ends, however it ends.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** The maximum number of processes that are counted for a folder. Further processes run uncounted. */
const PLACES = 64;

/** A local socket answers within milliseconds. A process that is stopped or very busy does not answer. */
const ANSWER_MS = 1000;

/**
 * The length of a socket's name in Linux. Node 20 fills the name with zero bytes up to this length, and Node 22 does not.
 * With the complete length, both mean the same name.
 */
const NAME_BYTES = 108;

let place;

/** Counts this process among the users of the folder until it ends. */
export function takePlace(root) {
  place ??= firstFree(root);
  return place;
}

async function firstFree(root) {
  for (let number = 0; number < PLACES; number++) {
    const server = await listen(address(root, number));
    if (server) return server;
  }
  return undefined;
}

/** Returns the process ids of the other processes that use the folder. A process that does not answer is a "?". */
export async function otherUsers(root) {
  const numbers = Array.from({ length: PLACES }, (_, number) => number);
  const found = await Promise.all(numbers.map((number) => holder(address(root, number))));
  return found.filter((pid) => pid !== undefined && pid !== String(process.pid));
}

/** Runs `act` only while no other process runs it for this folder. Calls `onWait` once if it has to wait. */
export async function alone(root, onWait, act) {
  let turn = await listen(address(root, 'turn'));
  if (!turn) onWait();
  while (!turn) {
    await pause(100);
    turn = await listen(address(root, 'turn'));
  }
  try {
    return await act();
  } finally {
    turn.close();
  }
}

export function address(root, which) {
  const folder = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  const name = `claimstamp-${folder}-${which}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  // On Linux, a name that begins with a zero byte needs no file, so a service without write access can use it.
  return process.platform === 'linux' ? `\0${name}`.padEnd(NAME_BYTES, '\0') : `/tmp/${name}`;
}

/** Returns undefined if another process listens on the address. */
async function listen(name) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(String(process.pid), () => socket.destroy());
  });
  server.maxConnections = 8;
  server.unref();
  try {
    server.listen(name);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    if (!name.startsWith('/') || (await holder(name)) !== undefined) return undefined;
    // A process that was killed left the file of its socket.
    rmSync(name, { force: true });
    return listen(name);
  }
}

/** Returns the id of the process that listens on the address, or undefined if none does. */
function holder(name) {
  return new Promise((resolve) => {
    let said = '';
    let isFree = false;
    const socket = connect(name);
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on('data', (bytes) => (said += bytes));
    socket.on('error', ({ code }) => (isFree = ['ECONNREFUSED', 'ENOENT'].includes(code)));
    socket.on('close', () => resolve(isFree ? undefined : said || '?'));
  });
}
