import type { AccessRow, Committed } from '../model/access.ts';
import type { AuditedType } from '../model/audit/kinds.ts';
import type { Identity } from '../model/body.ts';
import type { Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Event, Happening } from '../model/event.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { KeptPrinter } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { KnownCodes } from '../model/scan/known.ts';
import type { ShippingList } from '../model/shipping/shipping-list.ts';
import type { Station } from '../model/station.ts';
import type { LabelContent } from '../model/labels/render-set.ts';
import type { Introduced } from '../model/limits.ts';
import type { ReturnEnd, Sighting, Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';
import type { Snooze } from './forecasts/forecast.ts';
import type { Claim, Importing, ImportPart } from '../model/imports/importing.ts';

/**
 * The data that a decision may read, as a plain object of look-up functions. The functions read the ledger inside the
 * decision's transaction, so nothing can change before the decision is recorded.
 */
export interface Seen {
  product: (id: string) => Product | undefined;
  products: () => Product[];
  station: (name: string) => Station | undefined;
  stations: () => Station[];
  workOrder: (id: string) => WorkOrder | undefined;
  workOrders: () => WorkOrder[];
  /** Returns one of this product's work orders, or undefined if it has none. */
  workOrderOf: (product: string) => WorkOrder | undefined;
  /** True if a unit of any state, even a void one, belongs to this work order. */
  orderHasUnit: (id: string) => boolean;
  shippingList: (id: string) => ShippingList | undefined;
  /** Returns the newest saved revision of a label template. If the template was removed, returns the removal. */
  template: (name: string) => { revision: number; hash: string } | undefined;
  /** Returns a revision of a saved label template: its hash, and who saved it. */
  templateRevision: (name: string, revision: number) => { hash: string; by: string } | undefined;
  /** Returns the approved revisions of a label template in ascending order. */
  approvedRevisions: (name: string) => number[];
  /** Returns the number of the render set with this hash. */
  renderSet: (hash: string) => number | undefined;
  /** Returns the number of the newest render set, or 0 if there is none. */
  lastRenderSet: () => number;
  /** True if the ledger has the content with this hash. */
  hasLabelContent: (hash: string) => boolean;
  unit: (uci: string) => Unit | undefined;
  /**
   * Searches the newest `events` events of the ledger for `issued` events at the station. Returns these `issued`
   * events, newest first. `from` is the time of the oldest event searched, in ms since 1970. `from` is -Infinity if the
   * entire ledger was searched.
   */
  lastIssuedAt: (station: string, events: number) => { issued: Event<'issued'>[]; from: number };
  unitBySerial: (product: string, serial: string) => Unit | undefined;
  /** Returns the newest void unit with this S/N. */
  voidBySerial: (serial: string) => Unit | undefined;
  /** Returns the units, of any product, that have this S/N (ignoring case) and are not void. */
  unitsBySerial: (serial: string) => Unit[];
  /**
   * Returns the units with this identity, of this product or of all products. In an older ledger, several units may
   * share a key, because different spellings of a MAC counted as different values then.
   */
  unitsByIdentity: (product: string | undefined, identity: Identity) => Unit[];
  /** True if a unit of any product had this identity, in any spelling, before it became void. */
  wasIdentity: (property: string, value: string) => boolean;
  /**
   * Counts the numbers between `from` and `to` (inclusive) that a unit of any product has, or had before it became
   * void. Each number has the form that `numberAt` writes.
   */
  countIdentities: (property: string, from: string, to: string) => number;
  /** Returns the identity of the unit as a map from property to value. */
  identityOf: (unit: Unit) => Map<string, string>;
  /**
   * Returns the look-ups for scanned codes. Each look-up uses an index. `identity` names the properties that identify
   * devices.
   */
  codes: (identity: { properties: string[]; macs: string[] }) => KnownCodes;
  /** Returns the last event of the unit. */
  lastOf: (unit: Unit) => Event;
  printer: (name: string) => KeptPrinter | undefined;
  printJob: (id: number) => PrintJob | undefined;
  /** Returns the jobs that are queued or being sent, oldest first. */
  openPrintJobs: (of: { station: string } | { uci: string } | { printer: string }) => PrintJob[];
  /** Returns the last counter value that was used with this S/N prefix. Returns 0 if none has been used. */
  counter: (product: string, prefix: string) => number;
  credential: (hash: Uint8Array) => Credential | undefined;
  /**
   * Returns the credentials of this kind and name, oldest first, including credentials that have expired or been
   * revoked.
   */
  credentials: (kind: Credential['kind'], name: string) => Credential[];
  person: (name: string) => Person | undefined;
  people: () => Person[];
  /** Returns all credentials and people, with their nonces. */
  access: () => AccessRow[];
  nonce: (row: AccessRow) => string | undefined;
  /**
   * Returns the number of the event that contains this commitment. Returns undefined if the commitment is no longer
   * valid.
   */
  committedAt: (commitment: string) => number | undefined;
  /**
   * Returns the number of the event with commitments to all rows of credentials and people. Returns undefined if there
   * is no such event.
   */
  accessCovered: () => number | undefined;
  /** Returns the time at which a version with the feature `what` first used this ledger. */
  introduced: (what: string) => Introduced | undefined;
  /**
   * Returns the last day on which agents from this source added products, and the number of products added on that day.
   */
  invented: (source: string) => { day: number; count: number } | undefined;
  sighting: (unit: Unit) => Sighting | undefined;
  /** Returns the event that last gave the unit to a device. */
  issuedOf: (unit: Unit) => Event<'issued'> | undefined;
  /** Returns the two checkpoints with the largest trees. The checkpoint with the larger tree is first. */
  checkpoints: () => KeptCheckpoint[];
  /** Returns the median time of the newest events (model/clock.ts). */
  medianTime: () => number | undefined;
  /** Returns the last import that was recorded in parts, even if this import is already completed or dropped. */
  importing: () => Importing | undefined;
  /** Returns the import's stored part with the lowest number. `isLast` is true if this part is the only one left. */
  importParts: () => { first: ImportPart | undefined; isLast: boolean };
  /** True if an import has claimed this value. If no import is running, nothing is read. */
  claimed: (claim: Claim) => boolean;
  /**
   * Returns the products for which an import has claimed this S/N, ignoring case. If no import is running, nothing is
   * read.
   */
  claimantsOf: (serial: string) => string[];
  /** Returns the number of events before this decision. The first event of the decision gets the next number. */
  size: () => number;
}

/** The result of a command: the events to append, and the answer that the caller gets once the events are durable. */
export interface Decision<Answer> {
  events: Happening[];
  answer: Answer;
  /** The unit that the answer to a repeated request contains. A repeated request is counted, but it adds no event. */
  repeatOf?: Unit;
  /** Rows that are not made from events, such as credentials. */
  kept?: Kept[];
  /** If true, an event with new commitments to all credentials and people is added (commit-access.ts). */
  covers?: true;
  /**
   * True if the same request will send more commands. In that case, the answer to this command is not stored under the
   * request's Idempotency-Key.
   */
  unfinished?: true;
}

/** A row that is not made from events, but is stored in the same transaction as the events. */
export type Kept =
  | AccessRow
  | { table: 'dropped-credential'; hash: Uint8Array }
  | { table: 'checkpoint'; checkpoint: KeptCheckpoint }
  | { table: 'dropped-checkpoint'; size: number }
  | ({ table: 'introduced'; what: string } & Introduced)
  | { table: 'invented'; source: string; day: number; count: number }
  | { table: 'sighting'; unit: number; sighting: Sighting }
  | { table: 'snooze'; snooze: Snooze }
  | ({ table: 'label-content' } & LabelContent)
  | { table: 'import'; row: Importing }
  | ({ table: 'import-part'; import: string } & ImportPart)
  | { table: 'dropped-import-part'; import: string; part: number };

/** A row as it is after an event has changed it. A store writes these rows unchanged, without computing anything. */
export type Row =
  | { table: 'unit'; unit: Unit; before: Unit | undefined }
  | { table: 'identity'; unit: Unit; property: string; value: string }
  | { table: 'freed-identity'; unit: Unit }
  | { table: 'return'; seq: number; rma: string; unit: number; ended?: ReturnEnd }
  | { table: 'counter'; product: string; prefix: string; count: number }
  | { table: 'product'; product: Product }
  | { table: 'station'; station: Station }
  | { table: 'work-order'; workOrder: WorkOrder }
  | { table: 'label-revision'; seq: number; name: string; revision: number; hash: string }
  | { table: 'label-approval'; seq: number; name: string; revision: number }
  | { table: 'dropped-label-approval'; name: string; revision: number }
  | { table: 'render-set'; number: number; seq: number; hash: string }
  | { table: 'shipping-list'; list: ShippingList }
  /** `seq` is the number of the event that put the unit on the list, and `at` is the time of this event. */
  | { table: 'shipment'; seq: number; list: string; uci: string; at: number }
  | { table: 'dropped-shipment'; seq: number }
  | { table: 'printer'; printer: KeptPrinter }
  | { table: 'print-job'; job: PrintJob }
  | { table: 'access'; committed: Committed; seq: number }
  | { table: 'ended-access'; committed: Committed; seq: number }
  /**
   * The event `seq` contains commitments to all rows of credentials and people. All earlier commitments become invalid.
   */
  | { table: 'access-covered'; seq: number }
  | { table: 'access-event'; seq: number; type: AuditedType; actor: string };
