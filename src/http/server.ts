import { randomUUID } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../platform/log.ts';
import { blocks, plainAddress } from '../model/station.ts';
import { refusal, type ClaimstampError } from '../platform/error.ts';
import { CIPHERS, MIN_VERSION, type Pair } from '../platform/tls.ts';
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
import { plainProblem } from './problems.ts';

export type Fetch = Parameters<typeof getRequestListener>[0];

export interface ServerOptions {
  fetch: Fetch;
  traffic: Traffic;
  log: Log;
  /** The certificate and its key, for TLS. */
  pair?: Pair;
  /** The addresses and address blocks of trusted proxies. */
  trustedProxies: string[];
}

export interface Guarded {
  server: Server;
  /** All open sockets. The set includes sockets that are still in the TLS handshake, which Node does not list. */
  sockets: ReadonlySet<Socket>;
}

/**
 * Creates the server. No client can block the server for others, because bounds.ts limits every wait and every count.
 */
export function createServer({ fetch, traffic, log, pair, trustedProxies }: ServerOptions): Guarded {
  const errorHandler = (error: unknown): Response => misfit(error, log);
  const listener = getRequestListener(fetch, { errorHandler });
  const handle = boundPipeline((request, response) => {
    const header = headerSentTwice(request);
    if (header !== undefined) return endWithProblem(response, refusal('invalid', 'twoLines', { header }));
    return listener(nameHost(request), response);
  }, traffic);
  const options = {
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: LOOK_FOR_LATE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // `misfit` refuses HTTP/1.1 requests without a Host header.
    requireHostHeader: false,
    noDelay: true,
  };
  const server = pair
    ? createTlsServer({ ...options, ...tlsOptions(pair), handshakeTimeout: HANDSHAKE_MS, allowHalfOpen: true }, handle)
    : createPlainServer(options, handle);
  // An agent may close its side of the connection after its request, and still wait for the answer. Without
  // `httpAllowHalfOpen`, a unit would be issued, but the answer would be lost. In Node, `httpAllowHalfOpen` can be set
  // only as a property of the server (TLS also needs `allowHalfOpen`).
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

/** If a connection has too many queued requests, closes the connection and drops the requests. */
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

/** Headers that may occur only once, spelled as in error messages. */
const SINGLE = new Map(
  [
    'Host',
    'Authorization',
    'Content-Length',
    'Content-Type',
    'Transfer-Encoding',
    'Cookie',
    'Origin',
    'Idempotency-Key',
    'X-CSRF-Token',
    'X-Forwarded-Proto',
  ].map((name) => [name.toLowerCase(), name]),
);

/**
 * Returns the name of a header that occurs twice but must not. Programs disagree on which of the two lines counts. So a
 * proxy might check one line while this service uses the other line. For Host, RFC 9112, 3.2 requires status 400.
 */
function headerSentTwice({ rawHeaders }: IncomingMessage): string | undefined {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (!SINGLE.has(name)) continue;
    if (seen.has(name)) return SINGLE.get(name);
    seen.add(name);
  }
  return undefined;
}

function endWithProblem(response: ServerResponse, error: ClaimstampError): void {
  const { status, headers, body } = plainProblem(error, randomUUID());
  response.writeHead(status, { ...headers, connection: 'close', 'content-length': Buffer.byteLength(body) }).end(body);
}

/**
 * An HTTP/1.0 request needs no Host header, and load balancers use HTTP/1.0 for health checks. If the header is
 * missing, the host is the address that the client called (RFC 9112, 3.3). Browsers never use HTTP/1.0, so the host
 * check still protects against attacks through browsers.
 */
function nameHost(request: IncomingMessage): IncomingMessage {
  const { httpVersion, headers, socket } = request;
  if (httpVersion === '1.0' && headers.host === undefined) {
    const address = plainAddress(socket.localAddress ?? '');
    headers.host = `${isIPv6(address) ? `[${address}]` : address}:${socket.localPort}`;
  }
  return request;
}

/**
 * Returns the options of the TLS context. The options are used at startup, and each time the certificate is renewed.
 */
export function tlsOptions({ cert, key }: Pair) {
  return { cert, key, minVersion: MIN_VERSION, ciphers: CIPHERS };
}

/**
 * Node's socket timeout also fires while a client waits for long work. So this code disconnects only clients that have
 * stopped reading.
 */
function cutStalled(server: Server, traffic: Traffic): void {
  server.setTimeout(STALL_MS, (socket: Socket) => {
    const stalled = socket.writableLength > 0;
    // For late headers and bodies, Node has separate timeouts. After such a timeout, the client gets an answer.
    if (underWay(socket) && !stalled) return void socket.setTimeout(STALL_MS);
    if (stalled) traffic.cut('stalled', socket.remoteAddress);
    socket.destroy();
  });
}

/**
 * A connection above the limit is closed before a parser or a TLS handshake is started for it. A proxy connects on
 * behalf of many clients, so only the limit on all connections applies to it.
 */
function capConnections(server: Server, traffic: Traffic, trustedProxies: string[]): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  const held = new Map<string, number>();
  const trusted = blocks(trustedProxies);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('drop', (dropped?: { remoteAddress?: string }) => traffic.cut('cap', dropped?.remoteAddress));
  const serve = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // A socket without an address has already been closed.
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
