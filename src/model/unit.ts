import type { WaitingKind } from './exceptions/kinds.ts';
import type { Shipped } from './shipping/shipping-list.ts';
import type { StopCode } from './shipping/stop.ts';
import type { Tests } from './shipping/test-result.ts';

/** The facts of a unit, in the order in which they normally happen. `ENDS` has the two ways in which a unit ends. */
export const FACTS = ['reserved', 'issued', 'printed', 'verified', 'reported', 'registered'] as const;
export const ENDS = ['void', 'scrapped'] as const;
/** `unreachable` means that the device cloud gave no answer that an agent could use. */
export const OUTCOMES = ['registered', 'claimed', 'refused', 'unreachable'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Fact = (typeof FACTS)[number] | (typeof ENDS)[number];

/** One Claim ID and the data from its events (a projection of those events). Times are in ms since 1970, UTC. */
export interface Unit {
  /** `seq` of the event that made the unit. */
  id: number;
  uci: string;
  product: string;
  serial?: string;
  station?: string;
  workOrder?: string;
  reservation?: string;
  facts: Partial<Record<Fact, number>>;
  /**
   * The largest number of labels that may have been printed. A label counts as soon as its print job may have been
   * sent.
   */
  labels: number;
  /**
   * The problem with the device that last named this Claim ID (decide/registration.ts). `alarm` is absent if there is
   * no problem.
   */
  alarm?: string;
  /** The result of the device's registration. */
  outcome?: Outcome;
  /** `seq` of the event that last gave the unit to a device. This event also contains the agent's body. */
  issuedSeq?: number;
  /** `seq` of the unit's last event. */
  lastSeq: number;
  /**
   * Members that only a few units have. `extra` is absent if the unit has none of them. Use `withExtra` to change it.
   */
  extra?: UnitExtra;
}

/**
 * The members are stored as JSON in one column. A rebuild from the events must give the same text, so the members
 * depend only on the unit's events.
 */
export interface UnitExtra {
  /** What arming the station withdrew. It becomes valid again if the operator cancels the arming. */
  armed?: Withdrawn;
  /** The return with which the present life began. */
  return?: Return;
  /** The former lives, oldest first. A life ends when the unit is returned (returns/lives.ts). */
  lives?: Life[];
  /** A lead released the sample, so it may be sold. */
  releasedSample?: { reason: string; at: number };
  /**
   * The device of the unit is a reference device: it checks the line and is never sold. For each station, `seen` has
   * the last day on which the device was answered there, in days since 1970, UTC.
   */
  reference?: { note?: string; seen?: { [station: string]: number } };
  /** The exception of the unit that a person closed (exceptions/exception.ts). */
  closedException?: WaitingKind;
  /** The shipping list that the unit is on. */
  shipped?: Shipped;
  /** The latest result of each test procedure. */
  tests?: Tests;
  /** For each reason, the day of the last STOP event at a gate, in days since 1970, UTC. */
  stopped?: { [code in StopCode]?: number };
}

/** The time of a withdrawn PASS, and a withdrawn alarm. */
export interface Withdrawn {
  verified?: number;
  alarm?: string;
}

export const DISPOSITIONS = ['rework', 'repair', 'replace', 'scrap', 'no-fault'] as const;
/** What is to be done with a returned unit. */
export type Disposition = (typeof DISPOSITIONS)[number];
export const RETURN_ENDS = ['shipped', 'scrapped', 'void', 'kept'] as const;
/** How a return ended: the device left the factory again, was voided or scrapped, or stays in the factory. */
export type ReturnEnd = (typeof RETURN_ENDS)[number];

export interface Return {
  /** The number of the RMA (return merchandise authorization). */
  rma: string;
  reason: string;
  disposition: Disposition;
  /** The number of the event that received the unit, and its time in ms since 1970. */
  seq: number;
  at: number;
  /** Absent while the return is open. */
  closed?: { how: ReturnEnd; at: number };
}

/** The state of a unit at the end of a life. `return` is absent in the first life. */
export interface Life extends Pick<Unit, 'facts' | 'labels' | 'alarm' | 'outcome' | 'station'> {
  return?: Return;
  /** The shipping list that the unit was on. */
  shipped?: Shipped;
  tests?: Tests;
}

/** Returns the unit with these `extra` members changed. `undefined` removes a member. */
export function withExtra(unit: Unit, changes: { [Name in keyof UnitExtra]?: UnitExtra[Name] | undefined }): Unit {
  const { extra, ...rest } = unit;
  const kept = Object.entries({ ...extra, ...changes }).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? rest : { ...rest, extra: Object.fromEntries(kept) };
}

/**
 * The source from which a unit's device last sent a request. A `Sighting` exists only if the device has sent requests
 * from several sources.
 */
export interface Sighting {
  source: string;
  station: string;
  /** The source and the station before the source last changed. */
  formerSource: string;
  formerStation: string;
  /** The time of the last change of the source, in ms since 1970. */
  changedAt: number;
  /** The number of times that the source of the unit's device changed. */
  changes: number;
  /** The day of the last event about a changed source, in days since 1970, UTC. */
  notedDay: number;
  /** The day of the last `two-sources` alarm, in days since 1970, or -1 if there was no alarm. */
  alarmDay: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns the day of a time, in days since 1970, UTC. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

export function isEnded(unit: Unit): boolean {
  return unit.facts.void !== undefined || unit.facts.scrapped !== undefined;
}

/** Returns the unit's end, or else the last fact in the order of `FACTS` that is still valid. */
export function statusOf(unit: Pick<Unit, 'facts'>): Fact {
  for (const end of ENDS) if (unit.facts[end] !== undefined) return end;
  return FACTS.findLast((fact) => unit.facts[fact] !== undefined) ?? 'reserved';
}

/** True if the device certainly has its Claim ID. The product's repeat policy applies only to such units. */
export function isDelivered(unit: Unit): boolean {
  return unit.facts.verified !== undefined || unit.facts.registered !== undefined;
}
