import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { addressOf } from '../model/printer.ts';
import type { Login } from '../model/printing/sending.ts';
import { connect, seconds, within, type Endpoint } from './socket.ts';

/** An answer about a job is a few hundred bytes long. A complete description of a printer is about 10 KiB long. */
const MAX_REPLY_BYTES = 64 * 1024;

export interface Posting {
  /**
   * The body is sent with Content-Length, because old printers do not accept chunked bodies. The body is a function if
   * its bytes become available only after `firstByte`, because a print agent receives the label only then.
   */
  body: Buffer | (() => Buffer);
  connectMs: number;
  /** The time limit from the first byte sent to the last byte received. */
  answerMs: number;
  signal: AbortSignal;
  /** Called and awaited before the first byte is sent. Set only for requests that can make the printer print. */
  firstByte?: (socket: Socket) => Promise<void>;
}

export interface Reply {
  status: number;
  location: string | undefined;
  /** How the printer wants users to authenticate (`WWW-Authenticate`). */
  challenge?: string | undefined;
  /** The body is empty if the answer is not `application/ipp`. */
  body: Buffer;
}

type Destination = Endpoint & { path: string; login?: Login | undefined };

/**
 * Sends an IPP message as one HTTP POST over a new connection. Redirects are not followed, and nothing is sent twice.
 */
export async function post(to: Destination, posting: Posting): Promise<Reply> {
  const socket = await connect(to, posting.connectMs, posting.signal);
  try {
    await posting.firstByte?.(socket);
    const late = `the printer did not answer in ${seconds(posting.answerMs)}`;
    return await within(
      exchange(socket, to, typeof posting.body === 'function' ? posting.body() : posting.body),
      posting.answerMs,
      late,
      posting.signal,
    );
  } finally {
    socket.destroy();
  }
}

async function exchange(socket: Socket, to: Destination, body: Buffer): Promise<Reply> {
  // The zone of an IPv6 address is meaningful only on this computer, so it is not sent to the printer.
  const host = addressOf({ host: to.host.replace(/%.*/, ''), port: to.port });
  const posted = request({
    createConnection: () => socket,
    method: 'POST',
    path: to.path,
    headers: { host, 'content-type': 'application/ipp', 'content-length': body.length, ...basic(to.login) },
  });
  posted.on('error', () => {});
  posted.end(body);
  const response: IncomingMessage = (await once(posted, 'response'))[0];
  response.on('error', () => {});
  const { statusCode = 0, headers } = response;
  const isIpp = /^application\/ipp\b/i.test(headers['content-type'] ?? '');
  const reply = { status: statusCode, location: headers.location, challenge: headers['www-authenticate'] };
  return { ...reply, body: isIpp ? await read(response) : Buffer.alloc(0) };
}

/** Returns the header for Basic authentication (RFC 7617). */
function basic(login: Login | undefined): { authorization?: string } {
  if (login?.password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}` };
}

async function read(response: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > MAX_REPLY_BYTES) throw new Error(`the printer answered with more than ${MAX_REPLY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
