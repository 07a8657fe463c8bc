import type { AccessKind, Committed } from './access.ts';
import type { RecordedSet } from './labels/render-set.ts';
import type { ExceptionKind } from './exceptions/kinds.ts';
import type { Figures } from './figures.ts';
import type { PrintState } from './print-job.ts';
import type { KeptPrinter } from './printer.ts';
import type { Product } from './product.ts';
import type { Permission, PersonRole, TokenRole } from './role.ts';
import type { ShippingListDefinition } from './shipping/shipping-list.ts';
import type { StopCode } from './shipping/stop.ts';
import type { TestResult } from './shipping/test-result.ts';
import type { StationDefinition } from './station.ts';
import type { Disposition, Outcome, ReturnEnd, Withdrawn } from './unit.ts';
import type { WorkOrderDefinition } from './work-order.ts';

/** The `data` of each event type. */
export interface EventData {
  issued: UnitData;
  reserved: UnitData;
  /** A device sent an identity property or an S/N that its unit did not have before. */
  identified: Pick<UnitData, 'serial' | 'identity' | 'link'>;
  /** The request body of a device contradicts the device's link address. */
  'link-contradicted': { link: string; alarm: string };
  /**
   * The device sent its identity from another source than before. At most one such event is recorded for each unit and
   * day.
   */
  'source-changed': { from: string; fromStation: string; changes: number; alarm?: string };
  verified: OfReturn;
  'verify-failed': { reason: string } & OfReturn;
  reported: { alarm?: string };
  registered: { outcome: Outcome };
  'registration-failed': { outcome: Outcome };
  void: EndData;
  scrapped: EndData;
  /** A returned unit was received. The unit's next life begins with this event (returns/lives.ts). */
  returned: { rma: string; reason: string; disposition: Disposition; note?: string };
  'return-closed': { rma: string; how: ReturnEnd; note?: string };
  /** An arming that an earlier version recorded has no `withdrew`, so cancelling it restores nothing. */
  armed: { reason: string; withdrew?: (keyof Withdrawn)[] } & OfReturn;
  /** A lead decided that a sample may be sold. */
  'sample-released': { reason: string };
  /** The device was marked as a reference device, or the mark was removed. */
  'reference-set': { reference: boolean; note?: string };
  /**
   * A reference device asked for its Claim ID at the station. At most one such event is recorded for each unit, station
   * and day.
   */
  'reference-seen': Nothing;
  disarmed: { reason?: string };
  /** A person investigated an exception of the unit, and wrote down what was found and what was done. */
  'exception-closed': { kind: ExceptionKind; note: string };
  next: Nothing;
  'same-device': Nothing;
  /** The unit passed at a gate. `list` is the shipping list. */
  shipped: { list: string };
  /** A unit was removed from its shipping list. */
  unshipped: { list: string; reason: string };
  /**
   * A gate stopped the unit. `also` contains further reasons, and `detail` says what is wrong. For each unit and
   * reason, at most one such event is recorded each day.
   */
  'ship-stopped': { reason: StopCode; detail?: string; also?: StopCode[]; list?: string };
  /** A tester reported a result. `at` in the data is the time by the tester's clock. */
  tested: TestResult;
  'print-queued': CopiesData & { reprint?: string } & OfReturn;
  'print-moved': CopiesData & {
    job: number;
    state: MovedState;
    reason?: string;
    /** The number of the render set with which the label was drawn. Only for the state `sending`. */
    set?: number;
    /** The column of the printer's next label, if the roll has labels side by side. */
    nextColumn?: number;
  };
  printed: CopiesData & { job: number; reason?: string };
  'printer-set': KeptPrinter;
  'product-set': Product;
  'product-removed': { id: string };
  'station-removed': { name: string };
  'printer-removed': { name: string };
  /** Events of version 1.0 have no `product`. */
  'work-order-removed': { id: string; product?: string };
  'station-set': StationDefinition;
  'station-key-set': { withdrawn?: true; movedTo?: string; expires?: string };
  'printer-token-set': { printer: string; withdrawn?: true; expires?: string };
  'work-order-set': WorkOrderDefinition;
  /**
   * The work order accepts no more units while a decision on closing it is pending. `process` names the process that
   * closes the work order.
   */
  'work-order-closing': { process: string };
  /**
   * The closing of the work order was abandoned. `interrupted` means that the service stopped before it had decided on
   * the closing.
   */
  'work-order-released': { why: 'refused' | 'interrupted' };
  /**
   * A `work-order-closed` event of an earlier version has no snapshot, because the decision and the event were in one
   * transaction. Such an event also lacks the settings that the report needs (`order`, `productName`, `rule`).
   */
  'work-order-closed': {
    figures: Figures;
    signedOff: SignedOff[];
    snapshot?: Snapshot;
    order?: WorkOrderDefinition;
    productName?: string;
    rule?: Pick<Product, 'claiming' | 'release' | 'tests'>;
  };
  'work-order-reopened': { reason: string };
  /** A person saved a revision of a label template. `hash` is the SHA-256 of `source`, in hexadecimal. */
  'template-saved': { name: string; revision: number; hash: string; note?: string; source: string };
  /** A second person approved a revision of a label template. */
  'template-approved': { name: string; revision: number; hash: string; note?: string };
  'template-approval-asked': { name: string; revision: number; note?: string };
  'template-approval-revoked': { name: string; revision: number; reason: string };
  /** The first label was printed with this combination of template, product, fonts, logos, renderer and resolution. */
  'render-set': RecordedSet;
  /** The removal counts as a revision, so that the numbers of all revisions differ. */
  'template-removed': { name: string; revision: number };
  /** A person uploaded a picture for labels. `png` is the picture in base64, and `hash` is the SHA-256 of its bytes. */
  'logo-saved': { name: string; revision: number; hash: string; width: number; height: number; png: string };
  'logo-removed': { name: string; revision: number };
  'shipping-list-set': ShippingListDefinition;
  'shipping-list-closed': { id: string };
  'token-set': { name: string; role: TokenRole; scopes?: Permission[]; expires?: string };
  'token-revoked': { name: string };
  /** `source` is the network address of the person who chose a password. */
  'person-set': {
    name: string;
    role: PersonRole;
    badge?: boolean;
    /**
     * `ends` and `products` are an auditor's last day and products. If a person tried to sign on, but the issuer's
     * groups gave no role, `why` is `groups` and `ends` is the day before the attempt.
     */
    ends?: string;
    why?: 'groups';
    products?: string[];
    password?: true;
    /** Set when a person signs on with an issuer for the first time. */
    issuer?: string;
    subject?: string;
    source?: string;
  };
  'person-removed': { name: string };
  /** The name of the invited person, or the station of the kiosk. */
  invited: ({ name: string } | { station: string }) & FromSource;
  'kiosk-set': { withdrawn?: true } & FromSource;
  /**
   * Commitments to the credentials and people that changed. `made` contains the commitments that are valid from this
   * event on, and `ended` contains those that are no longer valid.
   */
  'access-committed': { made: Committed[]; ended: Committed[] };
  /** Commitments to all credentials and people. These commitments replace all earlier ones. */
  'access-covered': { made: Committed[] };
  /** A backup was restored. `kept` counts the rows that kept their access, and `ended` counts the rows that lost it. */
  'access-restored': { kept: AccessCounts; ended: AccessCounts };
  /** `by` is absent if the person typed the password. */
  'signed-in': { by?: 'link' | 'sign-on' } & FromSource;
  'signed-out': FromSource;
  /**
   * `name` is absent if the session belongs to a kiosk. `since` is the time at which the session began, and `from` is
   * the address from which the session was opened. `why` is `issuer` if the issuer ended the session.
   */
  'session-ended': { name?: string; since: string; from?: string; why?: 'idle' | 'expired' | 'issuer' } & FromSource;
  /**
   * Failed sign-ins from one source, in the hour that begins at `from`. `names` are the names that were tried and that
   * belong to people.
   */
  'sign-ins-failed': { source: string; from: string; failed: number; throttled: number; names: string[] };
  'sign-in-locked': { source: string; name?: string };
  'badge-used': FromSource;
  'bulk-read': {
    what: string;
    filter: { [name: string]: string | number | boolean };
    count: number;
    treeSize?: number;
    sha256?: string;
  };
  /** A lead accepted the ledger. `code` is the name of the hold code that the lead used. */
  'ledger-accepted': { size: number; checkpoint?: { size: number; root: string }; code?: string };
  /** A person said that the clock is right. If a lead used a hold code, `code` is its name. */
  'clock-accepted': { code?: string };
  /**
   * A restore moved the S/N counter of this prefix to `count`. S/Ns up to `count` may have been given to devices by
   * events that are now lost.
   */
  'serials-skipped': { product: string; prefix: string; count: number };
  /**
   * An import in parts has begun. The events of the import's units follow. `units` is the number of units in the
   * import. `parts` has the SHA-256 of each part, in hexadecimal. A restore uses these hashes to find out which parts
   * are not recorded yet.
   */
  'import-begun': { units: number; parts: string[] };
  /** `former` and `next` are public keys in the verifier-key format. */
  'signing-key-rotated': { former: string; next: string };
  'hold-code-set': { name: string; expires: string };
  'hold-code-withdrawn': { name: string };
  /** People held a drill, to practise recovering from a loss. `people` names the participants. */
  'drill-held': { drill: DrillKind; outcome: DrillOutcome; seconds: number; people?: string; note?: string };
  /**
   * A person or a program changed a webhook. `target` is the address without its path. `reveal` is true if the receiver
   * gets complete Claim IDs. `after` is the number of the event after which the webhook begins or continues.
   */
  'webhook-set': { name: string; change: WebhookChange; target?: string; reveal?: boolean; after?: number };
}

export const WEBHOOK_CHANGES = ['added', 'changed', 'paused', 'resumed', 'secret', 'removed'] as const;
export type WebhookChange = (typeof WEBHOOK_CHANGES)[number];

export type EventType = keyof EventData;

/** The part that the drill assumes to be lost. */
export const DRILLS = ['server', 'printer', 'network'] as const;
export type DrillKind = (typeof DRILLS)[number];

export const DRILL_OUTCOMES = ['passed', 'failed'] as const;
export type DrillOutcome = (typeof DRILL_OUTCOMES)[number];

export type AccessCounts = { [kind in AccessKind]?: number };

/** The address from which someone acted. Events of earlier versions have no address. */
interface FromSource {
  source?: string;
}

/** Events about sign-ins, people, tokens, kiosks and keys. */
export const ACCESS_EVENTS = [
  'signed-in',
  'signed-out',
  'session-ended',
  'sign-ins-failed',
  'sign-in-locked',
  'badge-used',
  'person-set',
  'person-removed',
  'invited',
  'kiosk-set',
  'token-set',
  'token-revoked',
  'station-key-set',
  'printer-token-set',
  'hold-code-set',
  'hold-code-withdrawn',
  'signing-key-rotated',
] as const satisfies EventType[];
export type AccessEventType = (typeof ACCESS_EVENTS)[number];

/** The data of events that make a unit, or give a unit to a device. */
export interface UnitData {
  /** `product` is present only if the agent's body does not name the product. */
  product?: string;
  serial?: string;
  reservation?: string;
  imported?: true;
  /**
   * The imported unit has a number from a pool of its product. When the pool reaches this number, the service skips it.
   * Events of earlier versions lack this member: after such an event, the pool continues after the imported number.
   */
  inPool?: true;
  /** From this event on, these properties in the agent's body identify the unit. */
  identity?: string[];
  /** From this event on, this link address identifies the unit. The agent's body does not contain the address. */
  link?: string;
  /** The numbers that the service drew from the product's pools. From this event on, they identify the unit. */
  drawn?: { [property: string]: string };
  /** The reason why an existing unit was given to a device once more. */
  armed?: string;
  rma?: string;
}

/** The RMA number, if the event belongs to an open return. */
interface OfReturn {
  rma?: string;
}

export interface EndData {
  reason: string;
  note?: string;
}

interface CopiesData {
  printer: string;
  /** The role of the label. Absent for the label of the device. */
  role?: string;
  copies: number;
  /** The number of the first label. A unit's labels of one role are numbered from 1. */
  firstCopy: number;
}

/** The states that a `print-moved` event can report. The state `done` has its own event, `printed`. */
export type MovedState = Exclude<PrintState, 'done'>;

/** The state of the ledger on which a decision was based: the number of events, and the tree's root in hexadecimal. */
export interface Snapshot {
  size: number;
  root: string;
}

/**
 * Units that were unaccounted for when their work order was closed, and that were all signed off with the same reason.
 */
export interface SignedOff {
  reason: string;
  units: string[];
}

type Nothing = Record<string, never>;

/** For each event type, the members that an event must have in addition to `data`. */
export const SUBJECTS = {
  issued: ['uci'],
  reserved: ['uci'],
  identified: ['uci'],
  'source-changed': ['uci', 'station'],
  'link-contradicted': ['uci', 'station'],
  verified: ['uci', 'station'],
  reported: ['uci'],
  registered: ['uci'],
  'registration-failed': ['uci'],
  void: ['uci'],
  scrapped: ['uci'],
  returned: ['uci'],
  'return-closed': ['uci'],
  'sample-released': ['uci'],
  'reference-set': ['uci'],
  'reference-seen': ['uci', 'station'],
  armed: ['uci', 'station'],
  disarmed: ['uci', 'station'],
  'exception-closed': ['uci'],
  shipped: ['uci', 'station'],
  unshipped: ['uci'],
  'ship-stopped': ['uci', 'station'],
  tested: ['uci'],
  'print-queued': ['uci'],
  'print-moved': ['uci'],
  printed: ['uci'],
  'station-key-set': ['station'],
  'kiosk-set': ['station'],
  'badge-used': ['station'],
  'work-order-closing': ['workOrder'],
  'work-order-released': ['workOrder'],
  'work-order-closed': ['workOrder'],
  'work-order-reopened': ['workOrder'],
} as const satisfies { [T in EventType]?: readonly (keyof Subject)[] };

interface Subject {
  uci?: string;
  station?: string;
  workOrder?: string;
}

type Required<T> = T extends keyof typeof SUBJECTS ? (typeof SUBJECTS)[T][number] : never;
export type SubjectOf<T extends EventType> = Subject & { [Name in Required<T>]: string };
