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
 * `record` runs one command as one transaction: it looks, decides, appends the events with their leaf hashes and
 * projections. It resolves once all of it is durable, never before; what it resolves with may be told to anyone. It
 * rejects with a ClaimstampError when the line's rules refuse the command, and then nothing was written. When it
 * rejects with `ledger-unavailable`, the command may or may not have been recorded: asking again is safe.
 *
 * Reads see committed events only, each in one consistent snapshot. No begin or commit is ever shown.
 */
export interface Ledger {
  record<C extends Command>(command: C): Promise<Answer<C>>;

  unit(uci: string): Promise<UnitHistory | undefined>;
  /** Units in the order they were made, after the one with id `after`; at most `limit`, and fewer where few fit the filter. */
  units(page: UnitPage): Promise<UnitList>;
  /** The agent's body of each unit, as text, in the same order; undefined where no device has the unit yet. */
  bodies(units: Unit[]): Promise<(string | undefined)[]>;
  printer(name: string): Promise<Printer | undefined>;
  printers(): Promise<Printer[]>;
  /** Newest first, before the one with id `before`. */
  printJobs(page: PrintJobPage): Promise<PrintJob[]>;
  /** Queued or on their way, oldest first. */
  openPrintJobs(printer: string): Promise<PrintJob[]>;
  product(id: string): Promise<Product | undefined>;
  products(): Promise<Product[]>;
  station(name: string): Promise<Station | undefined>;
  stations(): Promise<Station[]>;
  /** By the SHA-256 of the secret that was shown; live or not. */
  credential(hash: Uint8Array): Promise<Credential | undefined>;
  credentials(kind: Credential['kind']): Promise<Credential[]>;
  person(name: string): Promise<Person | undefined>;
  /** The removed ones too. */
  people(): Promise<Person[]>;
  workOrder(id: string): Promise<WorkOrder | undefined>;
  workOrders(): Promise<WorkOrder[]>;
  head(): Promise<{ size: number; root: Uint8Array }>;
  /** The root when the ledger had `size` events; undefined where it never had so many. */
  rootAt(size: number): Promise<Uint8Array | undefined>;
  /** That each of these events is in the tree of `size`: its hashes, from the leaf upwards. `seq`s up to `size` only. */
  inclusion(seqs: number[], size: number): Promise<Uint8Array[][]>;
  /** That the tree of `to` events begins with that of `from`; `to` up to the ledger's size. */
  consistency(from: number, to: number): Promise<Uint8Array[]>;
  /** The newest that was kept, or the one of this size. */
  checkpoint(size?: number): Promise<KeptCheckpoint | undefined>;

  /** The reasons why agents must not be sent here now, a sentence each. Makes a test write. */
  problems(): Promise<string[]>;
  /** Numbers for /metrics. */
  figures(): LedgerFigures;

  /** Finishes accepted commands, empties the write-ahead log, closes the files. */
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
  /** Of issued units: what became of each. */
  part?: Part;
  /** Units that have it, whatever came after it. */
  fact?: Fact;
  /** Units whose ID a device named that is not theirs. */
  alarm?: true;
  uci?: string;
  /** The first letters of its Claim ID, as the ledger has them. */
  prefix?: string;
  /** Its S/N, of void units too. */
  serial?: string;
  /** What one of these properties said of the device. Void units have no identity any more. */
  identity?: { value: string; properties: string[] };
  /** Issued, or else reserved, in this time: from inclusive, to exclusive. ms since 1970 */
  from?: number;
  to?: number;
  /**
   * Only units that a device has and no label, and that need one (not pre-claimed): neither void nor scrapped, no printer said `done`, none was handed the
   * job (`sent`). A failed, unknown or waiting label counts as none.
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
  /** Its events' lines, oldest first, byte for byte as they were hashed. */
  lines: string[];
  /** How often it was answered again, and when last (ms since 1970). */
  repeats: { count: number; lastAt: number } | undefined;
}

export interface LedgerFigures {
  commits: number;
  /** In all of them; of a ledger that is shared, as long as its head was locked. ms */
  commitMs: number;
  commands: number;
  events: number;
  /** Commands waiting for the writer. */
  waiting: number;
  state: 'ready' | 'disk-full' | 'latched';
}
