import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../platform/log.ts';
import { blocks, plainAddress } from '../model/station.ts';
import { MIN_VERSION, type Pair } from '../platform/tls.ts';
import {
  HANDSHAKE_MS,
  HEADERS_MS,
  KEEP_ALIVE_MS,
  LOOK_FOR_LATE_MS,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  MAX_PER_ADDRESS,
  MAX_PIPELINED,
  REQUEST_MS,
  STALL_MS,
} from './bounds.ts';
import type { Traffic } from './traffic.ts';
import { answerUnfit, misfit, underWay } from './malformed-requests.ts';

/** As Hono has it: a request and what came with it. */
export type Fetch = Parameters<typeof getRequestListener>[0];

export interface ServerOptions {
  fetch: Fetch;
  traffic: Traffic;
  log: Log;
  /** Speaks TLS with these. */
  pair?: Pair;
  /** Addresses and blocks behind which many clients stand. */
  trustedProxies: string[];
}

export interface Guarded {
  server: Server;
  /** All that are open. Node knows those not that are still in their TLS handshake. */
  sockets: ReadonlySet<Socket>;
}

/** A server that no client can hold up for others: every wait and every count has its bound in bounds.ts. */
export function createServer({ fetch, traffic, log, pair, trustedProxies }: ServerOptions): Guarded {
  const errorHandler = (error: unknown): Response => misfit(error, log);
  const listener = getRequestListener(fetch, { errorHandler });
  const handle = boundPipeline((request, response) => listener(nameHost(request), response), traffic);
  const options = {
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: LOOK_FOR_LATE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Where it is missing in HTTP/1.1, `misfit` refuses, in the common form.
    requireHostHeader: false,
    noDelay: true,
  };
  const server = pair
    ? createTlsServer({ ...options, ...tlsOptions(pair), handshakeTimeout: HANDSHAKE_MS, allowHalfOpen: true }, handle)
    : createPlainServer(options, handle);
  // An agent may close its side behind its request and still wait for the answer. Node knows this only as a property
  // (and over TLS needs `allowHalfOpen` besides); without it the unit is issued and nobody is told.
  Object.assign(server, { httpAllowHalfOpen: true });
  if (pair) {
    server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, socket: Socket) =>
      traffic.cut('handshake', socket.remoteAddress, code),
    );
  }
  answerUnfit(server, traffic);
  cutStalled(server, traffic);
  return { server, sockets: capConnections(server, traffic, trustedProxies) };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A connection that sends too far ahead is closed, and what it still had in line is not carried out. */
function boundPipeline(handle: (...args: Parameters<Handler>) => unknown, traffic: Traffic): Handler {
  const waiting = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    if (socket.destroyed) return;
    if (underWay(socket) !== response) {
      const count = (waiting.get(socket) ?? 0) + 1;
      if (count > MAX_PIPELINED) {
        traffic.cut('pipelined', socket.remoteAddress);
        return void socket.destroy();
      }
      waiting.set(socket, count);
      response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    }
    handle(request, response);
  };
}

/**
 * HTTP/1.0 has no Host, and balancers ask in it whether the service is well. Then it is the address that was asked (RFC
 * 9112, 3.3: the server's default); no browser asks like that, so nothing is lost of what Host is judged for.
 */
function nameHost(request: IncomingMessage): IncomingMessage {
  const { httpVersion, headers, socket } = request;
  if (httpVersion === '1.0' && headers.host === undefined) {
    const address = plainAddress(socket.localAddress ?? '');
    headers.host = `${isIPv6(address) ? `[${address}]` : address}:${socket.localPort}`;
  }
  return request;
}

/** What a server's secure context is made of, at the start and when it is renewed. */
export function tlsOptions({ cert, key }: Pair): { cert: string; key: string; minVersion: typeof MIN_VERSION } {
  return { cert, key, minVersion: MIN_VERSION };
}

/**
 * Node's socket timeout fires when no byte has moved either way. That is also what a long piece of work looks like to the
 * client that waits for it: only who does not take what is ready for him is cut.
 */
function cutStalled(server: Server, traffic: Traffic): void {
  server.setTimeout(STALL_MS, (socket: Socket) => {
    const stalled = socket.writableLength > 0;
    // Late headers and bodies are cut by the server's own clock, with an answer.
    if (underWay(socket) && !stalled) return void socket.setTimeout(STALL_MS);
    if (stalled) traffic.cut('stalled', socket.remoteAddress);
    socket.destroy();
  });
}

/**
 * Over the caps a connection is closed before anything is made for it: neither parser nor handshake. A proxy brings many
 * clients and keeps its own bounds, so only the cap of all holds for it.
 */
function capConnections(server: Server, traffic: Traffic, trustedProxies: string[]): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  const held = new Map<string, number>();
  const trusted = blocks(trustedProxies);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('drop', (dropped?: { remoteAddress?: string }) => traffic.cut('cap', dropped?.remoteAddress));
  const serve = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // It is gone already.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    const address = plainAddress(socket.remoteAddress);
    const count = (held.get(address) ?? 0) + 1;
    if (count > MAX_PER_ADDRESS && !trusted(address)) {
      traffic.cut('address-cap', address);
      return void socket.destroy();
    }
    held.set(address, count);
    sockets.add(socket);
    traffic.opened();
    socket.once('close', () => {
      sockets.delete(socket);
      traffic.closed();
      const left = (held.get(address) ?? 1) - 1;
      if (left > 0) held.set(address, left);
      else held.delete(address);
    });
    for (const one of serve) one.call(server, socket);
  });
  return sockets;
}
