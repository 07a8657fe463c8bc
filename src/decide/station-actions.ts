import { refusal } from '../platform/error.ts';
import { phrase, type Words } from '../platform/refusal-words.ts';
import type { Happening } from '../model/event.ts';
import { printingAt } from './print-jobs.ts';
import type { Decision, Seen } from './seen.ts';
import type { Station } from '../model/station.ts';
import { mask, parse } from '../model/claim-id.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import { defined } from '../platform/own.ts';

/*
 * Actions of an operator at a station: arm the station, choose what comes next, or scan a label to verify it. Each
 * action of an operator is one command. An action is decided like an agent's request: the rule reads the ledger, then
 * returns events or refuses with a reason.
 */

/** Arms the station, so that its next request gets this unit. `code` is the Claim ID or S/N that was scanned. */
export interface Arm {
  kind: 'arm';
  station: string;
  code: string;
  /**
   * The reason `label` is for a unit with a pre-printed label. The reason `rework` is for a unit that a device already
   * had.
   */
  reason: 'label' | 'rework';
  actor: string;
}

export interface StationCommand {
  kind: 'cancel' | 'next' | 'same-device';
  station: string;
  actor: string;
}

/**
 * Checks that a scanned label belongs to the unit in the nest. If `device` is given, checks that the label and the
 * device's own code belong to one unit.
 */
export interface Verify {
  kind: 'verify';
  station: string;
  label: string;
  device?: string;
  /** True if the screen of a station (kiosk) sent the scan. */
  kiosk?: true;
  actor: string;
}

export interface StationAnswer {
  station: string;
  uci?: string;
}

export type VerifyAnswer = { result: 'PASS'; uci: string } | { result: 'FAIL'; reason: string };

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
} as const;
export type Failure = keyof typeof FAILURES;

/**
 * True if the scanned label was compared with no unit. Without a comparison, the answer does not tell whether the
 * scanned code exists.
 */
export function comparedNothing(answer: VerifyAnswer): boolean {
  return answer.result === 'FAIL' && (answer.reason === FAILURES.noneOpen || answer.reason === FAILURES.severalOpen);
}

export function arm(seen: Seen, command: Arm): Decision<StationAnswer> {
  const station = knownStation(seen, command.station);
  const unit = unitByCode(seen, command.code);
  if (isEnded(unit)) {
    throw refusal('unit-ended', 'takeLabel', { unit: mask(unit.uci), state: endOf(unit) });
  }
  if (unit.facts.issued !== undefined && command.reason !== 'rework') {
    throw refusal('rework-needed', 'reason', { unit: mask(unit.uci) });
  }
  if (station.armed?.uci === unit.uci) return { events: [], answer: { station: station.name, uci: unit.uci } };
  refuseArmed(station);
  if (station.slot.state === 'open') {
    throw refusal('station-busy', 'open', { unit: mask(station.slot.uci), station: station.name });
  }
  refuseElsewhere(seen, unit);
  const event: Happening = {
    type: 'armed',
    uci: unit.uci,
    actor: command.actor,
    station: station.name,
    data: { reason: command.reason },
  };
  return { events: [event], answer: { station: station.name, uci: unit.uci } };
}

export function moveOn(seen: Seen, command: StationCommand): Decision<StationAnswer> {
  const station = knownStation(seen, command.station);
  if (command.kind === 'cancel') return cancel(station, command.actor);
  if (station.mode !== 'slot') {
    throw refusal('not-in-slot-mode', 'open', { station: station.name });
  }
  const { slot } = station;
  if (command.kind === 'next') {
    // If the station is ready, Next changes nothing. So an operator may press the button Next twice.
    if (slot.state === 'ready') return { events: [], answer: { station: station.name } };
    const left = stationEvent('next', station, slot.uci, command.actor);
    return { ...left, events: [...left.events, ...printingAt(seen, station, undefined)] };
  }
  if (slot.state === 'ready') {
    throw refusal('nothing-to-keep', 'noDevice', { station: station.name });
  }
  if (slot.state === 'open') return { events: [], answer: { station: station.name, uci: slot.uci } };
  refuseArmed(station);
  refuseGone(seen, station, slot.uci);
  return stationEvent('same-device', station, slot.uci, command.actor);
}

/** A failed scan is an event and a normal answer, not an error. */
export function verify(seen: Seen, command: Verify, now: number): Decision<VerifyAnswer> {
  const station = knownStation(seen, command.station);
  const expected = expectedUnit(seen, station, command, now);
  // There is no event, because no label was compared with a unit. The operator can scan the label again, together with
  // the device's own code.
  if (expected === 'noneOpen' || expected === 'severalOpen')
    return { events: [], answer: { result: 'FAIL', reason: FAILURES[expected] } };
  const fail = (failure: Failure): Decision<VerifyAnswer> => {
    const reason = FAILURES[failure];
    const event: Happening<'verify-failed'> = {
      type: 'verify-failed',
      actor: command.actor,
      station: station.name,
      data: { reason },
    };
    if (expected) event.uci = expected.uci;
    return { events: [event], answer: { result: 'FAIL', reason } };
  };
  const scanned = lookUp(seen, command.label);
  if (scanned === undefined) return fail('notOurs');
  if (expected === undefined) return fail('deviceNotOurs');
  if (scanned.uci !== expected.uci) return fail(differenceOf(scanned, expected));
  if (expected.facts.void !== undefined) return fail('void');
  if (expected.facts.scrapped !== undefined) return fail('scrapped');
  if (expected.facts.issued === undefined) return fail('noDevice');
  if (command.kiosk && expected.station !== station.name && !namesId(command, expected)) return fail('otherStation');
  const event: Happening = {
    type: 'verified',
    uci: expected.uci,
    actor: command.actor,
    station: station.name,
    data: {},
  };
  return { events: [event], answer: { result: 'PASS', uci: expected.uci } };
}

/**
 * True if a scanned code is the Claim ID of the unit. S/Ns are predictable. So two S/Ns do not prove that a kiosk has the
 * label and the device of another station.
 */
function namesId({ label, device = '' }: Verify, { uci }: Unit): boolean {
  return parse(label) === uci || parse(device) === uci;
}

/**
 * The longest time between issue and scan at an open station. If more time has passed, the operator must also scan the
 * device's own code.
 */
const OPEN_MS = 10 * 60 * 1000;

/**
 * The number of newest events that are searched for units issued at a station. The search of so many events takes the
 * writer about 5 ms.
 */
const OPEN_EVENTS = 10_000;

/** Finds the only open unit at a station without a slot. An open unit is recent, is not verified, and has not ended. */
function openUnit(seen: Seen, { name }: Station, now: number): Unit | 'noneOpen' | 'severalOpen' {
  const { issued, from } = seen.lastIssuedAt(name, OPEN_EVENTS);
  // The searched events do not cover the last OPEN_MS, so there may be more open units than the search found.
  if (from > now - OPEN_MS) return 'severalOpen';
  const recent = new Set(issued.filter(({ at }) => at > now - OPEN_MS).map(({ uci }) => uci));
  const open = [...recent]
    .map((uci) => defined(seen.unit(uci)))
    .filter((unit) => unit.facts.verified === undefined && !isEnded(unit));
  if (open.length > 1) return 'severalOpen';
  return open[0] ?? 'noneOpen';
}

/**
 * Returns why a label does not match this unit. If there are several reasons, returns the reason that helps the
 * operator most.
 */
function differenceOf(scanned: Unit, expected: Unit): Failure {
  if (scanned.facts.void !== undefined) return 'void';
  if (scanned.facts.scrapped !== undefined) return 'scrapped';
  if (scanned.product !== expected.product) return 'otherProduct';
  if (scanned.workOrder !== expected.workOrder) return 'otherWorkOrder';
  return scanned.facts.verified === undefined ? 'otherUnit' : 'alreadyVerified';
}

/**
 * Returns the unit that the scanned label must belong to. A label that belongs to another known unit is not enough for
 * PASS (promise 8).
 */
function expectedUnit(
  seen: Seen,
  station: Station,
  command: Verify,
  now: number,
): Unit | undefined | 'noneOpen' | 'severalOpen' {
  if (command.device !== undefined) return lookUp(seen, command.device);
  if (station.mode !== 'slot') return openUnit(seen, station, now);
  if (station.slot.state !== 'open') {
    throw refusal('slot-closed', 'powerOn', { station: station.name });
  }
  return seen.unit(station.slot.uci);
}

/** Disarms every station that is armed with this unit, because no device may get a unit that has ended. */
export function disarmEverywhere(seen: Seen, { uci }: Unit, actor: string, reason: 'void' | 'scrapped'): Happening[] {
  return seen
    .stations()
    .filter((station) => station.armed?.uci === uci)
    .map((station) => ({ type: 'disarmed', uci, actor, station: station.name, data: { reason } }));
}

function cancel(station: Station, actor: string): Decision<StationAnswer> {
  if (!station.armed) return { events: [], answer: { station: station.name } };
  return stationEvent('disarmed', station, station.armed.uci, actor);
}

function stationEvent(
  type: 'disarmed' | 'next' | 'same-device',
  station: Station,
  uci: string,
  actor: string,
): Decision<StationAnswer> {
  return { events: [{ type, uci, actor, station: station.name, data: {} }], answer: { station: station.name, uci } };
}

export function knownStation(seen: Seen, name: string): Station {
  const station = seen.station(name);
  if (!station) throw refusal('not-found', 'stationList', { station: name });
  return station;
}

/**
 * Finds the scanned unit by Claim ID. If no unit has this Claim ID, finds the unit by S/N. No S/N can be read as a
 * Claim ID (promise 9).
 */
function lookUp(seen: Seen, code: string): Unit | undefined {
  const uci = parse(code);
  const byId = uci === undefined ? undefined : seen.unit(uci);
  if (byId) return byId;
  const owners = seen.products().flatMap((product) => seen.unitBySerial(product.id, code.trim()) ?? []);
  if (owners.length > 1) {
    throw refusal('serial-ambiguous', 'scanId', { serial: code.trim(), count: owners.length });
  }
  return owners[0];
}

function unitByCode(seen: Seen, code: string): Unit {
  const unit = lookUp(seen, code);
  if (!unit) throw refusal('not-found', 'code');
  return unit;
}

function endOf({ facts }: Unit): Words {
  return phrase(facts.void ? 'void' : 'scrapped');
}

/**
 * Refuses the command if the station is armed. A nest holds one device, so an armed station must not also get an open
 * unit.
 */
function refuseArmed({ name, armed }: Station): void {
  if (!armed) return;
  throw refusal('station-armed', 'cancel', { station: name, unit: mask(armed.uci) });
}

/**
 * Refuses the command if the device is no longer at the station: its unit ended, or another station issued the unit.
 */
function refuseGone(seen: Seen, station: Station, uci: string): void {
  const unit = defined(seen.unit(uci));
  if (isEnded(unit)) {
    throw refusal('unit-ended', 'pressNext', { unit: mask(uci), state: endOf(unit) });
  }
  refuseElsewhere(seen, unit);
  if (unit.station !== station.name) {
    throw refusal('armed-elsewhere', 'meanwhile', { unit: mask(uci), station: unit.station ?? '?' });
  }
}

function refuseElsewhere(seen: Seen, unit: Unit): void {
  for (const station of seen.stations()) {
    const here = station.armed?.uci === unit.uci || (station.slot.state === 'open' && station.slot.uci === unit.uci);
    if (here) throw refusal('armed-elsewhere', 'already', { unit: mask(unit.uci), station: station.name });
  }
}

/**
 * Refuses a device that names a unit while another station is armed with this unit. The next device at the armed
 * station gets this unit, so no other device may get it. The other station stays armed, because a device proves
 * nothing: an operator decides.
 */
export function refuseArmedElsewhere(seen: Seen, here: Station, { uci }: Unit): void {
  const other = seen.stations().find(({ name, armed }) => armed?.uci === uci && name !== here.name);
  if (other) throw refusal('armed-elsewhere', 'bringThere', { unit: mask(uci), station: other.name });
}
