import { Agent } from 'node:https';
import { refusal } from '../platform/error.ts';
import { post, whyNot } from './post.ts';
import type { Cloud, CloudAnswer, CloudRequest } from '../contract/cloud.ts';

/** The time limit for an answer. An agent waits for 30 seconds, so the limit must be shorter. */
const ANSWER_MS = 25_000;

/** The maximum size of an answer in bytes. Two certificates, a key and a token are about 10 KB in total. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** The maximum number of connections. The cloud is far away, so each device uses a connection for about a second. */
const MAX_AT_ONCE = 64;

/**
 * The maximum number of simultaneous registrations from one sender, so that no sender can use up all connections. Eight
 * registrations a second are enough for 28,800 devices an hour at one station.
 */
const MAX_OF_SENDER = 8;

/**
 * Connects to the cloud at this https address. The cloud's certificate must come from an authority that Node trusts
 * (NODE_EXTRA_CA_CERTS adds authorities). Redirects are not followed, and no proxy is used.
 */
export function openCloud(builderUrl: string, answerMs = ANSWER_MS): Cloud & { close: () => void } {
  const url = new URL(`${builderUrl.replace(/\/$/, '')}/device/register`);
  // With `rejectUnauthorized`, certificates are checked even if NODE_TLS_REJECT_UNAUTHORIZED is 0.
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_AT_ONCE, rejectUnauthorized: true });
  let running = 0;
  const runningOf = new Map<string, number>();
  return {
    async register(asked) {
      const { sender } = asked;
      const own = runningOf.get(sender) ?? 0;
      if (running >= MAX_AT_ONCE) throw refusal('busy', 'registrations', { max: MAX_AT_ONCE });
      if (own >= MAX_OF_SENDER) throw refusal('busy', 'registrationsOf', { max: MAX_OF_SENDER, source: sender });
      running++;
      runningOf.set(sender, own + 1);
      try {
        return await ask(url, agent, asked, answerMs);
      } catch (error) {
        throw refusal('cloud-unreachable', 'why', { why: whyNot(error) });
      } finally {
        running--;
        const left = (runningOf.get(sender) ?? 1) - 1;
        if (left === 0) runningOf.delete(sender);
        else runningOf.set(sender, left);
      }
    },
    close: () => agent.destroy(),
  };
}

function ask(url: URL, agent: Agent, { body, authorization }: CloudRequest, answerMs: number): Promise<CloudAnswer> {
  const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
  return post(url, { body, headers, answerMs, maxBytes: MAX_ANSWER_BYTES, agent });
}
