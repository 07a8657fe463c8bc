import { refusal } from '../platform/error.ts';
import { labelsOf, type Labelled, type Labels } from '../contract/labels.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { PRINTING, takeTurn, type Turn } from '../postgres/advisory-lock.ts';
import { openPrintQueue, type PrintQueue } from '../print/queue.ts';
import { send } from '../print/send.ts';
import { formatOf, type Format, type Outcome } from '../model/printer.ts';
import type { Printing } from '../contract/printing.ts';
import type { PrintJob } from '../model/print-job.ts';
import { newProduct } from '../model/product.ts';

/** Prints the ledger's print jobs. It draws labels of committed units and sends them to configured printers. */
export interface PrintRunner {
  printing: Printing;
  /** Starts printing queued jobs. Short commands do not call this, because they end before the first label. */
  start: () => void;
  close: () => Promise<void>;
}

/** `shared` is the address of a PostgreSQL ledger. If several processes share it, only one of them prints at a time. */
export function openPrintRunner(ledger: Ledger, labels: Labels, log: Log, shared?: string): PrintRunner {
  let queue: PrintQueue | undefined;
  let turn: Turn | undefined;
  const idle = shared === undefined ? 'no service is running: labels wait until one is started' : undefined;
  const printing: Printing = {
    trouble: (printer) => (queue ? queue.trouble(printer) : idle),
    test: (name) => printTest(ledger, labels, name),
  };
  const render = async (job: PrintJob, format: Format, dpi: number): Promise<Uint8Array> => {
    const { data, product } = await labelOf(ledger, job.uci);
    return labels.one(data, format, { dpi, copies: job.copies }, product);
  };
  const open = (): void => void (queue = openPrintQueue({ ledger, log, send, render }));
  const stop = async (): Promise<void> => {
    await queue?.close();
    queue = undefined;
  };
  return {
    printing,
    start() {
      if (shared === undefined) open();
      else turn = takeTurn(shared, PRINTING, open, stop);
    },
    async close() {
      await turn?.close();
      await queue?.close();
    },
  };
}

async function labelOf(ledger: Ledger, uci: string): Promise<Labelled> {
  const found = await ledger.unit(uci);
  const [label] = found ? await labelsOf(ledger, [found.unit]) : [];
  if (!label) throw refusal('not-found', 'unitGone');
  return label;
}

/** The data of a test label. The alphabet of Claim IDs has no U, so this is never a real Claim ID. */
const TEST_DATA = {
  uci: 'TESTUTESTU',
  product: 'TEST',
  serial: 'TEST-00000',
  name: 'Test label',
  company: 'Claimstamp',
  model: 'not a device',
  qr: 'TEST',
};

async function printTest(ledger: Ledger, labels: Labels, name: string): Promise<Outcome> {
  const printer = await ledger.printer(name);
  if (!printer) throw refusal('not-found', 'printerList', { printer: name });
  const format = formatOf(printer);
  const bytes = await labels.one(TEST_DATA, format, { dpi: printer.dpi, copies: 1 }, newProduct('TEST'));
  const job = { id: `test-${Date.now()}`, name: 'Claimstamp test label', format, bytes, copies: 1 };
  return send(printer, job, { onSending: () => {} }, AbortSignal.timeout(TEST_LIMIT_MS));
}

/** This limit is longer than the default limits of a printer, but short enough for a person who waits there. */
const TEST_LIMIT_MS = 180_000;
