import { Worker } from 'node:worker_threads';
import type { Answer, Command } from '../decide/command.ts';
import { type ClaimstampError, refusal, refusalFrom } from '../platform/error.ts';
import type { LedgerFigures } from '../contract/ledger.ts';
import { built } from '../platform/package-root.ts';
import type { FromWriter, Probed, Reply, ToWriter, WriterState } from './writer.ts';

/** The main thread's client of the writer: sends commands, several to a message; answers come back in order. */
export interface WriterClient {
  record: <C extends Command>(command: C) => Promise<Answer<C>>;
  /** Asks the writer for its state; it tries a real write. */
  probe: () => Promise<Probed>;
  figures: () => LedgerFigures;
  close: () => Promise<void>;
}

/**
 * Most waiting commands. At 5,000 a second the last of them waits two seconds, as long as an agent sleeps before it asks
 * again; further commands are refused as `busy`.
 */
const MAX_WAITING = 10_000;

/**
 * This many commands are sent without waiting for the end of the event-loop turn. Otherwise the requests of 32 connections
 * fall into step, and one thread is idle while the other works. Measured with 32 connections: 8, 12 and 16 were a quarter
 * faster, 24 an eighth.
 */
const HAND_OVER = 12;

export interface WriterOptions {
  file: string;
  /** Another writer instead of SQLite's: its built file, and the address of the shared ledger. */
  writer?: { entry: string; url: string };
  /** Another process added to the shared ledger. */
  onMoved?: () => void;
  /** Called with every internal error, for the log. */
  onFault: (fault: string) => void;
  /** The writer's thread ended unexpectedly: no more commands are recorded. */
  onEnd?: () => void;
  /** Commands in one transaction, at most; 1 is one transaction per request, for comparison. */
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
  return {
    record<C extends Command>(command: C): Promise<Answer<C>> {
      const why = refused();
      if (why) return Promise.reject(why);
      return new Promise<Answer<C>>((resolve, reject) => {
        asked.waiting.push({ resolve, reject });
        turn.add(command);
      });
    },
    async probe() {
      if (asked.gone || closed) return STOPPED;
      return new Promise<Probed>((resolve) => {
        asked.probes.push(resolve);
        worker.postMessage({ probe: true } satisfies ToWriter);
      });
    },
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

/** Unanswered messages to the writer, and the writer's state. */
interface AskedOfWriter {
  waiting: Asked[];
  probes: ((probed: Probed) => void)[];
  totals: Pick<LedgerFigures, 'commits' | 'commitMs' | 'commands' | 'events'>;
  state: WriterState;
  gone: boolean;
  closing?: () => void;
}

function followWriter(worker: Worker, { onFault, onEnd, onMoved }: WriterOptions): AskedOfWriter {
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
    if ('replies' in message) settle(message.replies, message.tookMs ?? 0);
    if ('probed' in message) probes.shift()?.(message.probed);
    if ('closed' in message) asked.closing?.();
  });
  worker.on('error', (error) => onFault(error.stack ?? String(error)));
  worker.on('exit', () => {
    asked.gone = true;
    // Unanswered commands may or may not be recorded; asking again is safe.
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

/** Sends the commands of an event-loop turn in one message, or earlier when there are enough of them. */
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

/** The state of a writer whose thread has ended. */
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
