import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ClaimstampError, refusal } from '../platform/error.ts';
import type { Log } from '../platform/log.ts';
import { internalProblem, plainProblem, problem, type Plain } from './problems.ts';
import type { Traffic } from './traffic.ts';

/*
 * What reaches no route: bytes that are not HTTP, headers that are too large or too slow, CONNECT, expectations. All of it
 * gets the same problem+json as a route's refusal, and then the connection ends: where the next request would begin
 * nobody knows. An Upgrade is not refused but ignored, as RFC 9110, 7.8 allows: common clients offer HTTP/2 that way.
 */
export function answerUnfit(server: Server, traffic: Traffic): void {
  // Of bytes that are not HTTP every further piece is an error again.
  const seen = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (seen.has(socket)) return;
    seen.add(socket);
    const refusal = refusalOf(error);
    // Resets and failed handshakes: nobody is there to read an answer.
    if (refusal === undefined) return void socket.destroy();
    traffic.cut(refusal.code === 'too-slow' ? 'too-slow' : 'malformed', addressOf(socket), error.code);
    const current = underWay(socket);
    // It was a whole request and comes first: its answer is on its way, or will be.
    if (current?.req.complete || current?.headersSent) current.once('close', () => socket.destroy());
    else endWith(socket, refusal);
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    traffic.cut('malformed', request.socket.remoteAddress);
    socket.on('error', () => socket.destroy()).resume();
    endWith(
      socket,
      new ClaimstampError('method-not-allowed', 'this service is no proxy: ask it for its own addresses'),
    );
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const refusal = new ClaimstampError('expectation-failed', 'the only expectation that is met here is 100-continue');
    const { status, headers, body } = lastAnswer(refusal);
    response.writeHead(status, headers).end(body);
  });
}

/** What the HTTP adapter itself cannot read: no Host in HTTP/1.1, or one that is none; a target that is no path. */
export function misfit(error: unknown, log: Log): Response {
  const requestId = randomUUID();
  if (!(error instanceof Error) || error.name !== 'RequestError') {
    log.error({ requestId, err: error }, 'a request failed inside');
    return internalProblem(requestId);
  }
  return problem(new ClaimstampError('invalid', `the request cannot be read: ${error.message}`), requestId);
}

function refusalOf({ code = '' }: NodeJS.ErrnoException): ClaimstampError | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new ClaimstampError('too-slow', 'the request did not come in time: send it again in one go');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ClaimstampError('headers-too-large', 'the headers are too large: send fewer or shorter ones');
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return new ClaimstampError('too-large', 'the chunk extensions are too large: send none');
  if (!code.startsWith('HPE_')) return undefined;
  return refusal('invalid', 'http');
}

/** The answer that Node holds the socket for. It tells in no other way which one that is. */
export function underWay(socket: Duplex): ServerResponse | undefined {
  return (socket as { ['_httpMessage']?: ServerResponse | null })['_httpMessage'] ?? undefined;
}

/**
 * A socket that is closed with bytes unread resets the connection, and the answer is lost on its way. So it stays open
 * for a moment: a client that still sends takes a round trip or two to notice. ms
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
  return (socket as Socket).remoteAddress;
}
