import { TWO_SOURCES } from '../model/advance.ts';
import { doubtfulStart } from '../model/clock.ts';
import type { Happening } from '../model/event.ts';
import type { Introduced } from '../model/limits.ts';
import { agentActor, agentAddress, keyStationOf, senderOf } from '../model/station.ts';
import type { Sighting, Unit } from '../model/unit.ts';
import { clockWasRight } from './clock/accept-clock.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/*
 * The sources of requests from agents. A device proves nothing about itself: any device that sends an S/N or MAC gets
 * the Claim ID of this S/N or MAC. However, the service sees the source of each request. So the service can notice, or
 * refuse, a second device that sends the same identity.
 */

/** Records whether this ledger was already in use before the program had limits. This is recorded only once. */
export interface IntroduceLimits {
  kind: 'introduce-limits';
  /** When the program was installed on this machine, by the machine's clock (ms since 1970). */
  installed?: number;
}

export const LIMITS = 'limits';

export function introduceLimits(seen: Seen, { installed }: IntroduceLimits, now: number): Decision<Introduced> {
  const known = seen.introduced(LIMITS);
  if (known) return { events: [], answer: known };
  const answer = { at: now, upgraded: seen.size() > 0 };
  // An empty ledger has no events that the clock can be compared with.
  const right = answer.upgraded ? undefined : doubtfulStart(now, installed);
  const clock = right === undefined ? [] : [clockWasRight(right)];
  return { events: [], answer, kept: [{ table: 'introduced', what: LIMITS, ...answer }, ...clock] };
}

/** Where a request comes from. */
export interface Place {
  station: string;
  source: string;
  sender: string;
}

type Last = Pick<Sighting, 'source' | 'station'>;

/** Returns the source to which this unit was last given. Returns undefined if no device has the unit yet. */
function lastPlace(seen: Seen, unit: Unit, now: Place): { last: Last; sighting: Sighting | undefined } | undefined {
  const sighting = seen.sighting(unit);
  if (sighting) return { last: sighting, sighting };
  const issued = seen.issuedOf(unit);
  if (issued === undefined) return undefined;
  const { actor, station = '' } = issued;
  // The event does not record whether the request contained the station's key. So at one station,
  // requests with and without the key count as coming from the same source.
  const isHere = keyStationOf(now.sender) !== undefined && station === now.station;
  const address = senderOf(agentAddress(actor), undefined);
  return { last: { source: isHere ? now.sender : address, station }, sighting };
}

/** True if the device's previous request came from another source. */
export function isElsewhere(seen: Seen, unit: Unit, place: Place): boolean {
  const known = lastPlace(seen, unit, place);
  return known !== undefined && known.last.source !== place.sender;
}

/**
 * True if the request comes from the station and source to which the unit was given. The service gives a unit with its
 * first answer to a device, or with an answer after an operator armed the station. An answer to a repeated request does
 * not count. So a device cannot become the unit's source just by sending the unit's identity, however often it does so.
 * If the request has no station key, the source is the exact address, because other devices may be in the same IPv6
 * network.
 */
export function isGivenTo(seen: Seen, unit: Unit, place: Place): boolean {
  const issued = seen.issuedOf(unit);
  if (issued?.station !== place.station) return false;
  return keyStationOf(place.sender) !== undefined || agentAddress(issued.actor) === place.source;
}

/**
 * If the requests return to the former source within this time (ms), there must be two devices, because nobody moves a
 * device that fast.
 */
const IN_TURN_MS = 60_000;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Change {
  events: Happening[];
  kept: Kept[];
  /** The former station, if two sources alternately send the identity. */
  inTurnWith?: string;
}

/**
 * Counts a change of the unit's source. The count is in a row that is overwritten each time. These changes add at most
 * one event per unit and day, and one more event when an alarm begins. So two devices that alternately send the same
 * identity do not make the ledger grow without limit.
 */
export function sourceChange(seen: Seen, unit: Unit, place: Place, now: number): Change {
  const known = lastPlace(seen, unit, place);
  if (known === undefined || known.last.source === place.sender) return { events: [], kept: [] };
  const { last, sighting } = known;
  const { changes = 0, notedDay = -1, formerSource, changedAt = -Infinity } = sighting ?? {};
  const isInTurn = formerSource === place.sender && now - changedAt <= IN_TURN_MS;
  const day = Math.floor(now / DAY_MS);
  const alarm = isInTurn ? { alarm: TWO_SOURCES } : {};
  // An alarm begins at most once a day. Otherwise, after a report or an operator has ended the alarm, the very next
  // request could restart it.
  const isNews = notedDay !== day || (isInTurn && unit.alarm === undefined && sighting?.alarmDay !== day);
  const event: Happening<'source-changed'> = {
    type: 'source-changed',
    uci: unit.uci,
    actor: agentActor(place.source),
    station: place.station,
    data: { from: last.source, fromStation: last.station, changes: changes + 1, ...alarm },
  };
  return {
    events: isNews ? [event] : [],
    kept: [
      seenAt(unit, place, {
        formerSource: last.source,
        formerStation: last.station,
        changedAt: now,
        changes: changes + 1,
        notedDay: day,
        alarmDay: isInTurn ? day : (sighting?.alarmDay ?? -1),
      }),
    ],
    ...(isInTurn ? { inTurnWith: last.station } : {}),
  };
}

/**
 * An operator brought the device to this station. So from now on, the source that asks at this station is the device's
 * source.
 */
export function broughtHere(seen: Seen, unit: Unit, place: Place): Kept[] {
  const sighting = seen.sighting(unit);
  if (sighting === undefined || sighting.source === place.sender) return [];
  return [seenAt(unit, place, { ...sighting, formerSource: sighting.source, formerStation: sighting.station })];
}

function seenAt(unit: Unit, place: Place, rest: Omit<Sighting, 'source' | 'station'>): Kept {
  return {
    table: 'sighting',
    unit: unit.id,
    sighting: { ...rest, source: place.sender, station: place.station },
  };
}
