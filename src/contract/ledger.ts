import type { AuditedType } from '../model/audit/kinds.ts';
import type { ExceptionCounts } from './exceptions.ts';
import type { ExceptionKind } from '../model/exceptions/kinds.ts';
import type { ReturnedUnit, ReturnPage, ReturnSummary } from './returns.ts';
import type { Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Answer, Command } from '../decide/command.ts';
import type { CounterFact, Snooze } from '../decide/forecasts/forecast.ts';
import type { Importing } from '../model/imports/importing.ts';
import type { CodeIdentity, Scan } from '../decide/scans/codes.ts';
import type { AccessEventType, EventType } from '../model/event-data.ts';
import type { PrintJob, PrintState } from '../model/print-job.ts';
import type { Times } from '../model/clock.ts';
import type { Introduced } from '../model/limits.ts';
import type { KeptPrinter } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { Part } from '../model/figures.ts';
import type { UnitNumbers } from '../model/masking.ts';
import type { SavedTemplate, TemplateRevision } from '../model/labels/saved-template.ts';
import type { ShippingList } from '../model/shipping/shipping-list.ts';
import type { Station } from '../model/station.ts';
import type { Fact, Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/**
 * The ledger is the record of all events. Only the ledger decides whether a command is accepted or refused.
 *
 * `record` runs one command as one transaction: it reads, decides, and appends the events with their leaf hashes and
 * projections. `record` resolves only after everything is durable, so the result may be sent to the caller. If the
 * rules refuse the command, `record` rejects with a ClaimstampError and writes nothing. After `ledger-unavailable`, the
 * caller cannot know whether the command was recorded, but may safely send it again.
 *
 * Each read returns data from one consistent snapshot of committed events. Callers never see transactions.
 */
export interface Ledger {
  record<C extends Command>(command: C): Promise<Answer<C>>;

  unit(uci: string): Promise<UnitHistory | undefined>;
  /** Returns units after the unit with id `after`, oldest first. A page may have fewer units than `limit`. */
  units(page: UnitPage): Promise<UnitList>;
  /** Counts the open exceptions. Leaves out units that were issued at `before` (ms since 1970) or later. */
  exceptions(before: number): Promise<ExceptionCounts>;
  /** Returns RMAs in descending order of their numbers. */
  returns(page: ReturnPage): Promise<ReturnSummary[]>;
  /**
   * Returns an RMA, and its units after the return with the number `after`. Returns undefined if no unit was ever
   * returned under this number.
   */
  returned(
    rma: string,
    after: number,
    limit: number,
  ): Promise<{ summary: ReturnSummary; units: ReturnedUnit[] } | undefined>;
  /**
   * Reads what a scanner sent at this station, or at no particular station. For each code in the scan, returns its
   * meaning and the unit that has the code, if there is one.
   */
  scanned(sent: string, at: { station?: string | undefined; identity: CodeIdentity }): Promise<Scan[]>;
  /**
   * Returns the agent's body of each unit as text, in the order of `units`. A unit that no device has yet has no body,
   * so its entry is undefined.
   */
  bodies(units: Unit[]): Promise<(string | undefined)[]>;
  /**
   * Returns the ledger's Claim IDs that begin with one of these ten-letter texts, for a reader who sees only these
   * products, or all products.
   */
  unitNumbers(beginnings: string[], products: readonly string[] | 'all'): Promise<UnitNumbers>;
  printer(name: string): Promise<KeptPrinter | undefined>;
  printers(): Promise<KeptPrinter[]>;
  /** Returns print jobs before the job with id `before`, newest first. */
  printJobs(page: PrintJobPage): Promise<PrintJob[]>;
  /** Returns the print jobs that are queued or being sent, oldest first. */
  openPrintJobs(printer: string): Promise<PrintJob[]>;
  product(id: string): Promise<Product | undefined>;
  products(): Promise<Product[]>;
  station(name: string): Promise<Station | undefined>;
  stations(): Promise<Station[]>;
  /** Finds a credential by the SHA-256 of its secret, even if the credential has expired or was revoked. */
  credential(hash: Uint8Array): Promise<Credential | undefined>;
  credentials(kind: Credential['kind']): Promise<Credential[]>;
  person(name: string): Promise<Person | undefined>;
  /** Returns all people, including people who were removed. */
  people(): Promise<Person[]>;
  /** Returns when this ledger was first used with the feature `what`, and whether it was in use before that. */
  /** Returns what recent events say about time (model/clock.ts). */
  times(): Promise<Times>;
  introduced(what: string): Promise<Introduced | undefined>;
  /** Returns the last import in parts. The import may have ended. */
  importing(): Promise<Importing | undefined>;
  workOrder(id: string): Promise<WorkOrder | undefined>;
  workOrders(): Promise<WorkOrder[]>;
  shippingList(id: string): Promise<ShippingList | undefined>;
  /** Returns shipping lists before the list with the number `before`, newest first. */
  shippingLists(page: ShippingListPage): Promise<{ lists: ShippingList[]; next: number | null }>;
  /** Returns the units of a shipping list after the shipment `after`, in the order in which they were shipped. */
  shipments(page: ShipmentPage): Promise<{ shipments: Shipment[]; next: number | null }>;
  /** Returns a revision (by default the newest) of a label template that people saved. */
  template(name: string, revision?: number): Promise<SavedTemplate | undefined>;
  /** Returns the newest revision of each label template that people saved, sorted by name. */
  templates(): Promise<TemplateRevision[]>;
  /** Returns the revisions of a template before the revision `before`, newest first. */
  templateRevisions(page: TemplatePage): Promise<TemplateRevision[]>;
  /** Returns the lines of events about access (model/event-data.ts) before the event `before`, newest first. */
  accessEvents(page: AccessPage): Promise<string[]>;
  /** Returns matching events in the order of the ledger, each with exactly the bytes that were hashed. */
  feed(page: FeedPage): Promise<FeedLines>;
  /** Returns the S/N counters that are in use at the time `now` (ms since 1970) and have already counted. */
  counters(now: number, site?: string): Promise<CounterFact[]>;
  /** Returns the last snooze of every forecast that has been snoozed. */
  snoozes(): Promise<Snooze[]>;
  head(): Promise<{ size: number; root: Uint8Array }>;
  /** Returns the root that the tree had at `size` events, or undefined if the ledger has fewer events. */
  rootAt(size: number): Promise<Uint8Array | undefined>;
  /**
   * Returns proofs that the tree of `size` events contains the given events. Each proof is a list of hashes, from the
   * leaf upwards.
   */
  inclusion(seqs: number[], size: number): Promise<Uint8Array[][]>;
  /**
   * Returns the proof that the tree of `to` events begins with the tree of `from` events. `to` must not exceed the
   * ledger's size.
   */
  consistency(from: number, to: number): Promise<Uint8Array[]>;
  /** Returns the stored checkpoint of this size. If no size is given, returns the newest stored checkpoint. */
  checkpoint(size?: number): Promise<KeptCheckpoint | undefined>;

  /** Makes a test write. Returns one sentence for each reason why the ledger is not ready. */
  problems(): Promise<string[]>;
  figures(): LedgerFigures;

  /** Finishes the accepted commands, empties the write-ahead log, and then closes the ledger. */
  close(): Promise<void>;
}

export interface TemplatePage {
  name: string;
  before: number;
  limit: number;
}

export interface ShippingListPage {
  before: number;
  limit: number;
}

export interface ShipmentPage {
  list: string;
  after: number;
  limit: number;
}

/**
 * A unit on a shipping list. `seq` is the number of the event that put it there, and `at` is its time in ms since 1970.
 */
export interface Shipment {
  seq: number;
  at: number;
  unit: Unit;
}

export interface UnitPage {
  /** The `next` of the previous page, or 0 for the first page. */
  after: number;
  /** If true, the newest units come first. */
  newest?: true;
  limit: number;
  product?: string;
  /** Selects only units of the products in this list. */
  products?: readonly string[];
  /** Selects only the unit with this number. */
  id?: number;
  /** Selects only the units with these numbers. */
  ids?: readonly number[];
  station?: string;
  workOrder?: string;
  reservation?: string;
  status?: Fact | readonly Fact[];
  /** Selects only issued units that the reconciliation counts in this part, such as `released`. */
  part?: Part;
  /** Selects only units that have this fact, even if a later fact determines their status. */
  fact?: Fact;
  /**
   * Selects only units with an alarm, for example because a device reported a Claim ID that was issued to another
   * device.
   */
  alarm?: true;
  /** Selects only units with this open exception, or only firmware files that no device has used yet. */
  exception?: ExceptionKind | 'file';
  uci?: string;
  /** The first characters of the Claim ID, in the spelling of the ledger. */
  prefix?: string;
  /** The S/N. The search by S/N also finds void units. */
  serial?: string;
  /**
   * The value that one of these identity properties must have. For the properties in `macs`, the value may have another
   * spelling. Void units have no identity, so the search by identity never finds a void unit.
   */
  identity?: { value: string; properties: string[]; macs: string[] };
  /**
   * The time of issue, or of reservation if the unit is not issued. `from` (inclusive) and `to` (exclusive) are times
   * in ms since 1970.
   */
  from?: number;
  to?: number;
  /**
   * Selects only issued units that still need a label. A unit needs a label until one of its print jobs is `done` or
   * `sent`. A unit that is pre-claimed, void or scrapped needs no label.
   */
  printed?: false;
}

export interface UnitList {
  units: Unit[];
  /** The value of `after` for the next page. On the last page, this value is null. */
  next: number | null;
}

export interface AccessPage {
  before: number;
  limit: number;
  /** Without a type or types, the events about access (model/event-data.ts) are listed. */
  type?: AccessEventType | 'drill-held';
  types?: readonly AuditedType[];
  actor?: string;
  /** The first (inclusive) and the last (exclusive) time, in ms since 1970. */
  from?: number;
  to?: number;
}

/** A part of an event feed: at most `limit` events after the event `after`. */
export interface FeedPage extends FeedFilter {
  after: number;
  limit: number;
}

export interface FeedFilter {
  types?: readonly EventType[];
  /** Selects events of units and work orders of this product, and changes of its settings. */
  product?: string;
  station?: string;
}

export interface FeedLines {
  lines: string[];
  /** All events up to this number were read. Equals `after` if there is no later event. */
  seq: number;
  /** The time of the event `seq` in ms since 1970. Zero if there is no such event. */
  at: number;
  /** The number of events in the ledger. */
  size: number;
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
  /** The lines of the unit's events, oldest first. Each returned line has exactly the bytes that were hashed. */
  lines: string[];
  /** How many times the service repeated its answer for this unit, and when it last did so, in ms since 1970. */
  repeats: { count: number; lastAt: number } | undefined;
  /** How many times the device asked from a different source than in its previous request. */
  sourceChanges?: number;
}

export interface LedgerFigures {
  commits: number;
  /** The total time of all commits, in ms. For a shared ledger, the total time during which its head was locked. */
  commitMs: number;
  commands: number;
  events: number;
  /** The number of commands that are waiting for the writer. */
  waiting: number;
  state: 'ready' | 'disk-full' | 'latched';
}
