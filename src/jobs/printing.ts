import { refusal } from '../platform/error.ts';
import { labelsOf, type DrawnJob, type DrawnLabels, type Labelled, type Labels } from '../contract/labels.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { PRINTING, takeTurn, type Turn } from '../postgres/advisory-lock.ts';
import { openAgentChannel } from '../print/agents.ts';
import { openPrintQueue, type PrintQueue, type PrintQueueOptions } from '../print/queue.ts';
import { listedPrinters, type PrinterPlaces } from '../print/places.ts';
import type { PrinterPasswords } from '../print/passwords.ts';
import { recoverer } from '../print/ipp-recover.ts';
import { sender } from '../print/send.ts';
import { asker } from '../print/ask.ts';
import { formatOf, isSamePlace, setupOf, type KeptPrinter } from '../model/printer.ts';
import { refuseStopped } from '../decide/labels/approve-template.ts';
import { hashOfSet } from '../model/labels/render-set.ts';
import type { Send } from '../model/printing/sending.ts';
import type { Ended, Printing } from '../contract/printing.ts';
import type { PrintJob } from '../model/print-job.ts';

/**
 * Prints the print jobs in the ledger. The runner draws the labels of committed units and sends them to the printers in
 * the settings.
 */
export interface PrintRunner {
  printing: Printing;
  /**
   * Starts printing the queued jobs. Short commands do not call this function, because they exit before a label could
   * be printed.
   */
  start: () => void;
  close: () => Promise<void>;
}

export interface PrintRunnerOptions {
  ledger: Ledger;
  labels: Labels;
  log: Log;
  places: PrinterPlaces;
  passwords: PrinterPasswords;
  /**
   * The address of the ledger in PostgreSQL. If several processes share this ledger, only one of them prints at a time.
   */
  shared?: string | undefined;
  /** Called when a printer's problem begins and when the problem ends, so that screens show the change at once. */
  onTrouble: () => void;
}

export function openPrintRunner({
  ledger,
  labels,
  log,
  places,
  passwords,
  shared,
  onTrouble,
}: PrintRunnerOptions): PrintRunner {
  const agents = openAgentChannel();
  const [send, ask] = [sender(places, agents, passwords.of), asker(places, passwords.of)];
  const recover = recoverer(places, passwords.of);
  let queue: PrintQueue | undefined;
  let turn: Turn | undefined;
  const idle =
    shared === undefined
      ? ({ what: 'idle', detail: 'no service is running: labels wait until a service is started' } as const)
      : undefined;
  const printing: Printing = {
    agents,
    trouble: (printer) => (queue ? queue.trouble(printer) : idle),
    troubled: () => queue?.troubled() ?? [],
    ask: async (name) => ask(await printerNamed(ledger, name), AbortSignal.timeout(TEST_LIMIT_MS)),
    // A new address has no password yet, and the rules for addresses apply to the new address.
    probe: (printer, before) => {
      const isKept = before !== undefined && isSamePlace(before, printer) && before.confined !== true;
      return ask({ ...printer, ...(isKept ? {} : { confined: true }) }, AbortSignal.timeout(PROBE_LIMIT_MS));
    },
    keepPassword: passwords.set,
    ...withoutUnit((name, drawn) => printOnce(ledger, name, send, labels, drawn)),
    async check(printer) {
      const before = await ledger.printer(printer.name);
      if (before === undefined || !places.isListed(before) || !isSamePlace(before, printer))
        return places.check(printer);
      return undefined;
    },
  };
  const render = openRender(ledger, labels);
  const nameListed = async (): Promise<void> => {
    const printers = listedPrinters(await ledger.printers(), places);
    if (printers.length > 0)
      log.warn(
        { printers },
        'CLAIMSTAMP_PRINTER_ALLOW and CLAIMSTAMP_PRINT_FOLDERS do not limit these printers, because they are in the configuration file or were set in an earlier version',
      );
  };
  const open = (): void => {
    agents.open();
    queue = openPrintQueue({ ledger, log, send, ask, recover, render, onTrouble });
  };
  const stop = async (): Promise<void> => {
    agents.shut();
    await queue?.close();
    queue = undefined;
  };
  return {
    printing,
    start() {
      void nameListed().catch((err: unknown) => log.error({ err }, 'the printers could not be listed'));
      if (shared === undefined) open();
      else turn = takeTurn(shared, PRINTING, open, stop);
    },
    async close() {
      await turn?.close();
      await stop();
    },
  };
}

/** Returns the function that draws the labels of a row. */
function openRender(ledger: Ledger, labels: Labels): PrintQueueOptions['render'] {
  /** For each printer, product and role, the hash of the render set of the last label. */
  const lastSets = new Map<string, string>();
  return async (row: PrintJob[], printer: KeptPrinter): Promise<DrawnLabels> => {
    const keys: string[] = [];
    const cells = [];
    for (const one of row) {
      const label = await labelOf(ledger, one);
      refuseStopped(label.product);
      const key = `${printer.name} ${label.product.id} ${label.role ?? ''}`;
      const hash = lastSets.get(key);
      const isKnown = hash !== undefined && (await ledger.renderSet({ hash })) !== undefined;
      keys.push(key);
      cells.push({ ...label, copies: one.copies, ...(isKnown ? { known: hash } : {}) });
    }
    const job: DrawnJob = { kind: 'labels', labels: cells, column: printer.nextColumn ?? 1 };
    const drawn = await labels.job(job, formatOf(printer), setupOf(printer));
    for (const [index, { set }] of drawn.sets.entries()) {
      if (lastSets.size >= MAX_LAST_SETS) lastSets.clear();
      lastSets.set(keys[index] ?? '', hashOfSet(set));
    }
    return drawn;
  };
}

/**
 * The maximum number of entries in `lastSets`, more than any line needs. When the map is full, it is emptied, and the
 * next labels are recorded with all contents of their render sets.
 */
const MAX_LAST_SETS = 1000;

async function labelOf(ledger: Ledger, { uci, station, role }: PrintJob): Promise<Labelled> {
  const found = await ledger.unit(uci);
  const [label] = found ? await labelsOf(ledger, [found.unit], { station, role }) : [];
  if (!label) throw refusal('not-found', 'unitGone');
  return label;
}

async function printerNamed(ledger: Ledger, name: string): Promise<KeptPrinter> {
  const printer = await ledger.printer(name);
  if (!printer) throw refusal('not-found', 'printerList', { printer: name });
  return printer;
}

/** The labels that belong to no unit. */
function withoutUnit(
  printOn: (name: string, drawn: DrawnJob) => Promise<Ended>,
): Pick<Printing, 'test' | 'draft' | 'badge' | 'hasPrinted'> {
  /** The printers whose last label without a unit was printed successfully. */
  const proven = new Set<string>();
  const print = async (name: string, drawn: DrawnJob): Promise<Ended> => {
    proven.delete(name);
    const ended = await printOn(name, drawn);
    if (ended.state === 'done' || ended.state === 'sent') proven.add(name);
    return ended;
  };
  return {
    hasPrinted: (name) => proven.has(name),
    test: (name) => print(name, { kind: 'test' }),
    draft: (name, saved, data) => print(name, { kind: 'draft', saved, data }),
    badge: (name, person) => print(name, { kind: 'badge', person }),
  };
}

/** Prints a label that belongs to no unit, immediately and without a print job. */
async function printOnce(ledger: Ledger, name: string, send: Send, labels: Labels, drawn: DrawnJob): Promise<Ended> {
  const printer = await printerNamed(ledger, name);
  const format = formatOf(printer);
  const { bytes } = await labels.job(drawn, format, setupOf(printer));
  const job = { id: `test-${Date.now()}`, name: 'Claimstamp test label', format, bytes, copies: 1 };
  const outcome = await send(printer, job, { onSending: () => {} }, AbortSignal.timeout(TEST_LIMIT_MS));
  // A test label fails if the printer is not ready, and does not wait.
  if (outcome.state !== 'queued') return outcome;
  return { state: 'failed', reason: outcome.reason, mayHaveLeft: false };
}

/** How long a printer may take to answer (ms) while a person waits for the printer's settings to be saved. */
const PROBE_LIMIT_MS = 4000;

/**
 * The time limit for a test label, in ms. This limit is longer than a printer's default limits, but short enough for a
 * person who waits.
 */
const TEST_LIMIT_MS = 180_000;
