import { refusal } from '../../platform/error.ts';
import { defined } from '../../platform/own.ts';
import type { Happening } from '../../model/event.ts';
import { hasSeveral, missingLabels } from './several-labels.ts';
import { textsIn } from '../../model/scan/clean.ts';
import type { Told } from '../../model/scan/read.ts';
import { ofReturn } from '../../model/returns/lives.ts';
import { notPassed, untested } from '../../model/shipping/test-result.ts';
import type { Station } from '../../model/station.ts';
import { isEnded, type Unit } from '../../model/unit.ts';
import { scansOf, type CodeIdentity, type Scan } from './codes.ts';
import type { Decision, Seen } from '../seen.ts';
import { decideGate, type GateAnswer } from '../shipping/gate.ts';
import { knownStation } from '../station-actions.ts';

/**
 * Checks that a scanned label belongs to the unit in the nest. If `device` is given, checks that the label and the
 * device's own code belong to the same unit. The two codes may be scanned in either order.
 */
export interface Verify {
  kind: 'verify';
  station: string;
  label: string;
  device?: string;
  /** The codes of further labels, if the product needs several for a PASS. */
  more?: string[];
  identity?: CodeIdentity;
  /** True if a kiosk (the screen of a station) sent the scan. */
  kiosk?: true;
  actor: string;
}

export type VerifyAnswer =
  | { result: 'PASS'; uci: string; serial?: string }
  /**
   * The unit of the label has already passed at this station. The answer `ALREADY` says nothing about the device that
   * is in the nest now.
   */
  | { result: 'ALREADY'; reason: string }
  /** `missing` has the roles of the labels that must also be scanned. */
  | { result: 'FAIL'; reason: string; missing?: string[] }
  | GateAnswer;

/** The reasons why a scan fails. The ledger and the API use these English texts, and screens translate them. */
export const FAILURES = {
  notOurs: 'not one of ours',
  deviceNotOurs: "the device's own code is not one of ours",
  void: 'void',
  scrapped: 'scrapped',
  otherProduct: 'other product',
  otherWorkOrder: 'other work order',
  alreadyVerified: 'already verified',
  otherUnit: 'label belongs to another unit',
  noDevice: 'no device has this Claim ID yet',
  otherStation: "device of another station: scan the label's Claim ID",
  noneOpen: "no unit is open here: scan the device's own code too",
  severalOpen: "two units open here: scan the device's own code too",
  labelAgain: "that is the label again: scan the device's own code",
  deviceOnly: "that is the device's own code: scan its label too",
  labelsMissing: 'this unit needs several labels: scan the others too',
  twoLabels: 'labels of two units: scan one label and the code of its device',
  noDeviceCode:
    "the label alone proves nothing here, and the product has no device code: set the product's device code, or use slot mode with a station for each nest",
  testsNotPassed: 'tests not passed',
  notDeviceCode: "that is not the product's device code: scan the code that the product's settings name",
  unclear: 'only a part of a code, or two codes mixed: scan again',
  qwertz:
    'the scanner and the computer have different keyboard layouts (y and z are swapped): set the scanner to the layout of the computer',
  azerty:
    'the scanner and the computer have different keyboard layouts (a and q are swapped): set the scanner to the layout of the computer',
  layout: 'the scanner and the computer have different keyboard layouts: set the scanner to the layout of the computer',
  ambiguous: 'several units have this code if the case of its letters is ignored: scan the Claim ID',
  tooLong: 'longer than any code of a unit: scan the label',
} as const;
export type Failure = keyof typeof FAILURES;

const TOLD_FAILURES = {
  again: 'unclear',
  'layout-qwertz': 'qwertz',
  'layout-azerty': 'azerty',
  'layout-other': 'layout',
  ambiguous: 'ambiguous',
  'too-long': 'tooLong',
} as const satisfies Record<Exclude<Told, 'not-ours'>, Failure>;

/**
 * A FAIL with one of these reasons means only that nothing was compared. The operator can continue by scanning the
 * other code.
 */
export const WAITING = [
  'noneOpen',
  'severalOpen',
  'labelAgain',
  'deviceOnly',
  'labelsMissing',
] as const satisfies Failure[];
const NOTHING: Failure[] = [...WAITING, 'twoLabels', 'noDeviceCode'];
const COMPARED_NOTHING: string[] = NOTHING.map((one) => FAILURES[one]);

/**
 * True if the scan was not compared with the unit of one device: for example, several units are open, or two labels
 * were scanned. In that case, the answer does not reveal whether another code exists.
 */
export function comparedNothing(answer: VerifyAnswer): boolean {
  return answer.result === 'FAIL' && COMPARED_NOTHING.includes(answer.reason);
}

export const ALREADY = 'this unit passed already';
export const PREVIOUS = "that was the previous device's label: scan the label of the device in the nest";

/**
 * How long (in ms) after a PASS another scan of the same label counts as a repeated scan. This applies even if the next
 * device's unit is already open in the slot. Operators put the next device into the nest, and within seconds return to
 * the previous device.
 *
 * For such a scan, the answer `ALREADY` is safer than a FAIL. This answer is never a PASS, so the open unit still needs
 * a scan of its own label. A FAIL would blame a unit that has no fault. Operators who often see a wrong FAIL
 * no longer believe a correct FAIL. If the label really is on the wrong device, the answer names this mistake. After
 * that, a scan of the previous label is a FAIL. Scans of any other unit's label are always a FAIL.
 */
export const PREVIOUS_MS = 10_000;

/** If a scanner's trigger is held down, the scanner rereads the label within this time (ms). */
export const DOUBLE_MS = 2000;

/** A failed scan is recorded as an event and gets a normal answer, because a failed scan is not an error. */
export function verify(seen: Seen, command: Verify, now: number): Decision<VerifyAnswer> {
  const station = knownStation(seen, command.station);
  if (station.mode === 'gate') return atGate(seen, station, command, now);
  const codes = codesOf(seen, station, command);
  const [first, ...others] = [...codes.labels, ...codes.devices];
  if (first?.unit !== undefined && others.length === 0) {
    const passed = passedBefore(seen, station, first.unit, now);
    // A device's code begins a new pair of codes, unless the scanner read it twice.
    const isTwice = codes.devices.length === 0 || passed?.result === 'PASS';
    if (passed !== undefined && isTwice) return { events: [], answer: passed };
  }
  const failure = codes.unclear ?? (codes.devices.length > 0 ? pairFailure(seen, codes) : labelsFailure(seen, codes));
  if (failure !== undefined) return unrecorded(failure);
  const expected = expectedUnit(seen, station, codes, now);
  // No event is recorded, because no label was compared with a unit.
  if (typeof expected === 'string') return unrecorded(expected);
  return compared(seen, station, command, codes, expected);
}

/** At a gate, there is no device, so one scan of the label is enough. */
function atGate(
  seen: Seen,
  station: Station,
  { label, device, identity, actor }: Verify,
  now: number,
): Decision<GateAnswer> {
  if (device !== undefined) throw refusal('gate-station', 'oneScan', { station: station.name });
  const scans = scansOf(seen, label, station, identity).filter(({ meaning }) => !('nothing' in meaning));
  if (scans.length === 0) throw refusal('invalid', 'noCode');
  const ended = scans.every(({ unit }) => unit === undefined) ? voidUnit(seen, station, label) : undefined;
  if (ended !== undefined)
    return decideGate(seen, [{ meaning: { serial: ended.serial ?? '' }, unit: ended }], { station, actor, now });
  return decideGate(seen, scans, { station, actor, now });
}

/**
 * At a gate, the S/N of a void unit finds this unit, so that the answer can say why to stop. Elsewhere, the S/N does
 * not find the void unit, because another unit may get this S/N.
 */
function voidUnit(seen: Seen, { scanPrefix }: Station, label: string): Unit | undefined {
  const texts = textsIn(label, scanPrefix);
  return texts.length === 1
    ? texts.flatMap((text) => seen.voidBySerial(text) ?? seen.voidBySerial(text.toUpperCase()) ?? [])[0]
    : undefined;
}

function unrecorded(failure: Failure): Decision<VerifyAnswer> {
  return { events: [], answer: { result: 'FAIL', reason: FAILURES[failure] } };
}

/** Compares the scanned label with the unit that the label must belong to. */
function compared(
  seen: Seen,
  station: Station,
  command: Verify,
  { labels, scans, isNamed }: Codes,
  expected: Unit,
): Decision<VerifyAnswer> {
  const at = { uci: expected.uci, actor: command.actor, station: station.name };
  const fail = (failure: Failure): Decision<VerifyAnswer> => {
    const reason = FAILURES[failure];
    const data = { reason, ...ofReturn(expected) };
    const event: Happening<'verify-failed'> = { type: 'verify-failed', ...at, data };
    return { events: [event], answer: { result: 'FAIL', reason } };
  };
  // The label that was scanned last comes first. If the labels of a unit disagree, any of them may be the wrong one.
  const wrong = labels.find(({ unit }) => unit?.uci !== expected.uci);
  if (wrong !== undefined) return fail(wrong.unit === undefined ? 'notOurs' : differenceOf(wrong.unit, expected));
  if (expected.facts.void !== undefined) return fail('void');
  if (expected.facts.scrapped !== undefined) return fail('scrapped');
  if (expected.facts.issued === undefined) return fail('noDevice');
  if (station.tests === 'required' && isUntested(seen, expected)) return fail('testsNotPassed');
  // S/Ns are predictable. So the S/N of another station's device does not prove that its label was scanned at this
  // kiosk.
  if (command.kiosk && expected.station !== station.name && !isNamed) return fail('otherStation');
  const missing = missingLabels(seen, expected, scans);
  if (missing.length > 0) return { events: [], answer: { result: 'FAIL', reason: FAILURES.labelsMissing, missing } };
  const { uci, serial } = expected;
  return {
    events: [{ type: 'verified', ...at, data: ofReturn(expected) }],
    answer: { result: 'PASS', uci, ...(serial === undefined ? {} : { serial }) },
  };
}

/** True if the unit has a result that is not `passed`, or lacks one that its product asks for. */
function isUntested(seen: Seen, { product, extra }: Unit): boolean {
  return notPassed(extra?.tests).length > 0 || untested(seen.product(product)?.tests, extra?.tests).length > 0;
}

/* The scanned codes */

interface Codes {
  /** The codes of labels. Two codes on the same label count as one. */
  labels: Scan[];
  /** All codes of labels. */
  scans: Scan[];
  /** The codes that are only on devices. */
  devices: Scan[];
  /** True if the screen asked for the device's code, but the operator scanned another label or the same label again. */
  isLabelAgain: boolean;
  /** True if one of the codes is the Claim ID itself. */
  isNamed: boolean;
  unclear?: Failure;
}

function codesOf(seen: Seen, station: Station, { label, device, more = [], identity }: Verify): Codes {
  const sent = [label, ...(device === undefined ? [] : [device]), ...more];
  const scans = sent
    .flatMap((text) => scansOf(seen, text, station, identity))
    .filter(({ meaning }) => !('nothing' in meaning));
  if (scans.length === 0) throw refusal('invalid', 'noCode');
  const told = scans.flatMap(({ meaning }) =>
    'told' in meaning && meaning.told !== 'not-ours' ? meaning.told : [],
  )[0];
  const [devices, labels] = [
    scans.filter((one) => isDeviceCode(seen, one)),
    scans.filter((one) => !isDeviceCode(seen, one)),
  ];
  const distinct = labels.filter((one, at) => labels.findIndex((other) => nameOf(other) === nameOf(one)) === at);
  return {
    labels: distinct,
    scans: labels,
    devices,
    isLabelAgain: new Set(labels.map(markedName)).size < labels.length,
    isNamed: scans.some(({ meaning }) => 'claimId' in meaning),
    ...(told === undefined ? {} : { unclear: TOLD_FAILURES[told] }),
  };
}

/** Two codes of one unit, such as the QR code and the bar code of a label, get the same name. */
function nameOf({ unit, meaning }: Scan): string {
  return unit?.uci ?? JSON.stringify(meaning);
}

/** Like `nameOf`, but two labels of one unit with different roles have different names. */
function markedName(scan: Scan): string {
  const { meaning } = scan;
  return `${nameOf(scan)} ${'role' in meaning ? meaning.role : ''}`;
}

function propertyOf({ meaning }: Scan): string | undefined {
  if ('identity' in meaning) return meaning.identity.property;
  return 'serial' in meaning ? 'serial' : undefined;
}

/**
 * An S/N is a code of the label, unless the product's settings say that only devices have it. A code with a role is
 * always on a label.
 */
function isDeviceCode(seen: Seen, scan: Scan): boolean {
  const { meaning } = scan;
  if ('role' in meaning && meaning.role !== undefined) return false;
  return 'identity' in meaning || isNamedCode(seen, scan);
}

/** True if the product of the unit names this code as the device's own code. */
function isNamedCode(seen: Seen, scan: Scan): boolean {
  const { deviceCode } = (scan.unit && seen.product(scan.unit.product)) ?? {};
  return deviceCode !== undefined && propertyOf(scan) === deviceCode;
}

/** If a device's code was scanned, returns why the code cannot be used. */
function pairFailure(seen: Seen, { labels, devices }: Codes): Failure | undefined {
  const [device, ...others] = devices;
  if (device === undefined) return undefined;
  if (!isNamedCode(seen, device)) return 'notDeviceCode';
  return labels.length === 0 || others.some((one) => nameOf(one) !== nameOf(device)) ? 'deviceOnly' : undefined;
}

/**
 * If neither of two scanned codes is a device's code, returns why the codes cannot be used. If the product needs
 * several labels, all of them are compared with the unit.
 */
function labelsFailure(seen: Seen, { labels }: Codes): Failure | undefined {
  const [label, other] = labels;
  if (other === undefined) return undefined;
  if (labels.some(({ unit }) => unit !== undefined && hasSeveral(seen, unit))) return undefined;
  if (label?.unit === undefined) return 'notOurs';
  return other.unit === undefined ? 'deviceNotOurs' : 'twoLabels';
}

/**
 * Returns the answer for a label of a unit that has already passed here. If the scanner reads a label twice, the second
 * reading must not cause a FAIL for the label's unit or for the next device. Later, if the slot holds another unit, the
 * label is compared with that unit.
 */
function passedBefore(seen: Seen, station: Station, unit: Unit, now: number): VerifyAnswer | undefined {
  const { verified } = unit.facts;
  if (verified === undefined || isEnded(unit)) return undefined;
  // A PASS closes the slot. So if the slot is open again after "Same device", this scan does not repeat the earlier
  // one.
  if (station.slot.state === 'open' && station.slot.uci === unit.uci) return undefined;
  const last = seen.lastOf(unit);
  const isPassed = last.type === 'verified' && last.station === station.name;
  if (unit.station !== station.name && !isPassed) return undefined;
  if (now - verified <= DOUBLE_MS) {
    const { uci, serial } = unit;
    return { result: 'PASS', uci, ...(serial === undefined ? {} : { serial }) };
  }
  const { slot } = station;
  if (station.mode !== 'slot' || slot.state !== 'open') return { result: 'ALREADY', reason: ALREADY };
  const isPrevious = isPassed && slot.uci !== unit.uci && now - verified <= PREVIOUS_MS;
  return isPrevious ? { result: 'ALREADY', reason: PREVIOUS } : undefined;
}

/* The unit in the nest */

/**
 * The longest time between issue and scan at an open station. After a longer time, the operator must also scan the
 * device's own code.
 */
export const OPEN_MS = 10 * 60 * 1000;

/**
 * How many of the newest events are searched for units that were issued at a station. A search of this size takes the
 * writer about 5 ms.
 */
const OPEN_EVENTS = 10_000;

/**
 * For a station that has no slot, finds the open units. A unit is open if it was issued recently, is not verified, and
 * has not ended. Returns undefined if the searched events do not go back as far as OPEN_MS. There may then be more open
 * units.
 */
function openUnits(seen: Seen, { name }: Station, now: number): Unit[] | undefined {
  const { issued, from } = seen.lastIssuedAt(name, OPEN_EVENTS);
  if (from > now - OPEN_MS) return undefined;
  const recent = new Set(issued.filter(({ at }) => at > now - OPEN_MS).map(({ uci }) => uci));
  return [...recent]
    .map((uci) => defined(seen.unit(uci)))
    .filter((unit) => unit.facts.verified === undefined && !isEnded(unit));
}

/**
 * Returns why the label does not match this unit. If there are several reasons, returns the one that helps the operator
 * most.
 */
function differenceOf(scanned: Unit, expected: Unit): Failure {
  if (scanned.facts.void !== undefined) return 'void';
  if (scanned.facts.scrapped !== undefined) return 'scrapped';
  if (scanned.product !== expected.product) return 'otherProduct';
  if (scanned.workOrder !== expected.workOrder) return 'otherWorkOrder';
  return scanned.facts.verified === undefined ? 'otherUnit' : 'alreadyVerified';
}

/**
 * Returns the unit that the scanned label must belong to. For a PASS, it is not enough that the label belongs to some
 * known unit (promise 8).
 */
function expectedUnit(
  seen: Seen,
  station: Station,
  { devices: [device], isLabelAgain }: Codes,
  now: number,
): Unit | Failure {
  if (station.mode === 'slot' && station.slot.state === 'open') return defined(seen.unit(station.slot.uci));
  if (device?.unit !== undefined) return device.unit;
  if (station.mode === 'slot') throw refusal('slot-closed', 'powerOn', { station: station.name });
  const open = openUnits(seen, station, now);
  const [unit, ...others] = open ?? [];
  if (unit !== undefined && others.length === 0) return unit;
  const products =
    unit === undefined ? seen.products() : (open ?? []).flatMap(({ product }) => seen.product(product) ?? []);
  if (products.every(({ deviceCode }) => deviceCode === undefined)) return 'noDeviceCode';
  if (isLabelAgain) return 'labelAgain';
  return open !== undefined && unit === undefined ? 'noneOpen' : 'severalOpen';
}
