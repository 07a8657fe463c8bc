import type { Destination } from '../contract/checkpoints.ts';
import { postForStatus, whyNot } from './post.ts';

/** The time limit for an answer. The limit is short, because the receiver only has to store a few hundred bytes. */
const ANSWER_MS = 10_000;

/** Sends each checkpoint to an address, as a POST request whose body is the signed note. */
export function toWebhook(address: string, answerMs = ANSWER_MS): Destination {
  const url = new URL(address);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return {
    // The destination's name leaves out the path and the query, because either may contain a token.
    name: url.origin,
    async send({ note }, signal) {
      const { status } = await postForStatus(url, { body: note, headers, answerMs, signal }).catch((error: unknown) => {
        throw new Error(whyNot(error), { cause: error });
      });
      if (status < 200 || status > 299) throw new Error(`the answer has HTTP status ${status}`);
    },
  };
}
