import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Answer, Command } from '../command.ts';
import { ClaimstampError } from '../error.ts';
import type { Ledger } from '../ledger.ts';
import { built } from '../root.ts';
import { migrations } from './open.ts';
import { openReader } from './reader.ts';
import type { FromWriter, Probed, Refusal, Reply, ToWriter, WriterState } from './writer.ts';

/**
 * Commands that may wait at once. At 5,000 a second the last of them waits two seconds, as long as an agent sleeps
 * before it asks again; more than that is a flood and is told to come back.
 */
const MAX_WAITING = 10_000;

/** Below this the disk counts as full before it is: a write-ahead log and its checkpoint need room. Bytes */
const MIN_FREE_BYTES = 64 * 1024 * 1024;

export interface SqliteLedgerOptions {
  file: string;
  /** Told of every inside error: SQLite's own words, for the log. */
  onFault: (fault: string) => void;
  /** Commands in one transaction, at most; 1 is one transaction per request, for comparison. */
  groupSize?: number;
}

/** Opens (and where missing, makes) the ledger file. The caller owns the data folder (see own.ts). */
export async function openSqliteLedger({ file, onFault, groupSize }: SqliteLedgerOptions): Promise<Ledger> {
  const worker = new Worker(built('sqlite/writer.js'), { workerData: { file, groupSize } });
  await opened(worker, onFault);
  const reader = openReader(file);

  const waiting: { resolve: (answer: never) => void; reject: (error: Error) => void }[] = [];
  const probes: ((probed: Probed) => void)[] = [];
  const totals = { commits: 0, commands: 0, events: 0 };
  let state: WriterState = 'ready';
  let turn: Command[] = [];
  let gone = false;
  let closing: (() => void) | undefined;
  let closed: Promise<void> | undefined;

  /** One message for all that came in this turn of the event loop. */
  const send = (): void => {
    worker.postMessage({ commands: turn } satisfies ToWriter);
    turn = [];
  };

  const settle = (replies: Reply[]): void => {
    totals.commits++;
    for (const reply of replies) {
      const asked = waiting.shift();
      totals.commands++;
      if ('refused' in reply) asked?.reject(refusal(reply.refused));
      else {
        totals.events += reply.events;
        asked?.resolve(reply.answer as never);
      }
    }
  };

  worker.on('message', (message: FromWriter) => {
    if ('fault' in message && message.fault !== undefined) onFault(message.fault);
    if ('state' in message) ({ state } = message);
    if ('replies' in message) settle(message.replies);
    if ('probed' in message) probes.shift()?.(message.probed);
    if ('closed' in message) closing?.();
  });
  worker.on('error', (error) => onFault(error.stack ?? String(error)));
  worker.on('exit', () => {
    gone = true;
    // Whatever was asked of a writer that died may or may not be recorded: asking again is safe.
    if (closing === undefined) state = 'latched';
    for (const asked of waiting.splice(0)) asked.reject(new ClaimstampError('ledger-unavailable', STOPPED.problem));
    for (const probed of probes.splice(0)) probed(STOPPED);
    closing?.();
  });

  return {
    record<C extends Command>(command: C): Promise<Answer<C>> {
      if (closed)
        return Promise.reject(new ClaimstampError('stopping', 'the service is stopping: ask again in a moment'));
      if (gone) return Promise.reject(new ClaimstampError('ledger-unavailable', STOPPED.problem));
      if (waiting.length >= MAX_WAITING) {
        return Promise.reject(
          new ClaimstampError('busy', `${MAX_WAITING} requests are waiting: ask again in a moment`),
        );
      }
      return new Promise<Answer<C>>((resolve, reject) => {
        waiting.push({ resolve, reject });
        // Alone it goes at once; behind others it goes with all that came in this turn of the event loop.
        if (turn.push(command) === 1) {
          if (waiting.length === 1) send();
          else setImmediate(send);
        }
      });
    },

    unit: async (uci) => reader.unit(uci),
    units: async (page) => reader.units(page),
    products: async () => reader.products(),
    stations: async () => reader.stations(),
    stationByKey: async (hash) => reader.stationByKey(hash),
    workOrders: async () => reader.workOrders(),
    head: async () => reader.head(),

    async problems() {
      if (gone || closed) return [STOPPED.problem];
      const { synchronous, schema, problem } = await new Promise<Probed>((resolve) => {
        probes.push(resolve);
        worker.postMessage({ probe: true } satisfies ToWriter);
      });
      const { bavail, bsize } = await statfs(dirname(file));
      const known = migrations().at(-1)?.version;
      return [
        ...(problem === undefined ? [] : [problem]),
        ...(problem === undefined && synchronous !== 2 ? [`the writer has synchronous=${synchronous}, not FULL`] : []),
        ...(reader.synchronous() === 2 ? [] : ['the reader has synchronous other than FULL']),
        ...(problem === undefined && schema !== known ? [`the schema is ${schema}, this version has ${known}`] : []),
        ...(bavail * bsize < MIN_FREE_BYTES
          ? [`${Math.floor((bavail * bsize) / 2 ** 20)} MiB free on the ledger's disk`]
          : []),
      ];
    },

    figures: () => ({ ...totals, waiting: waiting.length, state }),

    close() {
      closed ??= new Promise<void>((resolve) => {
        closing = resolve;
        if (turn.length > 0) send();
        reader.close();
        worker.postMessage({ close: true } satisfies ToWriter);
      });
      return closed;
    },
  };
}

/** What is known of a writer whose thread has ended: nothing more comes of it. */
const STOPPED = { synchronous: 0, schema: 0, problem: 'the ledger has stopped: restart the service' };

function opened(worker: Worker, onFault: (fault: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: FromWriter) => {
      worker.off('error', reject);
      if ('fault' in message && message.fault !== undefined) onFault(message.fault);
      if ('failed' in message) reject(refusal(message.failed));
      else resolve();
    });
  });
}

function refusal({ code, message }: Refusal): ClaimstampError {
  return new ClaimstampError(code, message);
}

export function ledgerFile(data: string): string {
  return join(data, 'ledger.db');
}
