import { ClaimstampError, isCode } from '../platform/error.ts';
import type { DrawnLabels } from '../contract/labels.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Trouble } from '../contract/printing.ts';
import { explained } from '../platform/file-error.ts';
import type { Log } from '../platform/log.ts';
import type { DrawnSet } from '../model/labels/render-set.ts';
import type { PrintJob, PrintState } from '../model/print-job.ts';
import { formatOf, type KeptPrinter } from '../model/printer.ts';
import type { Outcome, Send, Stop } from '../model/printing/sending.ts';
import { defined } from '../platform/own.ts';
import type { Ask } from './ask.ts';
import type { Recover } from './ipp-recover.ts';
import { jobName } from './job-name.ts';
import { isFound, settleLost } from './lost-jobs.ts';
import { pause } from './socket.ts';

/**
 * Sends the print jobs in the ledger to their printers. Each printer gets its jobs in order, one at a time. Printers do
 * not wait for each other. Before the first byte of a job is sent, the ledger records the job as `sending`, so that a
 * crash cannot make the job print twice. If a printer cannot be reached, has stopped or does not accept jobs, its jobs
 * stay queued, and the queue tries again.
 */
export interface PrintQueue {
  /** Returns why the first job of a printer is still waiting, or undefined if there is no problem. */
  trouble: (printer: string) => Trouble | undefined;
  /** Returns the names of the printers that have a problem. */
  troubled: () => string[];
  close: () => Promise<void>;
}

export interface PrintQueueOptions {
  ledger: Ledger;
  log: Log;
  send: Send;
  ask: Ask;
  recover: Recover;
  /** Draws the labels of a row. If the printer's roll has only one label per row, draws the labels of one job. */
  render: (row: PrintJob[], printer: KeptPrinter) => Promise<DrawnLabels>;
  /** Called when the problem of a printer changes. */
  onTrouble: () => void;
}

/** The interval in ms at which the queue checks for new labels. Each check reads only a few rows, through an index. */
const LOOK_EVERY_MS = 150;
/** The pause after a failed attempt to reach a printer. */
const TRY_AGAIN_MS = 3000;
/**
 * Each time a printer rejects a job after `sending` was recorded, the ledger grows by two events. So the pauses between
 * attempts double up to this time. Then even a printer that is always busy causes at most a few thousand events a day.
 */
const MAX_TRY_AGAIN_MS = 30_000;
/**
 * After this time in ms, a printer that cannot be reached or does not answer is reported as a problem. Printers connect
 * and answer in milliseconds. This time is short enough that screens show the problem within two seconds.
 */
const SLOW_MS = 1000;

export function openPrintQueue(options: PrintQueueOptions): PrintQueue {
  const { ledger, log } = options;
  const stop = new AbortController();
  const troubles = openTroubles(options.onTrouble);
  const workers = new Map<string, Promise<void>>();
  /** For each printer, the last time when the service was connected to it. */
  const asked = new Map<string, number>();

  const look = async (): Promise<void> => {
    for (const printer of await ledger.printers()) {
      if (workers.has(printer.name)) continue;
      const work = workOff({ ...options, printer, troubles, asked, signal: stop.signal })
        .catch((error: unknown) => failedInside(error, printer.name))
        .finally(() => workers.delete(printer.name));
      workers.set(printer.name, work);
    }
  };
  let fault: string | undefined;
  /** Logs the error. Waits before the next use of the printer, because such a fault rarely goes away quickly. */
  const failedInside = async (err: unknown, printer?: string): Promise<void> => {
    const detail = explained(err);
    // The same fault is logged only once, because the queue looks again and again.
    if (detail !== fault) log.error({ printer, detail }, 'internal error in the print queue');
    fault = detail;
    await pause(TRY_AGAIN_MS, stop.signal);
  };
  const watch = async (): Promise<void> => {
    // Recording lost jobs is retried until it succeeds. So a full disk delays printing, but not the start of the
    // service.
    const accepted = (name: string, stopped?: Stop): void => troubles.set(name, troubleOf(name, stopped));
    await settleLost({ ...options, workers, move, accepted, signal: stop.signal }).catch(failedInside);
    while (!stop.signal.aborted) {
      await look().catch(failedInside);
      await pause(LOOK_EVERY_MS, stop.signal);
    }
  };
  const watching = watch();

  return {
    trouble: (printer) => troubles.get(printer),
    troubled: troubles.names,
    async close() {
      stop.abort();
      await watching;
      await Promise.all(workers.values());
    },
  };
}

/** Prints the queued jobs of one printer. */
async function workOff(work: Work): Promise<void> {
  const { ledger, log, printer, troubles, asked, signal } = work;
  let pauseMs = TRY_AGAIN_MS;
  let isWary = false;
  while (!signal.aborted) {
    // While jobs are printing, someone may change the settings or load other labels.
    const current = (await ledger.printer(printer.name)) ?? printer;
    const open = await ledger.openPrintJobs(printer.name);
    const row = rowOf(
      current,
      open.filter(({ state }) => state === 'queued'),
    );
    if (row.length === 0) return askIdle({ ...work, printer: current });
    const waits = await sendRow({ ...work, printer: current, row, isWary });
    asked.set(printer.name, performance.now());
    isWary = waits?.wasTurnedAway === true;
    pauseMs = isWary ? Math.min(pauseMs * 2, MAX_TRY_AGAIN_MS) : TRY_AGAIN_MS;
    if (waits === undefined) {
      // Clears the problem, unless the printer itself reported that it has stopped. A stopped printer may have printed
      // this label, but have no paper for the next label.
      if (!isAsked(printer) || !isStop(troubles.get(printer.name))) troubles.set(printer.name, undefined);
      continue;
    }
    const { what, detail } = waits;
    if (troubles.get(printer.name)?.detail !== detail)
      log.warn(
        { printer: printer.name, detail },
        what === 'notReached' ? 'printer not reached' : 'printer takes no job',
      );
    troubles.set(printer.name, { what, detail });
    await pause(pauseMs, signal);
  }
}

interface Work extends PrintQueueOptions {
  printer: KeptPrinter;
  troubles: Troubles;
  asked: Map<string, number>;
  signal: AbortSignal;
}

/** The shortest time in ms between two queries of an idle printer, each over a new connection. */
const ASK_IDLE_MS = 60_000;

/**
 * Asks a printer that has no jobs whether it could print, so that the station can show a problem before the next label.
 */
async function askIdle({ ask, printer, troubles, asked, signal }: Work): Promise<void> {
  const { name } = printer;
  if (!isAsked(printer)) return troubles.set(name, undefined);
  const now = performance.now();
  if (now - (asked.get(name) ?? -Infinity) < ASK_IDLE_MS) return;
  asked.set(name, now);
  const { stop } = await ask(printer, signal);
  troubles.set(name, troubleOf(name, stop));
}

function isAsked(printer: KeptPrinter): boolean {
  return (
    printer.kind === 'ipp' || (printer.kind === 'raw9100' && printer.answers === true && formatOf(printer) === 'zpl')
  );
}

function isStop(trouble: Trouble | undefined): boolean {
  return trouble !== undefined && STOPS.has(trouble.what);
}

const STOPS = new Set<Trouble['what']>(['stopped', 'noLabels', 'noRibbon', 'open', 'paused']);

/**
 * Returns the jobs that are printed together: one job or, on a roll with labels side by side, as many as fill a row.
 * Each copy takes one column.
 */
function rowOf({ across = 1, nextColumn = 1 }: KeptPrinter, queued: PrintJob[]): PrintJob[] {
  const row: PrintJob[] = [];
  let columns = nextColumn - 1;
  for (const job of queued) {
    if (row.length > 0 && columns % across === 0) break;
    row.push(job);
    columns += job.copies;
  }
  return row;
}

function troubleOf(name: string, stop: Stop | undefined): Trouble | undefined {
  return stop && { what: stop.what, detail: `printer ${name}: ${stop.said}` };
}

interface Troubles {
  names: () => string[];
  get: (printer: string) => Trouble | undefined;
  set: (printer: string, trouble: Trouble | undefined) => void;
}

function openTroubles(onChange: () => void): Troubles {
  const troubles = new Map<string, Trouble>();
  return {
    names: () => [...troubles.keys()],
    get: (printer) => troubles.get(printer),
    set(printer, trouble) {
      const before = troubles.get(printer);
      if (before?.what === trouble?.what && before?.detail === trouble?.detail) return;
      if (trouble === undefined) troubles.delete(printer);
      else troubles.set(printer, trouble);
      onChange();
    },
  };
}

/**
 * Reports a problem while a job is still being sent, because operators do not want to wait until a printer's time
 * limits are over. `end` stops the timer.
 */
function watchJob({ name, kind }: KeptPrinter, troubles: Troubles) {
  const late = (what: Trouble['what'], said: string): NodeJS.Timeout =>
    setTimeout(() => {
      // If an earlier attempt found a problem, that problem is kept, because it says more than this one.
      if (troubles.get(name) === undefined) troubles.set(name, { what, detail: `printer ${name}: ${said}` });
    }, SLOW_MS);
  let timer = late('notReached', 'it is not connected yet: is it switched on?');
  return {
    sending(): void {
      clearTimeout(timer);
      troubles.set(name, undefined);
      if (kind === 'ipp') timer = late('noAnswer', 'it does not answer: look at its screen');
    },
    accepted: (stopped?: Stop): void => {
      clearTimeout(timer);
      troubles.set(name, troubleOf(name, stopped));
    },
    end: (): void => clearTimeout(timer),
  };
}

interface Sending extends Work {
  row: PrintJob[];
  isWary: boolean;
}

/** The reason why a job is still queued. */
interface Waits extends Trouble {
  /** True if the ledger recorded the job as `sending` before the printer rejected the job. */
  wasTurnedAway: boolean;
}

/**
 * Sends one job, or the jobs of a row. Returns the reason if the jobs are still queued, and undefined if the jobs were
 * sent or have ended. As soon as bytes may have been sent, the row of labels counts as used, so that no label is
 * printed over another one.
 */
async function sendRow(sending: Sending): Promise<Waits | undefined> {
  const { ledger, send, log, printer, row, troubles, isWary, signal } = sending;
  const made = await drawn(sending);
  // One label in the row cannot be drawn. So each job of the row is sent separately, or fails separately.
  if ('failed' in made && row.length > 1) return sendRow({ ...sending, row: row.slice(0, 1) });
  if ('failed' in made) {
    await moveAll(sending, 'failed', made.failed);
    return undefined;
  }
  let left = false;
  const watch = watchJob(printer, troubles);
  const onSending = async (): Promise<void> => {
    const columns = columnsAfter(printer, row);
    for (const [index, job] of row.entries()) {
      const set = made.sets[index];
      await record(ledger, job, 'sending', { nextColumn: columns[index], set });
    }
    left = true;
    watch.sending();
  };
  const first = defined(row[0]);
  const about = { id: String(first.id), name: jobName(first) };
  const parcel = { ...about, format: formatOf(printer), bytes: made.bytes, copies: 1 };
  const outcome = await send(printer, parcel, { onSending, onAccepted: watch.accepted, isWary }, signal);
  watch.end();
  if (outcome.state === 'queued') return waitAgain(sending, outcome, left);
  // The service is stopping. After its next start, the service asks the printer what happened.
  if (signal.aborted && outcome.state === 'unknown' && isFound(printer)) return undefined;
  const reason = 'reason' in outcome ? outcome.reason : undefined;
  if (outcome.state === 'failed' && !outcome.mayHaveLeft) {
    log.warn({ printer: printer.name, job: first.id, detail: reason }, 'label not sent');
    // Nothing was sent, so the label must not count as printed.
    if (left) await moveAll(sending, 'queued');
  } else log.info({ printer: printer.name, job: first.id, state: outcome.state }, 'label sent');
  await moveAll(sending, outcome.state, reason);
  return undefined;
}

/**
 * For each job of a row: the column after the job's last label. Undefined if the printer's roll has only one label per
 * row.
 */
function columnsAfter({ across = 1, nextColumn = 1 }: KeptPrinter, row: PrintJob[]): (number | undefined)[] {
  let columns = nextColumn - 1;
  return row.map(({ copies }) => {
    columns = (columns + copies) % across;
    return across === 1 ? undefined : columns + 1;
  });
}

/**
 * Records a result for each job of the row that has not ended yet. If labels were not sent, their columns become free
 * again.
 */
async function moveAll(sending: Sending, to: PrintState, reason?: string): Promise<void> {
  const { ledger, printer, row, signal } = sending;
  // Jobs that are being sent are never cancelled, so there is no need to check before recording a result.
  const mayBeGone = to === 'queued' || to === 'failed';
  const open = mayBeGone ? await ledger.openPrintJobs(printer.name) : row;
  const isFree = to === 'queued' && (printer.across ?? 1) > 1;
  for (const job of row) {
    const { state } = open.find(({ id }) => id === job.id) ?? {};
    if (state === undefined || (to === 'queued' && state === to)) continue;
    await move(ledger, job, to, signal, reason, isFree ? (printer.nextColumn ?? 1) : undefined);
  }
}

/** Draws a row. If a label cannot be drawn, it must not delay the jobs after it. */
async function drawn({ render, log, printer, row }: Sending): Promise<DrawnLabels | { failed: string }> {
  try {
    return await render(row, printer);
  } catch (error) {
    if (error instanceof ClaimstampError) return { failed: error.message };
    log.error({ printer: printer.name, job: row[0]?.id, err: error }, 'a label could not be drawn');
    return { failed: 'the label could not be drawn: the reason is in the log' };
  }
}

/**
 * Puts jobs back into the queue if the printer accepted none of their bytes. The attempt to record `sending` may seem
 * to fail although the ledger has recorded it.
 */
async function waitAgain(
  sending: Sending,
  { what, reason }: Outcome & { state: 'queued' },
  left: boolean,
): Promise<Waits | undefined> {
  await moveAll(sending, 'queued', reason);
  const open = await Promise.all(sending.row.map((job) => openJob(sending.ledger, job)));
  return open.some((job) => job !== undefined) ? { what, detail: reason, wasTurnedAway: left } : undefined;
}

/** Returns undefined if the job has been cancelled, which is allowed until `sending` is recorded. */
async function openJob(ledger: Ledger, job: PrintJob): Promise<PrintJob | undefined> {
  return (await ledger.openPrintJobs(job.printer)).find(({ id }) => id === job.id);
}

/** The interval in ms at which the queue retries to record a result while the ledger cannot be written. */
const RECORD_AGAIN_MS = 1000;

/**
 * Records a result. If the disk is full, retries until there is space. If the service stops before the result is
 * recorded, the next start records `unknown`.
 */
async function move(
  ledger: Ledger,
  job: PrintJob,
  to: PrintState,
  signal: AbortSignal,
  reason?: string,
  nextColumn?: number,
): Promise<void> {
  for (;;) {
    try {
      await record(ledger, job, to, { reason, nextColumn });
      return;
    } catch (error) {
      const passing = (['disk-full', 'ledger-unavailable', 'busy'] as const).some((code) => isCode(error, code));
      if (!passing || signal.aborted) throw error;
      await pause(RECORD_AGAIN_MS, signal);
    }
  }
}

/** The maximum number of characters of a printer's message that are stored in the ledger. */
const MAX_REASON = 500;

async function record(
  ledger: Ledger,
  { id }: PrintJob,
  to: PrintState,
  {
    reason,
    nextColumn,
    set,
  }: { reason?: string | undefined; nextColumn?: number | undefined; set?: DrawnSet | undefined },
): Promise<void> {
  const why = reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON) };
  const place = nextColumn === undefined ? {} : { nextColumn };
  const drawnWith = set === undefined ? {} : { set };
  await ledger.record({ kind: 'move-print', job: id, to, ...why, ...drawnWith, ...place, actor: 'system' });
}
