import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { refusal } from '../platform/error.ts';
import type { Cloud, CloudAnswer, CloudRequest } from '../contract/cloud.ts';

/** This limit is shorter than the 30 seconds after which an agent gives up. */
const ANSWER_MS = 25_000;

/** The maximum size of an answer in bytes. Two certificates, a key and a token have about 10 KB. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** The maximum number of connections. The cloud is far away, so each device uses a connection for about a second. */
const MAX_AT_ONCE = 64;

/**
 * Connects to the cloud at this https address. An authority that Node trusts must have signed its certificate
 * (NODE_EXTRA_CA_CERTS adds an authority). Redirects are not followed, and no proxy is used.
 */
export function openCloud(builderUrl: string, answerMs = ANSWER_MS): Cloud & { close: () => void } {
  const url = new URL(`${builderUrl.replace(/\/$/, '')}/device/register`);
  // With this option, certificates are checked even if NODE_TLS_REJECT_UNAUTHORIZED is 0.
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
    // Without this listener, status 101 (RFC 9110, 15.2.2) would cause neither an answer nor an error.
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

/** Returns the code of the error. The message may contain data from the cloud, so it is not used. */
function why(error: unknown): string {
  if ((error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError') return 'TIMEOUT';
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? (/^ANSWER_[A-Z_]+$/.test(message) ? message : 'FAILED');
}
