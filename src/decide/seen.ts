import type { Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Event, Happening } from '../model/event.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { Printer } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { Station } from '../model/station.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/**
 * The data that a decision may read: the ledger's state inside the deciding transaction, which cannot change before the
 * decision is recorded. A plain object of look-up functions.
 */
export interface Seen {
  product: (id: string) => Product | undefined;
  products: () => Product[];
  station: (name: string) => Station | undefined;
  stations: () => Station[];
  workOrder: (id: string) => WorkOrder | undefined;
  unit: (uci: string) => Unit | undefined;
  /** Units of a work order, in the order they were made. No other look-up is allowed until the iteration ends. */
  unitsOf: (workOrder: string) => Iterable<Unit>;
  /**
   * The `issued` events at a station among the ledger's newest ones, newest first, and the time of the oldest event
   * searched (ms since 1970; -Infinity when the entire ledger was searched).
   */
  lastIssuedAt: (station: string, events: number) => { issued: Event<'issued'>[]; from: number };
  /** Print jobs of the units of a work order. */
  jobsOf: (workOrder: string) => PrintJob[];
  unitBySerial: (product: string, serial: string) => Unit | undefined;
  /** S/Ns of the product's units that are not void: after `from`, up to `to`, in order. No other look-up is allowed meanwhile. */
  serialsBetween: (product: string, from: string, to: string) => Iterable<string>;
  unitByIdentity: (product: string, property: string, value: string) => Unit | undefined;
  /** The unit's own identity: property → value. */
  identityOf: (unit: Unit) => Map<string, string>;
  printer: (name: string) => Printer | undefined;
  printJob: (id: number) => PrintJob | undefined;
  /** Jobs that are queued or being sent, oldest first. */
  openPrintJobs: (of: { station?: string; uci?: string; printer?: string }) => PrintJob[];
  /** The last count given out under this S/N prefix, 0 when none was. */
  counter: (product: string, prefix: string) => number;
  credential: (hash: Uint8Array) => Credential | undefined;
  /** Of this kind and name, valid or not, oldest first. */
  credentials: (kind: Credential['kind'], name: string) => Credential[];
  person: (name: string) => Person | undefined;
  people: () => Person[];
  /** The two with the largest trees, largest first. */
  checkpoints: () => KeptCheckpoint[];
  /** Events before this decision: its first event gets the next number. */
  size: () => number;
}

/** The result of a command: events to append, and the answer to give once they are durable. */
export interface Decision<Answer> {
  events: Happening[];
  answer: Answer;
  /** A repeated request: counted, not an event. */
  repeatOf?: Unit;
  /** Credentials and people: rows beside the events. */
  kept?: Kept[];
}

/** Rows beside the events, saved in the same transaction. */
export type Kept =
  | { table: 'credential'; credential: Credential }
  | { table: 'dropped-credential'; hash: Uint8Array }
  | { table: 'person'; person: Person }
  | { table: 'checkpoint'; checkpoint: KeptCheckpoint }
  | { table: 'dropped-checkpoint'; size: number };

/** A projection's row after an event. Stores only save these. */
export type Row =
  | { table: 'unit'; unit: Unit; before: Unit | undefined }
  | { table: 'identity'; unit: Unit; property: string; value: string }
  | { table: 'freed-identity'; unit: Unit }
  | { table: 'counter'; product: string; prefix: string; count: number }
  | { table: 'product'; product: Product }
  | { table: 'station'; station: Station }
  | { table: 'work-order'; workOrder: WorkOrder }
  | { table: 'printer'; printer: Printer }
  | { table: 'print-job'; job: PrintJob };
