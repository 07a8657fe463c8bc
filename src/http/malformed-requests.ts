import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, ServerResponse, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ClaimstampError, refusal } from '../platform/error.ts';
import type { Log } from '../platform/log.ts';
import { internalProblem, plainProblem, problem, type Plain } from './problems.ts';
import type { Traffic } from './traffic.ts';

/*
 * Handles requests that reach no route: bytes that are not HTTP, headers that are too large or arrive too slowly,
 * CONNECT, and the Expect header. The client gets problem+json. After the answer, the connection is closed, because it
 * is unclear where the next request starts. The Upgrade header is ignored, as RFC 9110, 7.8 allows. The header is not
 * an error, because common clients use it to offer HTTP/2.
 */
export function answerUnfit(server: Server, traffic: Traffic): void {
  // Node reports one error for each piece of malformed data. Only the first error is handled.
  const seen = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (seen.has(socket)) return;
    seen.add(socket);
    const refusal = refusalOf(error);
    // After a reset or a failed TLS handshake, the client cannot read an answer.
    if (refusal === undefined) return void socket.destroy();
    traffic.cut(refusal.code === 'too-slow' ? 'too-slow' : 'malformed', addressOf(socket), error.code);
    const current = underWay(socket);
    // If an earlier request on this connection is complete, it is answered before the connection closes.
    if (current?.req.complete || current?.headersSent) current.once('close', () => socket.destroy());
    else endWith(socket, refusal);
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    traffic.cut('malformed', request.socket.remoteAddress);
    socket.on('error', () => socket.destroy()).resume();
    endWith(socket, refusal('method-not-allowed', 'noProxy'));
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = lastAnswer(refusal('expectation-failed', 'only'));
    response.writeHead(status, headers).end(body);
  });
}

/**
 * Answers requests that the HTTP adapter cannot read because Host is missing or malformed, or the target is not a path.
 */
export function misfit(error: unknown, log: Log): Response {
  const requestId = randomUUID();
  if (!(error instanceof Error) || error.name !== 'RequestError') {
    log.error({ requestId, err: error }, 'a request failed inside');
    return internalProblem(requestId);
  }
  return problem(new ClaimstampError('invalid', `the request cannot be read: ${error.message}`), requestId);
}

function refusalOf({ code = '' }: NodeJS.ErrnoException): ClaimstampError | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal('too-slow', 'sendAgain');
  if (code === 'HPE_HEADER_OVERFLOW') return refusal('headers-too-large', 'shorter');
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return refusal('too-large', 'chunkExtensions');
  if (!code.startsWith('HPE_')) return undefined;
  return refusal('invalid', 'http');
}

/** The answer that Node is currently writing to this socket. Node has no public property for this answer. */
export function underWay(socket: Duplex): ServerResponse | undefined {
  const message = '_httpMessage' in socket ? socket['_httpMessage'] : undefined;
  return message instanceof ServerResponse ? message : undefined;
}

/**
 * If a socket is closed while it has unread bytes, the connection is reset, and the client loses the answer. So the
 * socket stays open for this time (ms), which is one or two round trips. During this time, a client that is still
 * sending can read the answer.
 */
const LINGER_MS = 500;

function endWith(socket: Duplex, refusal: ClaimstampError): void {
  if (!socket.writable) return void socket.destroy();
  const { status, headers, body } = lastAnswer(refusal);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function lastAnswer(refusal: ClaimstampError): Plain {
  const { headers, body, status } = plainProblem(refusal, randomUUID());
  const length = String(Buffer.byteLength(body));
  return { status, headers: { ...headers, 'content-length': length, connection: 'close' }, body };
}

function addressOf(socket: Duplex): string | undefined {
  return socket instanceof Socket ? socket.remoteAddress : undefined;
}
