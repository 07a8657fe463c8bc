import { setTimeout as sleep } from 'node:timers/promises';
import { ClaimstampError, isCode } from '../error.ts';
import type { Ledger } from '../ledger.ts';
import type { Log } from '../log.ts';
import type { PrintJob, PrintState } from '../printing.ts';
import { formatOf, type Format, type Printer, type Send } from '../printer.ts';

/**
 * Works off the ledger's print jobs, printer by printer: one job at a time and in order on each, and none waits for
 * another printer. A job is `sending` in the ledger before its first byte may leave, so that no crash can make it leave
 * twice; a printer that cannot be reached keeps its jobs queued, and is tried again.
 */
export interface PrintQueue {
  /** Why a printer's first job is still waiting; undefined where nothing is wrong. */
  trouble: (printer: string) => string | undefined;
  close: () => Promise<void>;
}

export interface PrintQueueOptions {
  ledger: Ledger;
  log: Log;
  send: Send;
  render: (job: PrintJob, format: Format, dpi: number) => Promise<Uint8Array>;
}

/** How soon a queued label starts: an index look-up of a few rows. ms */
const LOOK_EVERY_MS = 150;
/** A printer that was not reached is left alone for this long. ms */
const TRY_AGAIN_MS = 3000;

export async function openPrintQueue(options: PrintQueueOptions): Promise<PrintQueue> {
  const { ledger, log } = options;
  const stop = new AbortController();
  const troubles = new Map<string, string>();
  const workers = new Map<string, Promise<void>>();
  await admitLost(ledger);

  const watch = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      for (const printer of (await ledger.printers()) as Printer[]) {
        if (workers.has(printer.name)) continue;
        const work = workOff(options, printer, troubles, stop.signal)
          .catch((error: unknown) => log.error({ printer: printer.name, err: error }, 'the print queue failed inside'))
          .finally(() => workers.delete(printer.name));
        workers.set(printer.name, work);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const watching = watch();

  return {
    trouble: (printer) => troubles.get(printer),
    async close() {
      stop.abort();
      await watching;
      await Promise.all(workers.values());
    },
  };
}

/** What was being sent when the process ended may be on paper or not: nobody but a person can say. */
async function admitLost(ledger: Ledger): Promise<void> {
  const lost = await ledger.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: 10_000, state: 'sending' });
  for (const job of lost) await move(ledger, job, 'unknown', 'the service ended while it was sent: check the printer');
}

/** Every job that waits for one printer, until there is none or the printer is not to be reached. */
async function workOff(
  options: PrintQueueOptions,
  printer: Printer,
  troubles: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const job = (await options.ledger.openPrintJobs(printer.name)).find(({ state }) => state === 'queued');
    const trouble = job && (await sendJob(options, printer, job, signal));
    if (trouble === undefined) troubles.delete(printer.name);
    if (job === undefined) return;
    if (trouble === undefined) continue;
    if (troubles.get(printer.name) !== trouble)
      options.log.warn({ printer: printer.name, detail: trouble }, 'printer not reached');
    troubles.set(printer.name, trouble);
    await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => {});
  }
}

/** One job. Returns why it is still queued, or undefined once it is on its way or ended. */
async function sendJob(
  { ledger, send, render, log }: PrintQueueOptions,
  printer: Printer,
  job: PrintJob,
  signal: AbortSignal,
): Promise<string | undefined> {
  const format = formatOf(printer);
  let bytes: Uint8Array;
  try {
    bytes = await render(job, format, printer.dpi);
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    await move(ledger, job, 'failed', error.message);
    return undefined;
  }
  let left = false;
  const onSending = async (): Promise<void> => {
    await move(ledger, job, 'sending');
    left = true;
  };
  const parcel = { id: String(job.id), name: `Claimstamp label ${job.id}`, format, bytes, copies: 1 };
  const outcome = await send(printer, parcel, { onSending }, signal);
  if (!left) {
    // Cancelled meanwhile, or never reached: the ledger knows which.
    const waits = (await ledger.openPrintJobs(printer.name)).some(({ id }) => id === job.id);
    return waits && 'reason' in outcome ? outcome.reason : undefined;
  }
  log.info({ printer: printer.name, job: job.id, state: outcome.state }, 'label sent');
  await move(ledger, job, outcome.state, 'reason' in outcome ? outcome.reason : undefined);
  return undefined;
}

async function move(ledger: Ledger, job: PrintJob, to: Exclude<PrintState, 'queued'>, reason?: string): Promise<void> {
  const why = reason === undefined ? {} : { reason: reason.slice(0, 500) };
  for (;;) {
    try {
      await ledger.record({ kind: 'move-print', job: job.id, to, ...why, actor: 'system' });
      return;
    } catch (error) {
      // Nothing leaves that is not recorded; but once the printer has spoken, its word waits for the disk.
      const passing = (['disk-full', 'ledger-unavailable', 'busy'] as const).some((code) => isCode(error, code));
      if (to === 'sending' || !passing) throw error;
      await sleep(1000);
    }
  }
}
