import type { Ledger } from '../contract/ledger.ts';
import type { PrintJob, PrintState } from '../model/print-job.ts';
import type { KeptPrinter } from '../model/printer.ts';
import type { Stop } from '../model/printing/sending.ts';
import type { Log } from '../platform/log.ts';
import { defined } from '../platform/own.ts';
import type { Recover } from './ipp-recover.ts';
import { jobName } from './job-name.ts';

/* The jobs that an earlier process was sending when it ended. */

export interface Settling {
  ledger: Ledger;
  log: Log;
  recover: Recover;
  /** The work in progress at each printer. While a worker runs, its printer gets no other job. */
  workers: Map<string, Promise<void>>;
  /** Records a state. While the ledger cannot be written, retries until it succeeds. */
  move: (ledger: Ledger, job: PrintJob, to: PrintState, signal: AbortSignal, reason?: string) => Promise<void>;
  /** Called when the printer is still working on the job, or has stopped. */
  accepted: (printer: string, stopped?: Stop) => void;
  signal: AbortSignal;
}

const LOST = 'the service stopped while it was sending the job: check the printer';

/** True if the service can ask this printer, after a restart, what happened to a job. */
export function isFound({ kind }: KeptPrinter): boolean {
  return kind === 'ipp';
}

/**
 * Finds out what happened to the unfinished jobs of an earlier process. An IPP printer may know what happened to its
 * job, and gets no other job until it has answered. All other jobs become `unknown`, because only a person can see
 * whether they were printed.
 */
export async function settleLost(settling: Settling): Promise<void> {
  const { ledger, log, workers, move, signal } = settling;
  const lost = await ledger.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: 10_000, state: 'sending' });
  for (const name of new Set(lost.map(({ printer }) => printer))) {
    const jobs = lost.filter(({ printer }) => printer === name);
    const printer = await ledger.printer(name);
    if (printer !== undefined && isFound(printer)) {
      const work = settle(settling, printer, jobs)
        .catch((err: unknown) => log.error({ printer: name, err }, 'internal error in the print queue'))
        .finally(() => workers.delete(name));
      workers.set(name, work);
    } else for (const job of jobs) await move(ledger, job, 'unknown', signal, LOST);
  }
}

/** The labels of a row are sent to the printer as a single job, which has the name of the first label. */
async function settle(settling: Settling, printer: KeptPrinter, jobs: PrintJob[]): Promise<void> {
  const { ledger, log, recover, move, accepted, signal } = settling;
  const { name } = printer;
  const inOrder = jobs.toSorted((a, b) => a.id - b.id);
  const rows = (printer.across ?? 1) > 1 ? [inOrder] : inOrder.map((job) => [job]);
  for (const row of rows) {
    const outcome = await recover(printer, jobName(defined(row[0])), (stopped) => accepted(name, stopped), signal);
    // The service is stopping. After its next start, the service queries the printer again.
    if (signal.aborted) return;
    const state = outcome?.state ?? 'unknown';
    const reason = outcome === undefined ? LOST : 'reason' in outcome ? outcome.reason : undefined;
    log.info({ printer: name, job: row[0]?.id, state }, 'the outcome of a label that an earlier process sent');
    for (const job of row) await move(ledger, job, state, signal, reason);
  }
}
