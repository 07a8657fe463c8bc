import {
  request as httpRequest,
  type Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest, type Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { errorCode } from '../platform/error.ts';

/* Sends one HTTP request with limits on time and size. Redirects are not followed, and no proxy is used. */

export interface Post {
  body: Uint8Array | string;
  headers: Record<string, string>;
  /** The time limit for the entire answer. */
  answerMs: number;
  /** The maximum size of the answer. */
  maxBytes: number;
  agent?: HttpAgent | HttpsAgent;
  /** Ends the request early. */
  signal?: AbortSignal;
}

export interface PostAnswer {
  status: number;
  contentType: string | undefined;
  body: Buffer;
}

export function post(url: URL, { body, headers, answerMs, maxBytes, agent, signal }: Post): Promise<PostAnswer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(answerMs);
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      ...(agent === undefined ? {} : { agent }),
    };
    const outgoing = request(url, options, (answer) => {
      read(answer, maxBytes).then(resolve, (error: unknown) => {
        outgoing.destroy();
        reject(error);
      });
    });
    outgoing.once('error', reject);
    // Without this listener, an answer with status 101 (RFC 9110, 15.2.2) would cause neither a response event nor an
    // error.
    outgoing.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('ANSWER_UPGRADES'));
    });
    outgoing.end(body);
  });
}

async function read(answer: IncomingMessage, maxBytes: number): Promise<PostAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const pieces: AsyncIterable<Buffer> = answer;
  for await (const chunk of pieces) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error('ANSWER_TOO_LARGE');
    chunks.push(chunk);
  }
  if (!answer.complete) throw new Error('ANSWER_CUT');
  const body = Buffer.concat(chunks);
  return { status: answer.statusCode ?? 0, contentType: answer.headers['content-type'], body };
}

export interface StatusPost extends Omit<Post, 'maxBytes'> {
  /** Resolves the host name. */
  lookup?: LookupFunction;
}

export interface StatusAnswer {
  status: number;
  headers: IncomingHttpHeaders;
}

/**
 * How long the rest of an answer may take, in ms. Most answers are complete when their status arrives. The next request
 * needs the connection, so an answer that does not end must not hold the connection for longer.
 */
const REST_MS = 1000;

/** The maximum size of the rest of an answer. Error pages are shorter. */
const MAX_REST_BYTES = 64 * 1024;

/**
 * Sends a request, and uses only the status and the headers of the answer. Once the status has arrived, nothing that
 * happens to the rest of the answer changes the result. If the rest is too long or does not end, its connection is
 * closed. `answerMs` is the time limit for the status.
 */
export function postForStatus(url: URL, { body, answerMs, signal, ...rest }: StatusPost): Promise<StatusAnswer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(answerMs);
    const options = {
      ...rest,
      method: 'POST',
      headers: { ...rest.headers, 'content-length': Buffer.byteLength(body) },
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    };
    const outgoing = request(url, options, (answer) => {
      outgoing.off('error', reject).on('error', () => {});
      const end = setTimeout(() => answer.destroy(), REST_MS);
      let bytes = 0;
      answer
        .on('data', (chunk: Buffer) => {
          bytes += chunk.byteLength;
          if (bytes > MAX_REST_BYTES) answer.destroy();
        })
        .on('error', () => {});
      answer.once('close', () => {
        clearTimeout(end);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
      });
    });
    outgoing.once('error', reject);
    outgoing.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('ANSWER_UPGRADES'));
    });
    outgoing.end(body);
  });
}

/** Returns the error's code. The error's message is not used, because it may contain data from the server. */
export function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return 'FAILED';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'TIMEOUT';
  return errorCode(error) || (/^ANSWER_[A-Z_]+$/.test(error.message) ? error.message : 'FAILED');
}
