import { Worker } from 'node:worker_threads';
import type { Answer, Command } from '../decide/command.ts';
import { type ClaimstampError, refusal, refusalFrom } from '../platform/error.ts';
import type { LedgerFigures } from '../contract/ledger.ts';
import { built } from '../platform/package-root.ts';
import type { FromWriter, Probed, Reply, ToWriter, WriterState } from './writer.ts';

/**
 * The functions that the main thread calls to use the writer. The main thread sends several commands in one message,
 * and gets their answers in the same order.
 */
export interface WriterClient {
  record: <C extends Command>(command: C) => Promise<Answer<C>>;
  /** Asks the writer to write to the disk as a test, and returns the state of the writer. */
  probe: () => Promise<Probed>;
  /** For a shared ledger: fetches the events that other processes have recorded. Returns the state of the writer. */
  fetch: () => Promise<Probed>;
  figures: () => LedgerFigures;
  close: () => Promise<void>;
}

/**
 * The maximum number of commands that can wait. Further commands are refused as `busy`. At 5,000 commands a second, the
 * last one waits two seconds. An agent also waits two seconds before it asks again.
 */
const MAX_WAITING = 10_000;

/**
 * When this many commands are waiting to be sent, they are sent immediately, even before the event-loop turn ends.
 * Without this limit, the commands of 32 connections would be sent together. The main thread and the writer would then
 * keep waiting for each other. With 32 connections, the limits 8, 12 and 16 made the service a quarter faster than
 * without a limit, and the limit 24 an eighth faster.
 */
const HAND_OVER = 12;

export interface WriterOptions {
  file: string;
  /**
   * If `writer` is given, it replaces SQLite's writer. `entry` is the built file of the writer, and `url` is the
   * address of the shared ledger.
   */
  writer?: { entry: string; url: string };
  /** Called when another process has added events to the shared ledger. */
  onMoved?: () => void;
  /** Called when the writer has found and opened a different file at the path of the ledger. */
  onReopened?: () => void;
  /** Called with each internal error, so that the error can be logged. */
  onFault: (fault: string) => void;
  /** Called if the writer's thread has stopped unexpectedly. From then on, no commands are recorded. */
  onEnd?: () => void;
  /**
   * The maximum number of commands in one transaction. Benchmarks set the number to 1 to measure commits without
   * groups.
   */
  groupSize?: number;
}

interface Asked {
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
}

export async function openWriterClient(options: WriterOptions): Promise<WriterClient> {
  const { file, writer, onFault, groupSize } = options;
  const { entry = 'sqlite/writer.js', url } = writer ?? {};
  const worker = new Worker(built(entry), { workerData: { file, url, groupSize } });
  await opened(worker, onFault);
  const asked = followWriter(worker, options);
  const turn = openTurn(worker);
  let closed: Promise<void> | undefined;
  const refused = (): ClaimstampError | undefined => {
    if (closed) return refusal('stopping', 'wait');
    if (asked.gone) return refusal('ledger-unavailable', 'stopped');
    if (asked.waiting.length < MAX_WAITING) return undefined;
    return refusal('busy', 'requests', { max: MAX_WAITING });
  };
  const probe = async (how: 'write' | 'read'): Promise<Probed> => {
    if (asked.gone || closed) return STOPPED;
    return new Promise<Probed>((resolve) => {
      asked.probes.push(resolve);
      worker.postMessage({ probe: how } satisfies ToWriter);
    });
  };
  return {
    record<C extends Command>(command: C): Promise<Answer<C>> {
      const why = refused();
      if (why) return Promise.reject(why);
      return new Promise<Answer<C>>((resolve, reject) => {
        asked.waiting.push({ resolve, reject });
        turn.add(command);
      });
    },
    probe: () => probe('write'),
    fetch: () => probe('read'),
    figures: () => ({ ...asked.totals, waiting: asked.waiting.length, state: asked.state }),
    close() {
      closed ??= new Promise<void>((resolve) => {
        asked.closing = resolve;
        if (asked.gone) resolve();
        turn.send();
        worker.postMessage({ close: true } satisfies ToWriter);
      });
      return closed;
    },
  };
}

/** The messages to the writer that are not answered yet, and the state of the writer. */
interface AskedOfWriter {
  waiting: Asked[];
  probes: ((probed: Probed) => void)[];
  totals: Pick<LedgerFigures, 'commits' | 'commitMs' | 'commands' | 'events'>;
  state: WriterState;
  gone: boolean;
  closing?: () => void;
}

function followWriter(worker: Worker, { onFault, onEnd, onMoved, onReopened }: WriterOptions): AskedOfWriter {
  const asked: AskedOfWriter = {
    waiting: [],
    probes: [],
    totals: { commits: 0, commitMs: 0, commands: 0, events: 0 },
    state: 'ready',
    gone: false,
  };
  const { waiting, probes, totals } = asked;
  const settle = (replies: Reply[], tookMs: number): void => {
    totals.commits++;
    totals.commitMs += tookMs;
    totals.commands += replies.length;
    for (const reply of replies) {
      if ('events' in reply) totals.events += reply.events;
      answer(waiting.shift(), reply);
    }
  };
  worker.on('message', (message: FromWriter) => {
    if ('fault' in message && message.fault !== undefined) onFault(message.fault);
    if ('state' in message) asked.state = message.state;
    if ('moved' in message) onMoved?.();
    if ('reopened' in message) onReopened?.();
    if ('replies' in message) settle(message.replies, message.tookMs ?? 0);
    if ('probed' in message) probes.shift()?.(message.probed);
    if ('closed' in message) asked.closing?.();
  });
  worker.on('error', (error) => onFault(error.stack ?? String(error)));
  worker.on('exit', () => {
    asked.gone = true;
    // A command that got no answer may have been recorded. The caller may safely resend the command.
    if (asked.closing === undefined) {
      asked.state = 'latched';
      onEnd?.();
    }
    for (const { reject } of waiting.splice(0)) reject(refusal('ledger-unavailable', 'stopped'));
    for (const probed of probes.splice(0)) probed(STOPPED);
    asked.closing?.();
  });
  return asked;
}

/**
 * Collects the commands of one event-loop turn and sends them in one message. If there are enough commands, the message
 * is sent earlier.
 */
function openTurn(worker: Worker): { add: (command: Command) => void; send: () => void } {
  let commands: Command[] = [];
  const send = (): void => {
    if (commands.length > 0) worker.postMessage({ commands } satisfies ToWriter);
    commands = [];
  };
  return {
    send,
    add(command) {
      const gathered = commands.push(command);
      if (gathered === 1) setImmediate(send);
      else if (gathered === HAND_OVER) send();
    },
  };
}

function answer(asked: Asked | undefined, reply: Reply): void {
  if ('refused' in reply) asked?.reject(refusalFrom(reply.refused));
  else asked?.resolve(reply.answer as never);
}

/** The state of a writer whose thread has stopped. */
const STOPPED = { synchronous: 0, schema: 0, problem: refusal('ledger-unavailable', 'stopped').message };

function opened(worker: Worker, onFault: (fault: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: FromWriter) => {
      worker.off('error', reject);
      if ('fault' in message && message.fault !== undefined) onFault(message.fault);
      if ('failed' in message) reject(refusalFrom(message.failed));
      else resolve();
    });
  });
}
