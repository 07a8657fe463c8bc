import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_REPLY_BYTES, readReply, type Reply } from './reply.ts';
import { POOL_PROPERTY } from './pool-numbers.ts';
import { messageOf } from '../platform/error.ts';

/** A simulated Ioto agent, which behaves as the agent contract describes. */
export interface Agent {
  /** The URL that the firmware has in `api.serialize`. */
  url: string;
  /** The device section as strict JSON. The agent sends the same bytes in every attempt. */
  body: string;
  /** Present for a registration: the device's product, which is sent as the bearer token. */
  bearer?: string;
  /**
   * The source address of the requests. If stations have the same URL, the service tells them apart by this address.
   */
  localAddress?: string;
  /** How requests reach the service. Absent if the requests go through a socket of this process. */
  wire?: Wire;
  /** The time limit for one attempt, in ms. */
  timeoutMs: number;
  /** The pause between two attempts, in ms. */
  retryMs: number;
  /** The maximum number of attempts of a simulated agent. A real agent never stops asking. */
  maxAttempts: number;
  /** Returns how the next reply will be lost. Returns undefined if the reply will arrive. */
  loses?: () => Loss | undefined;
  /** Called after each attempt, for the report. */
  note?: (attempt: Attempt) => void;
  /** Called while the agent waits before its next attempt, so that the operator can act. */
  meanwhile?: (attempt: Attempt) => Promise<void>;
  signal?: AbortSignal;
}

/** The connection is broken when the reply arrives, or `afterMs` after the request. The reply is discarded. */
export type Loss = { afterMs: number };

/** Sends the bytes of a request. Resolves with the bytes of the reply. Rejects if there is no reply in time. */
export type Wire = (request: Buffer, limits: { timeoutMs: number; loss?: Loss }) => Promise<Buffer>;

export type Attempt =
  | { result: 'answered'; id: string; ms: number; number?: string }
  /** Either the status of the reply is not 200, or its body is not JSON with a string `id`. */
  | { result: 'refused'; why: string }
  /** There was no reply: the connection was refused or broken, or the time limit was reached. */
  | { result: 'failed'; why: string }
  | { result: 'lost' }
  /** The simulation ended. */
  | { result: 'cut' };

/**
 * Repeats the request until the agent gets an acceptable answer. Returns undefined if the simulation ends before that.
 */
export async function askUntilAnswered(agent: Agent): Promise<string | undefined> {
  for (let attempts = 0; attempts < agent.maxAttempts; attempts++) {
    const attempt = await askOnce(agent, agent.loses?.());
    agent.note?.(attempt);
    if (attempt.result === 'answered') return attempt.id;
    if (attempt.result === 'cut') return undefined;
    await Promise.all([pause(agent), agent.meanwhile?.(attempt)]);
  }
  return undefined;
}

type Asking = Pick<Agent, 'url' | 'body' | 'bearer' | 'localAddress' | 'wire' | 'timeoutMs' | 'signal'>;

/** Makes one attempt, which consists of a new connection, one request, and at most one reply. Never rejects. */
export function askOnce(agent: Asking, loss?: Loss): Promise<Attempt> {
  const { url, bearer, localAddress, wire, timeoutMs, signal } = agent;
  if (wire !== undefined) return askOver(wire, agent, loss);
  const { hostname, port } = new URL(url);
  const bare = hostname.replace(/^\[|\]$/g, '');
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect({
      host: bare,
      port: Number(port || 80),
      ...(localAddress === undefined ? {} : { localAddress, family: 4 }),
    });
    const end = (attempt: Attempt): void => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', cut);
      socket.destroy();
      resolve(attempt);
    };
    const cut = (): void => end({ result: 'cut' });
    const timers = [setTimeout(() => end({ result: 'failed', why: 'timeout' }), timeoutMs)];
    const take = (reply: Reply): void => {
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      end(loss ? { result: 'lost' } : judge(reply, ms, bearer !== undefined));
    };

    socket.on('connect', () => {
      socket.write(requestBytes(url, agent.body, bearer));
      if (loss) timers.push(setTimeout(() => end({ result: 'lost' }), loss.afterMs));
    });
    listenForReply(socket, take, (why) => end({ result: 'failed', why }));
    signal?.addEventListener('abort', cut);
    if (signal?.aborted) cut();
  });
}

async function askOver(wire: Wire, agent: Asking, loss: Loss | undefined): Promise<Attempt> {
  const { url, body, bearer, timeoutMs, signal } = agent;
  if (signal?.aborted) return { result: 'cut' };
  const startedAt = performance.now();
  try {
    const limits = { timeoutMs, ...(loss === undefined ? {} : { loss }) };
    const reply = readReply(await wire(requestBytes(url, body, bearer), limits), true);
    if (signal?.aborted) return { result: 'cut' };
    if (loss !== undefined) return { result: 'lost' };
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    return reply === undefined ? { result: 'failed', why: 'closed' } : judge(reply, ms, bearer !== undefined);
  } catch {
    return { result: 'failed', why: 'no reply' };
  }
}

/**
 * Builds the request that the contract describes, with three headers in this order. In a registration, the bearer token
 * comes before these headers.
 */
export function requestBytes(url: string, body: string, bearer?: string): Buffer {
  const { pathname, search, host } = new URL(url);
  const content = Buffer.from(body, 'utf8');
  const head = [
    `POST ${pathname}${search} HTTP/1.1`,
    ...(bearer === undefined ? [] : [`Authorization: bearer ${bearer}`]),
    'Content-Type: application/json',
    `Host: ${host}`,
    `Content-Length: ${content.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content]);
}

function listenForReply(
  socket: NodeJS.ReadableStream,
  take: (reply: Reply) => void,
  fail: (why: string) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const look = (ended: boolean): void => {
    try {
      const reply = readReply(bytes, ended);
      if (reply) take(reply);
      else if (ended) fail('closed');
      else if (bytes.length > MAX_REPLY_BYTES) fail('reply-too-large');
    } catch (error) {
      fail(messageOf(error));
    }
  };
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    look(false);
  });
  socket.on('end', () => look(true));
  socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
}

/**
 * The agent accepts a reply with status 200 and JSON that has a string `id`. In a registration, the agent accepts a
 * JSON object with at least two properties. If the agent does not accept a reply, the report gives the reason.
 */
function judge({ status, body }: Reply, ms: number, registers: boolean): Attempt {
  const content = parsed(body);
  if (registers && status === 200 && Object.keys(content ?? {}).length >= 2) return { result: 'answered', id: '', ms };
  if (!registers && status === 200 && typeof content?.id === 'string') {
    const number = content[POOL_PROPERTY];
    return { result: 'answered', id: content.id, ms, ...(typeof number === 'string' ? { number } : {}) };
  }
  const code = typeof content?.type === 'string' ? content.type.replace('urn:claimstamp:problem:', '') : 'no-id';
  return { result: 'refused', why: `${status} ${code}` };
}

function parsed(body: string): { id?: unknown; type?: unknown; [POOL_PROPERTY]?: unknown } | undefined {
  try {
    const content: unknown = JSON.parse(body);
    return typeof content === 'object' && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}

async function pause({ retryMs, signal }: Agent): Promise<void> {
  try {
    await sleep(retryMs, undefined, signal === undefined ? {} : { signal });
  } catch {
    // The simulation has ended. The next attempt reports the failure.
  }
}
