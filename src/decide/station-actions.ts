import { refusal } from '../platform/error.ts';
import { phrase, type Words } from '../platform/refusal-words.ts';
import { isOfSource } from '../model/advance.ts';
import type { Happening } from '../model/event.ts';
import { ofReturn, openReturn } from '../model/returns/lives.ts';
import { printingAt } from './print-jobs.ts';
import { notRead, scansOf, type CodeIdentity } from './scans/codes.ts';
import type { Decision, Seen } from './seen.ts';
import type { Station } from '../model/station.ts';
import { mask } from '../model/claim-id.ts';
import { isEnded, type Unit, type Withdrawn } from '../model/unit.ts';
import { defined } from '../platform/own.ts';
import { currentOrder } from './orders/order-required.ts';

/*
 * What an operator does at a station: arming the station, and choosing the next step. The rules for a scanned label are
 * in verify.ts. Each of these actions is one command. An action is decided like an agent's request: a rule reads the
 * ledger, and then returns events or refuses with a reason.
 */

/** Arms the station, so that the next device that asks there gets this unit. `code` is the scanned Claim ID or S/N. */
export interface Arm {
  kind: 'arm';
  station: string;
  code: string;
  identity?: CodeIdentity;
  /**
   * The reason is `label` for a unit with a pre-printed label and for a reference device. The reason is `rework` for a
   * unit that a device already had.
   */
  reason: 'label' | 'rework';
  actor: string;
}

export interface StationCommand {
  kind: 'cancel' | 'next' | 'same-device';
  station: string;
  actor: string;
}

export interface StationAnswer {
  station: string;
  uci?: string;
}

export function arm(seen: Seen, command: Arm): Decision<StationAnswer> {
  const station = knownStation(seen, command.station);
  if (station.mode === 'gate') throw refusal('gate-station', 'noDevices', { station: station.name });
  const unit = unitByCode(seen, station, command);
  if (isEnded(unit)) {
    throw refusal('unit-ended', 'takeLabel', { unit: mask(unit.uci), state: endOf(unit) });
  }
  const isReference = unit.extra?.reference !== undefined;
  const reason = isReference && command.reason === 'label' ? 'reference' : command.reason;
  if (unit.facts.issued !== undefined && reason === 'label') {
    throw refusal('rework-needed', 'reason', { unit: mask(unit.uci) });
  }
  // A reference device only checks the line, so arming for it does not change the figures.
  if (reason !== 'reference') refuseUnreturned(seen, unit);
  if (station.armed?.uci === unit.uci) return { events: [], answer: { station: station.name, uci: unit.uci } };
  refuseArmed(station);
  if (station.slot.state === 'open') {
    throw refusal('station-busy', 'open', { unit: mask(station.slot.uci), station: station.name });
  }
  refuseElsewhere(seen, unit);
  refuseArmedWithoutOrder(seen, station, unit);
  const event: Happening = {
    type: 'armed',
    uci: unit.uci,
    actor: command.actor,
    station: station.name,
    // Only arming with the reason `rework` withdraws a PASS. A reference device keeps its PASS, because it only checks
    // the line.
    data: { reason, ...withdrawnFrom(unit, reason), ...ofReturn(unit) },
  };
  return { events: [event], answer: { station: station.name, uci: unit.uci } };
}

/**
 * Returns the facts that arming withdraws from the unit. The withdrawn facts become valid again if the operator cancels
 * the arming (model/advance.ts).
 */
function withdrawnFrom(
  { facts, alarm }: Unit,
  reason: Arm['reason'] | 'reference',
): { withdrew?: (keyof Withdrawn)[] } {
  const withdrew: (keyof Withdrawn)[] = [];
  if (reason === 'rework' && facts.verified !== undefined) withdrew.push('verified');
  if (isOfSource(alarm)) withdrew.push('alarm');
  return withdrew.length === 0 ? {} : { withdrew };
}

/** An armed station cannot be changed over. So a missing work order is reported before the station is armed. */
function refuseArmedWithoutOrder(seen: Seen, station: Station, unit: Unit): void {
  const product = seen.product(unit.product);
  if (product !== undefined && unit.facts.issued === undefined) currentOrder(seen, station, product);
}

export function moveOn(seen: Seen, command: StationCommand): Decision<StationAnswer> {
  const station = knownStation(seen, command.station);
  if (command.kind === 'cancel') return cancel(station, command.actor);
  if (station.mode === 'gate') throw refusal('gate-station', 'noDevices', { station: station.name });
  if (station.mode !== 'slot') {
    throw refusal('not-in-slot-mode', 'open', { station: station.name });
  }
  const { slot } = station;
  if (command.kind === 'next') {
    // If the station is already ready, "Next" changes nothing. So pressing "Next" twice does no harm.
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

/** Disarms every station that is armed with this unit. No device may get a unit that has ended or was returned. */
export function disarmEverywhere(
  seen: Seen,
  { uci }: Unit,
  actor: string,
  reason: 'void' | 'scrapped' | 'returned',
): Happening[] {
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

function unitByCode(seen: Seen, station: Station, { code, identity }: Arm): Unit {
  const [scan, ...others] = scansOf(seen, code, station, identity);
  if (scan === undefined || 'nothing' in scan.meaning) throw refusal('invalid', 'noCode');
  if (scan.unit === undefined || others.some(({ unit }) => unit?.uci !== scan.unit?.uci)) throw notRead(scan);
  return scan.unit;
}

function endOf({ facts }: Unit): Words {
  return phrase(facts.void ? 'void' : 'scrapped');
}

/**
 * Refuses the command if the station is armed. A nest holds only one device, so an armed station must not also have an
 * open unit.
 */
function refuseArmed({ name, armed }: Station): void {
  if (!armed) return;
  throw refusal('station-armed', 'cancel', { station: name, unit: mask(armed.uci) });
}

/**
 * Refuses the command if the device is no longer at the station. This is the case if the device's unit has ended, or if
 * another station has issued the unit since then.
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

/**
 * Refuses to arm a station with a unit whose work order is closed, unless the unit was returned. Someone has already
 * signed for the units of a closed work order. If the unit was returned, its rework belongs to the RMA.
 */
function refuseUnreturned(seen: Seen, unit: Unit): void {
  const order = unit.workOrder === undefined ? undefined : seen.workOrder(unit.workOrder);
  if (order?.closed === undefined || unit.facts.issued === undefined || openReturn(unit) !== undefined) return;
  throw refusal('return-first', 'closedOrder', { unit: mask(unit.uci), workOrder: order.id });
}

function refuseElsewhere(seen: Seen, unit: Unit): void {
  for (const station of seen.stations()) {
    const here = station.armed?.uci === unit.uci || (station.slot.state === 'open' && station.slot.uci === unit.uci);
    if (here) throw refusal('armed-elsewhere', 'already', { unit: mask(unit.uci), station: station.name });
  }
}

/**
 * Refuses a device that sends the identity of a unit if another station is armed with that unit. The next device at
 * that station gets the unit, so no other device may get it. The armed station stays armed: a request proves nothing,
 * so an operator must decide.
 */
export function refuseArmedElsewhere(seen: Seen, here: Station, { uci }: Unit): void {
  const other = seen.stations().find(({ name, armed }) => armed?.uci === uci && name !== here.name);
  if (other) throw refusal('armed-elsewhere', 'bringThere', { unit: mask(uci), station: other.name });
}
