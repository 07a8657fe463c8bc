import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Closing, ClosingQuestion, ClosingRequest, ClosingTask } from '../../contract/orders/closing.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { closing, isAbandoned, type Closed } from '../../decide/orders/close-order.ts';
import { isCode, messageOf, refusal } from '../../platform/error.ts';
import type { Log } from '../../platform/log.ts';
import type { Spool } from '../../platform/spool.ts';

export interface ClosingOptions {
  ledger: Ledger;
  /** The ledger file, which child processes read. */
  file: string;
  spool: Spool;
  /** The name of this process in the ledger (`processOf`). */
  process: string;
  log: Log;
}

/**
 * A child process is stopped if it needs longer than this (ms). Other processes wait longer than that before they treat
 * the closing as abandoned (`ABANDONED_MS`).
 */
const MAX_CLOSING_MS = 10 * 60 * 1000;

/**
 * A work order is blocked for at most this long (ms). Usually a work order is blocked for less than a second. If other
 * programs use all processors, the child process may not be able to run, and the line must not wait for it.
 */
const MAX_BLOCKED_MS = 60 * 1000;

export function openClosing(options: ClosingOptions): Closing {
  const running = new Set<string>();
  return {
    async close(request) {
      const { workOrder, actor, once } = request;
      if (running.has(workOrder)) throw closing({ id: workOrder });
      running.add(workOrder);
      try {
        const { ledger, process } = options;
        const check = { kind: 'begin-closing', workOrder, process, check: true, actor } as const;
        const known = await ledger.record({ ...check, ...(once === undefined ? {} : { once }) });
        return 'seq' in known ? known : await closeInChild(options, request);
      } finally {
        running.delete(workOrder);
      }
    },
  };
}

async function closeInChild(
  { ledger, file, spool, process, log }: ClosingOptions,
  { workOrder, signOff, actor, once, by, stillAllowed }: ClosingRequest,
): Promise<Closed> {
  let begun: number | undefined;
  const ends = new AbortController();
  const end = (): void => ends.abort();
  let timer = setTimeout(end, MAX_CLOSING_MS);
  const answer = async (question: ClosingQuestion): Promise<object> => {
    await stillAllowed();
    if ('begin' in question) {
      const blocked = await ledger.record({ kind: 'begin-closing', workOrder, process, actor });
      begun = 'begun' in blocked ? blocked.begun : undefined;
      clearTimeout(timer);
      timer = setTimeout(end, MAX_BLOCKED_MS);
      return blocked;
    }
    const close = { kind: 'close-work-order', workOrder, begun: begun ?? 0, ...question.close, actor } as const;
    return ledger.record({ ...close, ...(once === undefined ? {} : { once }) });
  };
  try {
    return await spool.run<Closed>({
      by,
      entry: 'jobs/orders/close-order-child.js',
      task: (): ClosingTask => ({ ledger: file, workOrder, signOff }),
      answer,
      signal: ends.signal,
    });
  } catch (error) {
    // The connection to the ledger may have failed after the closing was recorded. In that case, releasing the work
    // order changes nothing.
    if (begun !== undefined)
      await ledger
        .record({ kind: 'release-work-order', workOrder, begun, why: 'refused', actor: 'system' })
        .catch((failed: unknown) => log.error({ workOrder, detail: messageOf(failed) }, STAYS_BLOCKED));
    throw ends.signal.aborted ? refusal('busy', 'slowClosing', { workOrder }) : error;
  } finally {
    clearTimeout(timer);
  }
}

const STAYS_BLOCKED = 'a work order stays blocked after its closing failed: close it again, or reopen it';

/**
 * Returns a name for the process that uses this data folder. After a restart, the process uses this name to find the
 * closings that it left unfinished.
 */
export function processOf(data: string): string {
  return createHash('sha256')
    .update(`${hostname()}\n${resolve(data)}`)
    .digest('hex')
    .slice(0, 16);
}

/**
 * When the service starts, releases the work orders that the previous process was closing when it stopped. In a
 * shared ledger, the closings of other processes are not touched.
 */
export async function releaseOrders(
  ledger: Ledger,
  { process, isShared, log, now }: { process: string; isShared: boolean; log: Log; now: () => number },
): Promise<void> {
  for (const { id: workOrder, closing: left } of await ledger.workOrders()) {
    if (left === undefined || (isShared && !isAbandoned(left, process, now()))) continue;
    const release = { kind: 'release-work-order', workOrder, begun: left.seq, why: 'interrupted' } as const;
    try {
      const { released } = await ledger.record({ ...release, actor: 'system' });
      if (released) log.warn({ workOrder, by: left.by }, INTERRUPTED);
    } catch (error) {
      // A full disk must not prevent the start of the service, because its screens say what is wrong.
      if (!isCode(error, 'disk-full') && !isCode(error, 'ledger-unavailable')) throw error;
      log.error({ workOrder, detail: messageOf(error) }, STAYS_BLOCKED);
    }
  }
}

const INTERRUPTED =
  'the service stopped while a work order was being closed: the work order is open, so close it again';
