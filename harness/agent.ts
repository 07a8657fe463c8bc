import { setTimeout as pause } from 'node:timers/promises';
import { createConnection, type Socket } from 'node:net';

/**
 * The request of an agent with standard firmware (docs/firmware.md). The request has three headers and does not
 * identify the device.
 */
export const PRODUCT = '01H4R15D3478JD26YDYK408XE6';
export const BODY = JSON.stringify({ product: PRODUCT, name: 'Demo', description: 'Demo App', model: 'Demo-01' });

function request(host: string, path: string): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Content-Type: application/json',
    `Host: ${host}`,
    `Content-Length: ${BODY.length}`,
    '',
    BODY,
  ].join('\r\n');
}

/**
 * The address that agents call, and the request that they send. The request is prepared only once, because the load
 * generator must be faster than the service.
 */
export interface Target {
  host: string;
  port: number;
  bytes: Buffer;
}

/**
 * Returns the request of an agent to `url`: the address of a service, or the address that the devices of a station
 * call.
 */
export function target(url: string): Target {
  const { host, hostname, port, pathname } = new URL(url);
  const path = pathname === '/' ? '/ioto/serialize' : pathname;
  return { host: hostname, port: Number(port), bytes: Buffer.from(request(host, path)) };
}

/** The time limit in ms for an answer, which is three times as long as an agent waits. */
const PATIENCE_MS = 90_000;

/**
 * Acts like many agents that call a station one after another. After each answer, `answered` is called with the Claim
 * ID that the agent received. If `answered` returns true, the next agent sends its request. Normally, all agents share
 * one connection. With `reconnect`, each agent opens its own connection, as real agents do. Rejects if an agent would
 * not accept one of the answers.
 */
export function askOn(to: Target, reconnect: boolean, answered: (uci: string) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = '';
    // All connections share one buffer. Allocating a buffer for each connection would take more time than the request
    // itself.
    const buffer = Buffer.allocUnsafe(ANSWER_BYTES);
    let socket: Socket;
    const patience = setTimeout(() => socket.destroy(new Error('no answer')), PATIENCE_MS);
    const end = (error?: Error): void => {
      clearTimeout(patience);
      if (error) reject(error);
      else resolve();
    };
    const connect = (): void => {
      const callback = (bytes: number): boolean => {
        receive(buffer.toString('latin1', 0, bytes));
        return true;
      };
      socket = createConnection({ host: to.host, port: to.port, onread: { buffer, callback } });
      socket
        .on('error', end)
        .on('end', () => end(new Error(`the server closed the connection after ${JSON.stringify(received)}`)));
      socket.write(to.bytes);
    };
    const receive = (text: string): void => {
      received += text;
      if (!isComplete(received)) return;
      const uci = ANSWER.exec(received)?.[1];
      if (uci === undefined)
        return void socket.destroy(new Error(`an agent does not accept ${JSON.stringify(received)}`));
      received = '';
      patience.refresh();
      const more = answered(uci);
      if (reconnect || !more) socket.destroy();
      if (!more) end();
      else if (reconnect) connect();
      else socket.write(to.bytes);
    };
    connect();
  });
}

/** The size of the buffer in bytes. Answers are much shorter. */
const ANSWER_BYTES = 4096;
const ANSWER = /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\{"id":"([0-9A-HJKMNP-TV-Z]{10})"\}$/;

function isComplete(received: string): boolean {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(received.slice(0, head + 2))?.[1];
  if (length === undefined) throw new Error(`the answer has no Content-Length: ${JSON.stringify(received)}`);
  return received.length >= head + 4 + Number(length);
}

/** The number of new connections per second. */
const AGENTS_PER_SECOND = 200;

/**
 * Sends a request over a new connection every few ms, even if earlier requests have not been answered yet. Returns the
 * duration of each request in ms.
 */
export async function timeAgents(url: string, forMs: number): Promise<number[]> {
  const to = target(url);
  const asked: Promise<number>[] = [];
  const begun = performance.now();
  for (let at = 0; at < forMs; at = performance.now() - begun) {
    const due = (asked.length * 1000) / AGENTS_PER_SECOND;
    if (at >= due) asked.push(timed(() => askOn(to, true, () => false)));
    else await pause(due - at);
  }
  return Promise.all(asked);
}

async function timed(act: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

/** Returns the 99th percentile. Returns infinity if `times` is empty, because then no request got an answer. */
export function p99(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? Infinity;
}
