import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_REPLY_BYTES, readReply, type Reply } from './reply.ts';

/** The Ioto agent as its contract has it: what it sends, what it takes for an answer, and when it asks again. */
export interface Agent {
  /** `api.serialize` of its firmware. */
  url: string;
  /** The device section as strict JSON. Every attempt sends the same bytes. */
  body: string;
  /** Set for a registration: the product, which it shows as bearer. */
  bearer?: string;
  /** The address it comes from: what tells stations apart when their URLs are the same. */
  localAddress?: string;
  /** It gives up on one attempt after this long. */
  timeoutMs: number;
  /** It sleeps this long before the next. */
  retryMs: number;
  /** A real agent asks for ever; this one has an end. */
  maxAttempts: number;
  /** The fate of the next reply; undefined: it arrives. */
  loses?: () => Loss | undefined;
  /** Sees every attempt, for the report. */
  note?: (attempt: Attempt) => void;
  /** What people do at the station while the agent sleeps. */
  meanwhile?: (attempt: Attempt) => Promise<void>;
  signal?: AbortSignal;
}

/** A reply is lost when it is there already, or the connection breaks this many ms after the request, whatever is first. */
export type Loss = { afterMs: number };

export type Attempt =
  | { result: 'answered'; id: string; ms: number }
  /** A reply that is not status 200 with a JSON string `id`. */
  | { result: 'refused'; why: string }
  /** No reply: connection refused or cut, or the time was up. */
  | { result: 'failed'; why: string }
  | { result: 'lost' }
  /** The simulation ended. */
  | { result: 'cut' };

/** Asks until it is answered. Undefined when the simulation has an end before that. */
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

/** One attempt: a connection of its own, one request, at most one reply. Never rejects. */
export function askOnce(
  agent: Pick<Agent, 'url' | 'body' | 'bearer' | 'localAddress' | 'timeoutMs' | 'signal'>,
  loss?: Loss,
): Promise<Attempt> {
  const { url, bearer, localAddress, timeoutMs, signal } = agent;
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
    const take = (reply: Reply): void =>
      end(
        loss
          ? { result: 'lost' }
          : judge(reply, Math.round((performance.now() - startedAt) * 10) / 10, bearer !== undefined),
      );

    socket.on('connect', () => {
      socket.write(requestBytes(url, agent.body, bearer));
      if (loss) timers.push(setTimeout(() => end({ result: 'lost' }), loss.afterMs));
    });
    listenForReply(socket, take, (why) => end({ result: 'failed', why }));
    signal?.addEventListener('abort', cut);
    if (signal?.aborted) cut();
  });
}

/** The bytes of the contract: three headers in this order, before them the bearer of a registration; no more. */
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
      fail((error as Error).message);
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
 * 200 exactly, with a JSON string `id`; to a registration, with an object of at least two properties. The reason of a
 * refusal is for our report: the agent never looks at it.
 */
function judge({ status, body }: Reply, ms: number, registers: boolean): Attempt {
  const content = parsed(body);
  if (registers && status === 200 && Object.keys(content ?? {}).length >= 2) return { result: 'answered', id: '', ms };
  if (!registers && status === 200 && typeof content?.id === 'string')
    return { result: 'answered', id: content.id, ms };
  const code = typeof content?.type === 'string' ? content.type.replace('urn:claimstamp:problem:', '') : 'no-id';
  return { result: 'refused', why: `${status} ${code}` };
}

function parsed(body: string): { id?: unknown; type?: unknown } | undefined {
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
    // The simulation ended: the next attempt says so.
  }
}
