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
 * projections. It resolves only after everything is durable, so the result may be sent out. It rejects with a
 * ClaimstampError when the rules refuse the command; then nothing was written. After `ledger-unavailable` the caller
 * cannot know whether the command was recorded, but may safely send it again.
 *
 * Each read sees one consistent snapshot of committed events. Callers never see transactions.
 */
export interface Ledger {
  record<C extends Command>(command: C): Promise<Answer<C>>;

  unit(uci: string): Promise<UnitHistory | undefined>;
  /** Units after the unit with id `after`, in the order in which they were made. A page may have fewer than `limit`. */
  units(page: UnitPage): Promise<UnitList>;
  /** The agent's body of each unit as text, in the order of `units`; undefined for a unit that no device has yet. */
  bodies(units: Unit[]): Promise<(string | undefined)[]>;
  printer(name: string): Promise<Printer | undefined>;
  printers(): Promise<Printer[]>;
  /** Print jobs before the job with id `before`, newest first. */
  printJobs(page: PrintJobPage): Promise<PrintJob[]>;
  /** Print jobs that are queued or being sent, oldest first. */
  openPrintJobs(printer: string): Promise<PrintJob[]>;
  product(id: string): Promise<Product | undefined>;
  products(): Promise<Product[]>;
  station(name: string): Promise<Station | undefined>;
  stations(): Promise<Station[]>;
  /** Finds a credential by the SHA-256 of its secret, even if the credential has expired or was revoked. */
  credential(hash: Uint8Array): Promise<Credential | undefined>;
  credentials(kind: Credential['kind']): Promise<Credential[]>;
  person(name: string): Promise<Person | undefined>;
  /** All people, including removed ones. */
  people(): Promise<Person[]>;
  workOrder(id: string): Promise<WorkOrder | undefined>;
  workOrders(): Promise<WorkOrder[]>;
  head(): Promise<{ size: number; root: Uint8Array }>;
  /** The root that the tree had at `size` events; undefined if the ledger has fewer events. */
  rootAt(size: number): Promise<Uint8Array | undefined>;
  /** Proofs that the tree of `size` events contains these events. Each proof is hashes, from the leaf upwards. */
  inclusion(seqs: number[], size: number): Promise<Uint8Array[][]>;
  /** Proves that the tree of `to` events begins with the tree of `from` events. `to` is at most the ledger's size. */
  consistency(from: number, to: number): Promise<Uint8Array[]>;
  /** The newest stored checkpoint, or the stored checkpoint of this size. */
  checkpoint(size?: number): Promise<KeptCheckpoint | undefined>;

  /** Makes a test write. Returns one sentence for each reason why the ledger is not ready. */
  problems(): Promise<string[]>;
  figures(): LedgerFigures;

  /** Finishes the accepted commands and empties the write-ahead log, then closes the ledger. */
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
  /** Only issued units that the reconciliation counts in this part. */
  part?: Part;
  /** Units that have this fact, even if a later fact determines their status. */
  fact?: Fact;
  /** Units whose ID was reported by a device that the ID was not issued to. */
  alarm?: true;
  uci?: string;
  /** The first letters of the Claim ID, written as in the ledger. */
  prefix?: string;
  /** The S/N. Void units match too. */
  serial?: string;
  /** A value that one of these identity properties has. Void units never match, because they have no identity. */
  identity?: { value: string; properties: string[] };
  /** When the unit was issued, else when it was reserved: `from` inclusive, `to` exclusive, in ms since 1970. */
  from?: number;
  to?: number;
  /**
   * Issued units that still need a label: they are not pre-claimed, void or scrapped, and have no print job that is
   * `done` or `sent`.
   */
  printed?: false;
}

export interface UnitList {
  units: Unit[];
  /** The value of `after` for the next page; null on the last page. */
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
  /** The lines of the unit's events, oldest first, exactly as they were hashed. */
  lines: string[];
  /** How often the answer was repeated, and when it was last repeated, in ms since 1970. */
  repeats: { count: number; lastAt: number } | undefined;
}

export interface LedgerFigures {
  commits: number;
  /** Time spent in all commits, in ms. For a shared ledger, the time for which its head was locked. */
  commitMs: number;
  commands: number;
  events: number;
  /** The number of commands that wait for the writer. */
  waiting: number;
  state: 'ready' | 'disk-full' | 'latched';
}
