import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { PRODUCT } from '../harness/service.ts';

/*
 * `hostile-device.js <port> <address> <count>` sends every kind of request that a device could use to block other
 * devices. All requests come from one address. The program runs until its parent process tells it to stop. It tells its
 * parent process when it has sent `count` requests and, at the end, how many it has sent. The hostile device is a
 * separate process, so that it does not slow down the process that measures.
 */

const port = Number(process.argv[2]);
const from = process.argv[3];
const count = Number(process.argv[4]);
const CONNECTIONS = 16;
const HALF_OPEN = 200;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, localAddress: from });
const counts = { sent: 0, given: 0 };
const stopping = new AbortController();

const serialize = (body: unknown): [string, string] => ['/ioto/serialize', JSON.stringify(body)];
const register = (body: unknown): [string, string] => ['/api/device/register', JSON.stringify(body)];
const NAMES = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', '__proto__'];
const claimId = (n: number): string => `0${(n * 7919).toString(10).padStart(9, '0')}`;

/** Each kind of request is a function that returns a path and a body. `n` counts the requests. */
const KINDS: ((n: number) => [string, string])[] = [
  () => serialize({ product: PRODUCT }),
  (n) =>
    serialize({ product: PRODUCT, serial: `26${String(10 + (n % 43))}${String(n % 10_000_000).padStart(7, '0')}` }),
  (n) => serialize({ product: PRODUCT, serial: `squat-${n}` }),
  (n) => serialize({ product: NAMES[n % NAMES.length], mac: `hostile-${n}` }),
  (n) => serialize({ product: PRODUCT, [NAMES[n % NAMES.length] ?? 'mac']: `hostile-${n}` }),
  (n) => serialize({ product: `INVENTED${n}` }),
  (n) => serialize({ product: PRODUCT, mac: `hostile-${n}`, note: 'x'.repeat(60_000) }),
  (n) => serialize({ product: PRODUCT, mac: `hostile-${n}`, note: 'x'.repeat(2_000_000) }),
  // The hostile device sends MACs of other devices, to try to get the Claim IDs of those devices.
  (n) => serialize({ product: PRODUCT, mac: `mac-alone-${n % 20}-${n % 50}` }),
  (n) => serialize({ product: PRODUCT, mac: `mac-beside-${n % 20}-${n % 50}`, serial: `theirs-${n}` }),
  (n) => register({ product: PRODUCT, id: claimId(n), created: '1970-01-01T00:00:00.000Z' }),
  () => ['/ioto/serialize', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  () => ['/ioto/serialize', `{"product":${'9'.repeat(50_000)}}`],
  (n) => [`/ioto/serialize/key-${n}`, JSON.stringify({ product: PRODUCT })],
  (n) => [`/v1/units/${claimId(n)}`, ''],
  () => ['/sign-in', 'name=admin&password=guess'],
];

// In production, the hostile device has its own processor. In this test, the device runs with low priority, so that
// it takes no processor time from the service and the stations.
setPriority(constants.priority.PRIORITY_LOW);
process.once('message', () => stopping.abort());
process.once('disconnect', () => process.exit());
halfOpen();
await Promise.all(Array.from({ length: CONNECTIONS }, (_one, worker) => attack(worker)));
agent.destroy();
process.send?.(counts, () => process.exit());

async function attack(worker: number): Promise<void> {
  for (let n = worker; !stopping.signal.aborted; n += CONNECTIONS) {
    const kind = KINDS[(n + Math.floor(n / CONNECTIONS)) % KINDS.length];
    if (kind !== undefined) await send(...kind(n));
    await pause(1);
  }
}

function send(path: string, body: string): Promise<void> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', agent }, (response) => {
      if (response.statusCode === 200) counts.given++;
      response.resume().once('close', resolve);
    });
    asked.setHeader('content-type', 'application/json');
    asked.setHeader('content-length', Buffer.byteLength(body));
    asked.once('error', () => resolve()).end(body);
    if (++counts.sent === count) process.send?.('sent');
  });
}

/** Opens connections whose requests are never completed. When the service closes such a connection, opens a new one. */
function halfOpen(): void {
  for (let n = 0; n < HALF_OPEN; n++) {
    const open = (): void => {
      const socket = connect({ host: '127.0.0.1', port, ...(from === undefined ? {} : { localAddress: from }) });
      socket.on('error', () => {}).on('connect', () => socket.write('POST /ioto/serialize HTTP/1.1\r\nX-Slow: '));
      socket.on('close', () => stopping.signal.aborted || setTimeout(open, 1000));
    };
    open();
  }
}
