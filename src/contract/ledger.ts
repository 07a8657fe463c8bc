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
import type { Figures, Place, Step } from '../model/figures.ts';
import type { UnitNumbers } from '../model/masking.ts';
import type { KeptSet } from '../model/labels/render-set.ts';
import type { Approval, ApprovalRequest, SavedTemplate, TemplateRevision } from '../model/labels/saved-template.ts';
import type { LogoRevision, SavedLogo } from '../model/labels/saved-logo.ts';
import type { ShippingList } from '../model/shipping/shipping-list.ts';
import type { Station } from '../model/station.ts';
import type { Fact, Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/**
 * The ledger is the record of all events. Only the ledger decides whether a command is accepted or refused.
 *
 * `record` runs one command as one transaction: it reads, decides, and then appends the events with their leaf hashes
 * and projections. The promise of `record` resolves only when everything is durable, so its result may be sent to the
 * caller. If the rules refuse the command, `record` rejects with a ClaimstampError and writes nothing. After
 * `ledger-unavailable`, the caller cannot know whether the command was recorded, but it may safely resend the command.
 *
 * Each read returns data from one consistent snapshot of committed events. Callers never see transactions.
 */
export interface Ledger {
  record<C extends Command>(command: C): Promise<Answer<C>>;
  /**
   * Fetches the events that other processes have recorded in a shared ledger, so that reads return them. Throws
   * `ledger-unavailable` if they cannot be fetched.
   */
  catchUp(): Promise<void>;

  unit(uci: string): Promise<UnitHistory | undefined>;
  /** Returns units that come after the unit with id `after`, oldest first. A page may have fewer units than `limit`. */
  units(page: UnitPage): Promise<UnitList>;
  /** Counts the open exceptions of units. Units that were issued at `before` (ms since 1970) or later are left out. */
  exceptions(before: number): Promise<ExceptionCounts>;
  /** Returns RMAs in descending order of their numbers. */
  returns(page: ReturnPage): Promise<ReturnSummary[]>;
  /**
   * Returns an RMA, and the RMA's units after the return number `after`. Returns undefined if no unit was ever returned
   * under this number.
   */
  returned(
    rma: string,
    after: number,
    limit: number,
  ): Promise<{ summary: ReturnSummary; units: ReturnedUnit[] } | undefined>;
  /**
   * Reads what a scanner sent, either at this station or at no particular station. For each code in the scan, returns
   * what it means and which unit has it, if any.
   */
  scanned(sent: string, at: { station?: string | undefined; identity: CodeIdentity }): Promise<Scan[]>;
  /**
   * Returns the agent's body of each unit as text, in the same order as `units`. If no device has the unit yet, there
   * is no body, and the entry is undefined.
   */
  bodies(units: Unit[]): Promise<(string | undefined)[]>;
  /**
   * Returns the Claim IDs of the ledger that begin with one of these ten-letter texts. `products` are the products that
   * the reader may see.
   */
  unitNumbers(beginnings: string[], products: readonly string[] | 'all'): Promise<UnitNumbers>;
  printer(name: string): Promise<KeptPrinter | undefined>;
  printers(): Promise<KeptPrinter[]>;
  /** Returns print jobs that come before the job with id `before`, newest first. */
  printJobs(page: PrintJobPage): Promise<PrintJob[]>;
  /** Returns the print jobs that are queued or being sent, oldest first. */
  openPrintJobs(printer: string): Promise<PrintJob[]>;
  product(id: string): Promise<Product | undefined>;
  products(): Promise<Product[]>;
  station(name: string): Promise<Station | undefined>;
  stations(): Promise<Station[]>;
  /**
   * True if the ledger has, or ever had, a product or a station with this name. Old events still contain the names of
   * removed products and stations.
   */
  hadName(kind: 'product' | 'station', name: string): Promise<boolean>;
  /** Finds a credential by the SHA-256 of its secret, even if it has expired or was revoked. */
  credential(hash: Uint8Array): Promise<Credential | undefined>;
  credentials(kind: Credential['kind']): Promise<Credential[]>;
  person(name: string): Promise<Person | undefined>;
  /** Returns all people, including people who were removed. */
  people(): Promise<Person[]>;
  /** Returns times from recent events, to compare them with the clock (model/clock.ts). */
  times(): Promise<Times>;
  /**
   * Returns the time at which a version with the feature `what` first used this ledger, and whether the ledger had been
   * in use before.
   */
  introduced(what: string): Promise<Introduced | undefined>;
  /** Returns the last import that was recorded in parts, even if this import is already completed or dropped. */
  importing(): Promise<Importing | undefined>;
  workOrder(id: string): Promise<WorkOrder | undefined>;
  workOrders(): Promise<WorkOrder[]>;
  /** Returns the figures in the event with this number, which closed a work order. */
  closing(seq: number): Promise<Figures>;
  /** Returns the reason for which the unit was signed off when the event `seq` closed the unit's work order. */
  signedOff(uci: string, seq: number): Promise<string | undefined>;
  shippingList(id: string): Promise<ShippingList | undefined>;
  /** Returns shipping lists that come before the list with the number `before`, newest first. */
  shippingLists(page: ShippingListPage): Promise<{ lists: FoundList[]; next: number | null }>;
  /**
   * Returns the units on a shipping list that come after the shipment `after`, in the order in which they were shipped.
   */
  shipments(page: ShipmentPage): Promise<{ shipments: Shipment[]; next: number | null }>;
  /** Returns one revision of a saved label template. The default is the newest one. */
  template(name: string, revision?: number): Promise<SavedTemplate | undefined>;
  /** Returns the newest revision of each saved label template, sorted by name. */
  templates(): Promise<TemplateRevision[]>;
  /** Returns the revisions of a template that come before the revision `before`, newest first. */
  templateRevisions(page: TemplatePage): Promise<TemplateRevision[]>;
  /** Returns the approved revision of a template with the highest number. */
  approvedTemplate(name: string): Promise<SavedTemplate | undefined>;
  /** Returns the approvals of a template that are valid, newest revision first. */
  approvals(name: string): Promise<Approval[]>;
  /** Returns the newest request for approval of each template, if it is open. */
  approvalRequests(): Promise<ApprovalRequest[]>;
  /** Returns the render set with which a label was printed. */
  renderSet(by: { number: number } | { hash: string }): Promise<KeptSet | undefined>;
  /** Returns the content with this SHA-256: a template, a font, a logo, or the settings that labels show. */
  labelContent(hash: string): Promise<Uint8Array | undefined>;
  /** Returns the newest revision of an uploaded logo, or the given revision. */
  logo(name: string, revision?: number): Promise<SavedLogo | undefined>;
  /** Returns the newest revision of each uploaded logo, sorted by name. */
  logos(): Promise<LogoRevision[]>;
  /**
   * Returns the lines of events about access (model/event-data.ts) that come before the event `before`, newest first.
   */
  accessEvents(page: AccessPage): Promise<string[]>;
  /** Returns matching events in the order of the ledger. Each line has exactly the bytes that were hashed. */
  feed(page: FeedPage): Promise<FeedLines>;
  /** Returns the S/N counters that are in use at the time `now` (ms since 1970) and have made at least one S/N. */
  counters(now: number, site?: string): Promise<CounterFact[]>;
  /** Returns the last snooze of each forecast that was ever snoozed. */
  snoozes(): Promise<Snooze[]>;
  head(): Promise<{ size: number; root: Uint8Array }>;
  /** Returns the root that the tree had at `size` events. Returns undefined if the ledger has fewer events. */
  rootAt(size: number): Promise<Uint8Array | undefined>;
  /**
   * For each given event, returns the proof that the tree with `size` events contains it. Each proof is a list of
   * hashes, from the leaf upwards.
   */
  inclusion(seqs: number[], size: number): Promise<Uint8Array[][]>;
  /**
   * Returns the proof that the tree with `to` events begins with the tree with `from` events. `to` must not exceed the
   * ledger's size.
   */
  consistency(from: number, to: number): Promise<Uint8Array[]>;
  /** Returns the stored checkpoint with this size. Without a size, returns the newest stored checkpoint. */
  checkpoint(size?: number): Promise<KeptCheckpoint | undefined>;

  /** Makes a test write. Returns a sentence for each reason why the ledger is not ready. */
  problems(): Promise<string[]>;
  figures(): LedgerFigures;

  /** Finishes the commands that were accepted, empties the write-ahead log, and then closes the ledger. */
  close(): Promise<void>;
}

export interface TemplatePage {
  name: string;
  before: number;
  limit: number;
}

export interface ShippingListPage {
  /** Selects only lists that are for this work order or contain units of it. */
  workOrder?: string;
  before: number;
  limit: number;
}

export type FoundList = ShippingList & {
  /** If `workOrder` was given: how many units of this work order are on the list now. */
  ofOrder?: number;
};

export interface ShipmentPage {
  list: string;
  after: number;
  limit: number;
}

/**
 * A unit on a shipping list. `seq` is the number of the event that put the unit on the list, and `at` is the time of
 * this event in ms since 1970.
 */
export interface Shipment {
  seq: number;
  at: number;
  unit: Unit;
}

export interface UnitPage {
  /** The `next` of the previous page. For the first page, 0. */
  after: number;
  /** If true, the newest units come first. */
  newest?: true;
  limit: number;
  product?: string;
  /** Selects only units of the products in this list. */
  products?: readonly string[];
  /** Selects only the unit with this number. */
  id?: number;
  /** Selects only units with these numbers. */
  ids?: readonly number[];
  station?: string;
  workOrder?: string;
  reservation?: string;
  status?: Fact | readonly Fact[];
  /** Selects only issued units that now belong to this group, such as `released`. */
  part?: Place;
  /**
   * If true, selects only issued units that are on a shipping list now; if false, only issued units that are on none.
   */
  shipped?: boolean;
  /** Selects only issued units that have completed the step before this one, but not this step. */
  lost?: Exclude<Step, 'issued'>;
  /** Selects only units that have this fact, even if they also have later facts. */
  fact?: Fact;
  /**
   * Selects only units that have an alarm. For example, a device reported a Claim ID that was issued to another device.
   */
  alarm?: true;
  /**
   * Selects only units that have this open exception. If `file` is set, selects only firmware files that no device has
   * used yet.
   */
  exception?: ExceptionKind | 'file';
  uci?: string;
  /** The beginning of the Claim ID, spelled as in the ledger. */
  prefix?: string;
  /** The S/N. Void units are also found. */
  serial?: string;
  /**
   * The value of one of these identity properties. For the properties in `macs`, the unit may have a different
   * spelling of the value. Void units have no identity, so a search by identity never finds void units.
   */
  identity?: { value: string; properties: string[]; macs: string[] };
  /**
   * The time when the unit was issued, or when it was reserved if it is not issued. `from` (inclusive) and `to`
   * (exclusive) are times in ms since 1970.
   */
  from?: number;
  to?: number;
  /**
   * Selects only issued units that still need a label printed. A unit needs a label until one of its print jobs is
   * `done` or `sent`. Pre-claimed, void and scrapped units need no label.
   */
  printed?: false;
}

export interface UnitList {
  units: Unit[];
  /** The `after` of the next page, or null on the last page. */
  next: number | null;
}

export interface AccessPage {
  before: number;
  limit: number;
  /** If no type is given, all events about access are listed (model/event-data.ts). */
  type?: AccessEventType | 'drill-held';
  types?: readonly AuditedType[];
  actor?: string;
  /**
   * Selects only this unit's events, and events about reads and exports that name the unit. Of the events about reads
   * and exports, only the newest are searched.
   */
  unit?: Pick<Unit, 'id' | 'uci'>;
  /** The beginning (inclusive) and the end (exclusive) of the time range, in ms since 1970. */
  from?: number;
  to?: number;
}

/** A part of an event feed: at most `limit` events that come after the event `after`. */
export interface FeedPage extends FeedFilter {
  after: number;
  limit: number;
}

export interface FeedFilter {
  types?: readonly EventType[];
  /** Selects events of this product's units and work orders, and changes of the product's settings. */
  product?: string;
  station?: string;
}

export interface FeedLines {
  lines: string[];
  /** All events up to and including this number were read. `seq` equals `after` if there are no later events. */
  seq: number;
  /** The time of the event `seq` in ms since 1970, or 0 if there is no such event. */
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
  /** The lines of the unit's events, oldest first. Each line has exactly the bytes that were hashed. */
  lines: string[];
  /** How many times the service repeated its answer for this unit, and when it last did so (ms since 1970). */
  repeats: { count: number; lastAt: number } | undefined;
  /** How many times the device asked from a different source than in its previous request. */
  sourceChanges?: number;
}

export interface LedgerFigures {
  commits: number;
  /** The total time of all commits, in ms. For a shared ledger, how long the tree head was locked in total. */
  commitMs: number;
  commands: number;
  events: number;
  /** The number of commands that are waiting for the writer. */
  waiting: number;
  state: 'ready' | 'disk-full' | 'latched';
}
