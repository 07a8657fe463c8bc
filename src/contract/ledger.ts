import type { Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Answer, Command } from '../decide/command.ts';
import type { PrintJob, PrintState } from '../model/print-job.ts';
import type { Printer } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { Part } from '../model/figures.ts';
import type { Station } from '../model/station.ts';
import type { Fact, Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/**
 * The ledger: the record of all events, and the only place where commands are decided.
 *
 * `record` runs one command as one transaction: it reads, decides, and appends the events with their leaf hashes and
 * projections. It resolves only after everything is durable, so its result may leave the process. It rejects with a
 * ClaimstampError when the line's rules refuse the command; then nothing was written. After `ledger-unavailable` the
 * command may or may not have been recorded: asking again is safe.
 *
 * Each read sees one consistent snapshot of committed events. Transactions are never exposed.
 */
export interface Ledger {
  record<C extends Command>(command: C): Promise<Answer<C>>;

  unit(uci: string): Promise<UnitHistory | undefined>;
  /** Units in the order they were made, after the one with id `after`; a page may have fewer than `limit`. */
  units(page: UnitPage): Promise<UnitList>;
  /** The agent's body of each unit, as text, in the same order; undefined for units that no device has yet. */
  bodies(units: Unit[]): Promise<(string | undefined)[]>;
  printer(name: string): Promise<Printer | undefined>;
  printers(): Promise<Printer[]>;
  /** Newest first, before the one with id `before`. */
  printJobs(page: PrintJobPage): Promise<PrintJob[]>;
  /** Queued or being sent, oldest first. */
  openPrintJobs(printer: string): Promise<PrintJob[]>;
  product(id: string): Promise<Product | undefined>;
  products(): Promise<Product[]>;
  station(name: string): Promise<Station | undefined>;
  stations(): Promise<Station[]>;
  /** By the SHA-256 of the secret; also expired and revoked ones. */
  credential(hash: Uint8Array): Promise<Credential | undefined>;
  credentials(kind: Credential['kind']): Promise<Credential[]>;
  person(name: string): Promise<Person | undefined>;
  /** Also removed people. */
  people(): Promise<Person[]>;
  workOrder(id: string): Promise<WorkOrder | undefined>;
  workOrders(): Promise<WorkOrder[]>;
  head(): Promise<{ size: number; root: Uint8Array }>;
  /** The root when the ledger had `size` events; undefined if it has fewer. */
  rootAt(size: number): Promise<Uint8Array | undefined>;
  /** Proofs that these events (up to `size`) are in the tree of `size` events: hashes, from the leaf upwards. */
  inclusion(seqs: number[], size: number): Promise<Uint8Array[][]>;
  /** The proof that the tree of `to` events begins with that of `from`; `to` is at most the ledger's size. */
  consistency(from: number, to: number): Promise<Uint8Array[]>;
  /** The newest one stored, or the one of this size. */
  checkpoint(size?: number): Promise<KeptCheckpoint | undefined>;

  /** Reasons why the ledger is not ready, a sentence each. Makes a test write. */
  problems(): Promise<string[]>;
  figures(): LedgerFigures;

  /** Finishes accepted commands and empties the write-ahead log first. */
  close(): Promise<void>;
}

export interface UnitPage {
  after: number;
  limit: number;
  product?: string;
  station?: string;
  workOrder?: string;
  reservation?: string;
  status?: Fact;
  /** The part of the reconciliation: issued units only. */
  part?: Part;
  /** Units with this fact, even if later ones supersede it. */
  fact?: Fact;
  /** Units whose ID was reported by a device that it was not issued to. */
  alarm?: true;
  uci?: string;
  /** The first letters of the Claim ID, in the ledger's form. */
  prefix?: string;
  /** The S/N, also of void units. */
  serial?: string;
  /** The value of one of these identity properties. Void units have no identity. */
  identity?: { value: string; properties: string[] };
  /** When it was issued, or else reserved: `from` inclusive, `to` exclusive. ms since 1970 */
  from?: number;
  to?: number;
  /**
   * Issued units, neither void nor scrapped, that need a label (not pre-claimed) but have no print job that is `done` or
   * `sent`.
   */
  printed?: false;
}

export interface UnitList {
  units: Unit[];
  /** `after` of the next page; null after the last. */
  next: number | null;
}

export interface PrintJobPage {
  before: number;
  limit: number;
  printer?: string;
  station?: string;
  state?: PrintState;
}

export interface UnitHistory {
  unit: Unit;
  identity: [string, string][];
  /** Its events' lines, oldest first, as they were hashed. */
  lines: string[];
  /** Repeated answers, and when the last one was, ms since 1970. */
  repeats: { count: number; lastAt: number } | undefined;
}

export interface LedgerFigures {
  commits: number;
  /** Time in all commits; for a shared ledger, the time its head was locked. ms */
  commitMs: number;
  commands: number;
  events: number;
  /** Commands waiting for the writer. */
  waiting: number;
  state: 'ready' | 'disk-full' | 'latched';
}
