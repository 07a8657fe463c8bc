import { isCommitted, type Committed } from './access.ts';
import {
  DRILL_OUTCOMES,
  DRILLS,
  SUBJECTS,
  WEBHOOK_CHANGES,
  type EventData,
  type EventType,
  type MovedState,
  type SignedOff,
} from './event-data.ts';
import { EXCEPTIONS } from './exceptions/kinds.ts';
import { isObject, parseLine, type Event, type EventLine } from './event.ts';
import type { Figures } from './figures.ts';
import type { Hashes, RenderSet } from './labels/render-set.ts';
import { STOPS, type StopCode } from './shipping/stop.ts';
import { TEST_OUTCOMES, type TestOutcome } from './shipping/test-result.ts';
import {
  DISPOSITIONS,
  OUTCOMES,
  RETURN_ENDS,
  type Disposition,
  type Outcome,
  type ReturnEnd,
  type Withdrawn,
} from './unit.ts';
import type { Product } from './product.ts';
import type { WorkOrderDefinition } from './work-order.ts';
import { isKey, keysOf } from '../platform/own.ts';

/*
 * A line from a store or a file may contain anything, so lines are checked before use. The rules check every event
 * member on which the service's decisions depend. Members that are only displayed are not checked. In a settings
 * object, only the name is checked.
 */

/** Reads an event from a stored line. Throws if the line is not an event, or if it does not fit the event's type. */
export function readEvent(line: string): Event {
  return checkEvent(parseLine(line));
}

export function checkEvent(line: EventLine): Event {
  const rule = RULES.get(line.type);
  if (rule === undefined) throw new Error(`event ${line.seq} has an unknown type`);
  for (const name of rule.subjects) if (line[name] === undefined) throw new Error(`event ${line.seq} has no ${name}`);
  for (const [name, fits] of rule.members)
    if (!fits(line.data[name])) throw new Error(`event ${line.seq}: its ${name} is not valid for ${line.type} events`);
  return line as Event;
}

type Guard<T> = (value: unknown) => value is T;
type Guards<Data> = { [Name in keyof Data]?: Guard<Data[Name]> };

const isText: Guard<string> = (value) => typeof value === 'string';
const isCount: Guard<number> = (value): value is number => Number.isSafeInteger(value);
const isOneOf =
  <T extends string>(list: readonly T[]): Guard<T> =>
  (value): value is T =>
    list.some((one) => one === value);
const isTexts: Guard<string[]> = (value) => Array.isArray(value) && value.every(isText);
const isTextMap: Guard<{ [name: string]: string }> = (value): value is { [name: string]: string } =>
  isObject(value) && Object.values(value).every(isText);
const isBoolean: Guard<boolean> = (value) => typeof value === 'boolean';
const isTrue: Guard<true> = (value) => value === true;
const isOutcome: Guard<Outcome> = (value): value is Outcome => OUTCOMES.some((outcome) => outcome === value);
const isDisposition: Guard<Disposition> = (value): value is Disposition => DISPOSITIONS.some((one) => one === value);
const isReturnEnd: Guard<ReturnEnd> = (value): value is ReturnEnd => RETURN_ENDS.some((how) => how === value);
const isWithdrawn: Guard<(keyof Withdrawn)[]> = (value): value is (keyof Withdrawn)[] => isTexts(value);
const isTestOutcome: Guard<TestOutcome> = (value): value is TestOutcome =>
  TEST_OUTCOMES.some((outcome) => outcome === value);
const isStopCode: Guard<StopCode> = (value): value is StopCode => isText(value) && isKey(STOPS, value);
const MOVED: readonly MovedState[] = ['queued', 'sending', 'sent', 'failed', 'unknown', 'cancelled'];
const isMovedState: Guard<MovedState> = (value): value is MovedState => MOVED.some((state) => state === value);
const isSignedOff: Guard<SignedOff[]> = (value): value is SignedOff[] =>
  Array.isArray(value) && value.every((one) => isObject(one) && isText(one['reason']) && isTexts(one['units']));
const isFigures: Guard<Figures> = (value): value is Figures =>
  isObject(value) && isObject(value['parts']) && isObject(value['facts']) && isObject(value['labels']);
const isOrder: Guard<WorkOrderDefinition> = (value): value is WorkOrderDefinition =>
  isObject(value) && isText(value['id']) && isText(value['product']);
type ReleaseRule = Pick<Product, 'claiming' | 'release' | 'tests'>;
const isRule: Guard<ReleaseRule> = (value): value is ReleaseRule =>
  isObject(value) && optional(isText)(value['claiming']) && optional(isTexts)(value['tests']);
function optional<T>(fits: Guard<T>): Guard<T | undefined> {
  return (value): value is T | undefined => value === undefined || fits(value);
}

const isCommitments: Guard<Committed[]> = (value): value is Committed[] =>
  Array.isArray(value) && value.every(isCommitted);

const unit: Guards<EventData['issued']> = {
  product: optional(isText),
  serial: optional(isText),
  reservation: optional(isText),
  imported: optional(isTrue),
  inPool: optional(isTrue),
  identity: optional(isTexts),
  link: optional(isText),
  drawn: optional(isTextMap),
  armed: optional(isText),
  rma: optional(isText),
};
const end: Guards<EventData['void']> = { reason: isText, note: optional(isText) };
const copies = { printer: isText, role: optional(isText), copies: isCount, firstCopy: isCount };

const isHashes: Guard<Hashes> = (value): value is Hashes => isObject(value) && Object.values(value).every(isText);
const SET: Guards<RenderSet> = {
  role: isText,
  template: (value): value is RenderSet['template'] =>
    isObject(value) && isText(value['name']) && isText(value['hash']) && optional(isCount)(value['revision']),
  product: (value): value is RenderSet['product'] => isObject(value) && isText(value['id']) && isText(value['hash']),
  order: optional(isText),
  fonts: isHashes,
  files: isHashes,
  renderer: isCount,
  dpi: isCount,
  stationName: optional(isTrue),
};

const GUARDS: { [T in EventType]: Guards<EventData[T]> } = {
  issued: unit,
  reserved: unit,
  identified: { serial: optional(isText), identity: optional(isTexts), link: optional(isText) },
  'link-contradicted': { alarm: isText },
  'source-changed': { alarm: optional(isText) },
  verified: {},
  'verify-failed': {},
  reported: { alarm: optional(isText) },
  registered: { outcome: isOutcome },
  'registration-failed': { outcome: isOutcome },
  void: end,
  scrapped: end,
  returned: { rma: isText, reason: isText, disposition: isDisposition },
  'return-closed': { rma: isText, how: isReturnEnd },
  armed: { reason: isText, withdrew: optional(isWithdrawn) },
  'sample-released': { reason: isText },
  'reference-set': { reference: isBoolean, note: optional(isText) },
  'reference-seen': {},
  disarmed: {},
  'exception-closed': { kind: isOneOf(EXCEPTIONS), note: isText },
  next: {},
  'same-device': {},
  shipped: { list: isText },
  unshipped: { list: isText },
  'ship-stopped': { reason: isStopCode },
  tested: { procedure: isText, outcome: isTestOutcome },
  'print-queued': { ...copies, reprint: optional(isText) },
  'print-moved': {
    ...copies,
    job: isCount,
    state: isMovedState,
    reason: optional(isText),
    set: optional(isCount),
    nextColumn: optional(isCount),
  },
  printed: { ...copies, job: isCount, reason: optional(isText) },
  'printer-set': { name: isText },
  'product-set': { id: isText, claimIdLength: isCount },
  'product-removed': { id: isText },
  'station-removed': { name: isText },
  'printer-removed': { name: isText },
  'work-order-removed': { id: isText, product: optional(isText) },
  'station-set': { name: isText },
  'station-key-set': {},
  'printer-token-set': { printer: isText },
  'work-order-set': { id: isText, product: isText, lot: optional(isText) },
  'work-order-closing': { process: isText },
  'work-order-released': {},
  'work-order-closed': {
    figures: isFigures,
    signedOff: isSignedOff,
    order: optional(isOrder),
    productName: optional(isText),
    rule: optional(isRule),
  },
  'work-order-reopened': {},
  'template-saved': { name: isText, revision: isCount, hash: isText, note: optional(isText), source: isText },
  'template-approved': { name: isText, revision: isCount, hash: isText },
  'template-approval-asked': { name: isText, revision: isCount },
  'template-approval-revoked': { name: isText, revision: isCount, reason: isText },
  'render-set': { number: isCount, ...SET, sample: optional(isText) },
  'template-removed': { name: isText, revision: isCount },
  'logo-saved': { name: isText, revision: isCount, hash: isText, width: isCount, height: isCount, png: isText },
  'logo-removed': { name: isText, revision: isCount },
  'shipping-list-set': { id: isText, target: isCount },
  'shipping-list-closed': { id: isText },
  'token-set': {},
  'token-revoked': {},
  'person-set': {},
  'person-removed': {},
  invited: {},
  'kiosk-set': {},
  'access-committed': { made: isCommitments, ended: isCommitments },
  'access-covered': { made: isCommitments },
  'access-restored': {},
  'signed-in': {},
  'signed-out': {},
  'session-ended': {},
  'sign-ins-failed': {},
  'sign-in-locked': {},
  'badge-used': {},
  'bulk-read': {},
  'ledger-accepted': {},
  'clock-accepted': {},
  'serials-skipped': { product: isText, prefix: isText, count: isCount },
  'import-begun': { units: isCount, parts: isTexts },
  'signing-key-rotated': {},
  'hold-code-set': {},
  'hold-code-withdrawn': {},
  'drill-held': { drill: isOneOf(DRILLS), outcome: isOneOf(DRILL_OUTCOMES), seconds: isCount },
  'webhook-set': { name: isText, change: isOneOf(WEBHOOK_CHANGES) },
};

/** All event types. */
export const EVENT_TYPES = keysOf(GUARDS);

interface Rule {
  subjects: readonly ('uci' | 'station' | 'workOrder')[];
  members: [string, (value: unknown) => boolean][];
}

/**
 * The rules for each type, as lists, because lists are fast to check. The speed matters, because a verification checks
 * a million lines.
 */
const RULES = new Map<string, Rule>(
  Object.entries(GUARDS).map(([type, guards]) => [
    type,
    { subjects: isKey(SUBJECTS, type) ? SUBJECTS[type] : [], members: Object.entries(guards) },
  ]),
);
