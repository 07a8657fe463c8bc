import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { whyNot } from './post.ts';
import type { Targets } from './targets.ts';

/** The connection of one webhook to its receiver. */
export interface Delivery {
  /**
   * Sends a message. Never throws. If the receiver did not accept the message, `result` is a status outside 200 to 299,
   * or a code.
   */
  send: (body: string, headers: Record<string, string>, signal: AbortSignal) => Promise<Delivered>;
  close: () => void;
}

export interface Delivered {
  /** The status of the answer, such as `200`, or a code that says why there was none. */
  result: string;
  /** The receiver's Retry-After (RFC 9110, 10.2.3), if it is a number of seconds. */
  retryAfterS?: number;
}

/** A receiver only has to store the event, so this time limit (ms) is generous. */
const ANSWER_MS = 15_000;

/** The content of an answer is not used. If an answer is longer than this, its connection is closed. */
const MAX_ANSWER_BYTES = 64 * 1024;

export function openDelivery(target: URL, targets: Targets): Delivery {
  const isSecure = target.protocol === 'https:';
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: true })
    : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const request = isSecure ? httpsRequest : httpRequest;

  const attempt = (body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Delivered> =>
    new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body), 'user-agent': 'claimstamp' },
        agent,
        signal,
        lookup: targets.lookup(target),
      };
      // A redirect is not followed: its status is the result.
      const outgoing = request(target, options, (answer) => {
        let bytes = 0;
        answer
          .on('data', (chunk: Buffer) => {
            bytes += chunk.byteLength;
            if (bytes > MAX_ANSWER_BYTES) answer.destroy();
          })
          .on('error', () => {});
        const after = answer.headers['retry-after'] ?? '';
        const wait = /^\d{1,7}$/.test(after) ? { retryAfterS: Number(after) } : {};
        // The next message needs the connection, so it waits until this answer has ended.
        answer.once('close', () => resolve({ result: String(answer.statusCode), ...wait }));
      });
      outgoing.once('error', reject);
      outgoing.once('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(new Error('ANSWER_UPGRADES'));
      });
      outgoing.end(body);
    });

  return {
    async send(body, headers, signal) {
      const problem = targets.problem(target);
      if (problem !== undefined) return { result: problem };
      const late = AbortSignal.timeout(ANSWER_MS);
      return attempt(body, headers, AbortSignal.any([late, signal])).catch((error: unknown) => ({
        result: whyNot(error),
      }));
    },
    close: () => agent.destroy(),
  };
}
