import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { postForStatus, whyNot } from './post.ts';
import { retryAfterOf } from './retry-after.ts';
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
  /** The wait that the receiver asks for with Retry-After. */
  retryAfterS?: number;
}

/** A receiver only has to store the event, so this time limit (ms) is generous. */
const ANSWER_MS = 15_000;

export function openDelivery(target: URL, targets: Targets, now: () => number): Delivery {
  const agent =
    target.protocol === 'https:'
      ? new HttpsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: true })
      : new HttpAgent({ keepAlive: true, maxSockets: 1 });

  const attempt = async (body: string, sent: Record<string, string>, signal: AbortSignal): Promise<Delivered> => {
    const connection = { agent, lookup: targets.lookup(target), signal, answerMs: ANSWER_MS };
    // A redirect is not followed: its status is the result.
    const { status, headers } = await postForStatus(target, {
      ...connection,
      body,
      headers: { ...sent, 'user-agent': 'claimstamp' },
    });
    const retryAfterS = retryAfterOf(headers, now());
    return { result: String(status), ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  };

  return {
    async send(body, headers, signal) {
      const problem = targets.problem(target);
      if (problem !== undefined) return { result: problem };
      return attempt(body, headers, signal).catch((error: unknown) => ({ result: whyNot(error) }));
    },
    close: () => agent.destroy(),
  };
}
