import type { Happening } from '../../model/event.ts';
import type { Told } from '../../model/scan/read.ts';
import type { ShippingList } from '../../model/shipping/shipping-list.ts';
import { STOPS, UNREAD, type Stop, type StopCode, type UnreadCode } from '../../model/shipping/stop.ts';
import type { Station } from '../../model/station.ts';
import { dayOf, type Unit } from '../../model/unit.ts';
import { defined } from '../../platform/own.ts';
import type { Scan } from '../scans/codes.ts';
import type { Decision, Seen } from '../seen.ts';
import { stopReasons } from './stop-reasons.ts';

/*
 * A gate: the last scan before a unit leaves the factory. A scan of the unit's label is answered with SHIP or STOP. No
 * device is powered at a gate, so the answer says nothing about the device. The answer only repeats what the ledger
 * says about the unit.
 */

/** How many units are on the shipping list, and how many are planned. */
export interface ListCount {
  id: string;
  count: number;
  target: number;
}

export interface StopAnswer {
  code: StopCode;
  reason: string;
  detail?: string;
}

export type GateAnswer =
  | { result: 'SHIP'; uci: string; serial?: string; list: ListCount }
  /** The unit is already on the shipping list `list`, and is counted once. */
  | { result: 'ALREADY'; reason: string; uci: string; serial?: string; list: ListCount }
  | {
      result: 'STOP';
      /** The most serious one of `reasons`. */
      reason: string;
      reasonCode: StopCode | UnreadCode;
      reasons: StopAnswer[];
      uci?: string;
      serial?: string;
      /** The current shipping list of the station. */
      list?: ListCount;
    };

/** If a scanner's trigger is held down, the scanner rereads the label within this time (ms). */
const DOUBLE_MS = 2000;

export const ON_LIST = 'this unit is already on a shipping list';

interface Place {
  station: Station;
  actor: string;
  now: number;
}

export function decideGate(seen: Seen, scans: Scan[], place: Place): Decision<GateAnswer> {
  const { station } = place;
  const list = station.shippingList === undefined ? undefined : seen.shippingList(station.shippingList);
  const read = unitIn(scans);
  if (typeof read === 'string') return unread(read, list);
  const stops = stopReasons(seen, read, list);
  const [first, ...more] = stops;
  if (first !== undefined) return stopped(read, [first, ...more], list, place);
  const { shipped } = read.extra ?? {};
  if (shipped !== undefined) return already(seen, read, shipped, place);
  const { id, target, units } = defined(list);
  const event: Happening<'shipped'> = { type: 'shipped', ...atGate(read, place), data: { list: id } };
  return { events: [event], answer: { result: 'SHIP', ...named(read), list: { id, target, count: units + 1 } } };
}

/** Returns the unit that all the codes belong to, or the reason why there is none. */
function unitIn(scans: Scan[]): Unit | UnreadCode {
  const units = new Map(scans.flatMap(({ unit }) => (unit === undefined ? [] : [[unit.uci, unit]])));
  const told = scans.flatMap(({ meaning }) => ('told' in meaning ? meaning.told : []))[0];
  if (told !== undefined) return TOLD[told];
  // The gate compares nothing with the device, so only a code on the label can identify the unit.
  if (scans.some(({ meaning }) => 'identity' in meaning)) return 'device-code';
  if (units.size > 1) return 'two-labels';
  return scans.every(({ unit }) => unit !== undefined) ? ([...units.values()][0] ?? 'not-ours') : 'not-ours';
}

const TOLD: Record<Told, UnreadCode> = {
  'not-ours': 'not-ours',
  again: 'scan-again',
  'layout-qwertz': 'layout',
  'layout-azerty': 'layout',
  'layout-other': 'layout',
  ambiguous: 'ambiguous',
  'too-long': 'too-long',
};

/** No event is recorded, because the scan identifies no unit. */
function unread(code: UnreadCode, list: ShippingList | undefined): Decision<GateAnswer> {
  return {
    events: [],
    answer: { result: 'STOP', reason: UNREAD[code], reasonCode: code, reasons: [], ...counted(list) },
  };
}

function stopped(
  unit: Unit,
  stops: [Stop, ...Stop[]],
  list: ShippingList | undefined,
  place: Place,
): Decision<GateAnswer> {
  const [{ code, detail }, ...more] = stops;
  const answer: GateAnswer = {
    result: 'STOP',
    reason: detail === undefined ? STOPS[code] : `${STOPS[code]}: ${detail}`,
    reasonCode: code,
    reasons: stops.map((stop) => ({ ...stop, reason: STOPS[stop.code] })),
    ...named(unit),
    ...counted(list),
  };
  // Repeated scans must not make the ledger grow, whether a held trigger or a person causes them.
  if (unit.extra?.stopped?.[code] === dayOf(place.now)) return { events: [], answer };
  const data: Happening<'ship-stopped'>['data'] = {
    reason: code,
    ...(detail === undefined ? {} : { detail }),
    ...(more.length === 0 ? {} : { also: more.map((stop) => stop.code) }),
    ...(list === undefined ? {} : { list: list.id }),
  };
  return { events: [{ type: 'ship-stopped', ...atGate(unit, place), data }], answer };
}

function already(
  seen: Seen,
  unit: Unit,
  shipped: NonNullable<NonNullable<Unit['extra']>['shipped']>,
  { station, now }: Place,
): Decision<GateAnswer> {
  const { list } = counted(defined(seen.shippingList(shipped.list)));
  const isDouble = shipped.list === station.shippingList && now - shipped.at <= DOUBLE_MS;
  if (isDouble) return { events: [], answer: { result: 'SHIP', ...named(unit), list } };
  return { events: [], answer: { result: 'ALREADY', reason: ON_LIST, ...named(unit), list } };
}

function atGate({ uci }: Unit, { station, actor }: Place): { uci: string; actor: string; station: string } {
  return { uci, actor, station: station.name };
}

function named({ uci, serial }: Unit): { uci: string; serial?: string } {
  return { uci, ...(serial === undefined ? {} : { serial }) };
}

function counted<L extends ShippingList | undefined>(
  list: L,
): L extends ShippingList ? { list: ListCount } : { list?: ListCount };
function counted(list: ShippingList | undefined): { list?: ListCount } {
  return list === undefined ? {} : { list: { id: list.id, count: list.units, target: list.target } };
}
