import type { Destination } from '../contract/checkpoints.ts';
import { post, whyNot } from './post.ts';

/** The time limit of an answer. The receiver has to store only a few hundred bytes. */
const ANSWER_MS = 10_000;

/** The maximum size of an answer. The content of the receiver's answer is not used. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** Sends each checkpoint to an address, as a POST request with the signed note as its body. */
export function toWebhook(address: string, answerMs = ANSWER_MS): Destination {
  const url = new URL(address);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return {
    // The name of the destination has no path and no query, because a path or a query may contain a token.
    name: url.origin,
    async send({ note }, signal) {
      const { status } = await post(url, { body: note, headers, answerMs, maxBytes: MAX_ANSWER_BYTES, signal }).catch(
        (error: unknown) => {
          throw new Error(whyNot(error), { cause: error });
        },
      );
      if (status < 200 || status > 299) throw new Error(`the answer has the status ${status}`);
    },
  };
}
