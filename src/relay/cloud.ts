import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { refusal } from '../platform/error.ts';
import type { Cloud, CloudAnswer, CloudRequest } from '../contract/cloud.ts';

/** An agent gives up after 30 seconds: it must have our answer before. ms */
const ANSWER_MS = 25_000;

/** Two certificates, a key and a token are 10 KB. Bytes */
const MAX_ANSWER_BYTES = 256 * 1024;

/** A panel line's worth of devices at once; the cloud is far, so each holds a connection for a second or so. */
const MAX_AT_ONCE = 64;

/**
 * The cloud at this https address, its certificate checked against the authorities that Node knows (NODE_EXTRA_CA_CERTS
 * adds one). No redirect is followed, no proxy is asked, no other address is ever called.
 */
export function openCloud(builderUrl: string, answerMs = ANSWER_MS): Cloud & { close: () => void } {
  const url = new URL(`${builderUrl.replace(/\/$/, '')}/device/register`);
  // Not even NODE_TLS_REJECT_UNAUTHORIZED makes this one careless.
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_AT_ONCE, rejectUnauthorized: true });
  let running = 0;
  return {
    async register(asked) {
      if (running >= MAX_AT_ONCE) throw refusal('busy', 'registrations', { max: MAX_AT_ONCE });
      running++;
      try {
        return await ask(url, agent, asked, answerMs);
      } catch (error) {
        throw refusal('cloud-unreachable', 'why', { why: why(error) });
      } finally {
        running--;
      }
    },
    close: () => agent.destroy(),
  };
}

function ask(url: URL, agent: Agent, { body, authorization }: CloudRequest, answerMs: number): Promise<CloudAnswer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': body.byteLength,
      ...(authorization === undefined ? {} : { authorization }),
    };
    const signal = AbortSignal.timeout(answerMs);
    const outgoing = request(url, { method: 'POST', agent, headers, signal }, (answer) => {
      read(answer).then(resolve, (error: unknown) => {
        outgoing.destroy();
        reject(error);
      });
    });
    outgoing.once('error', reject);
    // 101 (RFC 9110, 15.2.2): nobody asked for another protocol. Left alone, it would be neither an answer nor an error.
    outgoing.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('ANSWER_UPGRADES'));
    });
    outgoing.end(body);
  });
}

async function read(answer: IncomingMessage): Promise<CloudAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('ANSWER_TOO_LARGE');
    chunks.push(chunk);
  }
  if (!answer.complete) throw new Error('ANSWER_CUT');
  const body = Buffer.concat(chunks);
  return { status: answer.statusCode ?? 0, contentType: answer.headers['content-type'], body };
}

/** By its code: messages may quote what the other side said. */
function why(error: unknown): string {
  if ((error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError') return 'TIMEOUT';
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? (/^ANSWER_[A-Z_]+$/.test(message) ? message : 'FAILED');
}
