import { DEVICE } from './labels/label-set.ts';
import { own } from '../platform/own.ts';
import type { WaitingKind } from './exceptions/kinds.ts';
import type { Shipped } from './shipping/shipping-list.ts';
import type { StopCode } from './shipping/stop.ts';
import type { Tests } from './shipping/test-result.ts';

/** The facts of a unit, in the order in which they normally happen. `ENDS` lists the two ways a unit can end. */
export const FACTS = ['reserved', 'issued', 'printed', 'verified', 'reported', 'registered'] as const;
export const ENDS = ['void', 'scrapped'] as const;
/** `unreachable` means that the agent got no usable answer from the device cloud. */
export const OUTCOMES = ['registered', 'claimed', 'refused', 'unreachable'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Fact = (typeof FACTS)[number] | (typeof ENDS)[number];

/** One Claim ID, with the data that its events have set. Times are in ms since 1970, UTC. */
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
   * At most this many labels for the device may have been printed. A label counts from the moment at which its
   * print job may have reached the printer. `labelsWithRole` counts the labels of the other roles.
   */
  labels: number;
  /**
   * The problem with the device that last sent this Claim ID (decide/registration.ts). `alarm` is absent if there is no
   * problem.
   */
  alarm?: string;
  /** The outcome of the device's registration. */
  outcome?: Outcome;
  /** The `seq` of the event that last gave the unit to a device. This event also contains the agent's body. */
  issuedSeq?: number;
  /** The `seq` of the unit's last event. */
  lastSeq: number;
  /**
   * Members that only a few units have. `extra` is absent if the unit has none of these members. Use `withExtra` to
   * change `extra`.
   */
  extra?: UnitExtra;
}

/**
 * The members are stored as JSON in one column. A rebuild from the events must produce the same text, so the members
 * depend only on the unit's events.
 */
export interface UnitExtra {
  /** The facts that arming the station withdrew. If the operator cancels the arming, these facts become valid again. */
  armed?: Withdrawn;
  /** The return that began the current life. */
  return?: Return;
  /** The former lives, oldest first. A life ends when the unit is returned (returns/lives.ts). */
  lives?: Life[];
  /** Set if a lead released the sample. The sample may then be sold. */
  releasedSample?: { reason: string; at: number };
  /**
   * Set if the unit's device is a reference device, which checks the line and is never sold. For each station, `seen`
   * is the last day on which the device got an answer there, in days since 1970, UTC.
   */
  reference?: { note?: string; seen?: { [station: string]: number } };
  /** The exception that a person closed (exceptions/exception.ts). */
  closedException?: WaitingKind;
  /** The shipping list that the unit is on. */
  shipped?: Shipped;
  /** The numbers that the unit got from its product's pools. */
  drawn?: { [property: string]: string };
  /** The number of labels that may have been printed, for each role other than `device`. */
  roleLabels?: { [role: string]: number };
  /** The latest result of each test procedure. */
  tests?: Tests;
  /** For each reason, the last day on which a gate recorded a STOP event, in days since 1970, UTC. */
  stopped?: { [code in StopCode]?: number };
}

/** The facts that arming a station withdrew from a unit: the time of the PASS, and the alarm. */
export interface Withdrawn {
  verified?: number;
  alarm?: string;
}

export const DISPOSITIONS = ['rework', 'repair', 'replace', 'scrap', 'no-fault'] as const;
/** The planned treatment of a returned unit. */
export type Disposition = (typeof DISPOSITIONS)[number];
export const RETURN_ENDS = ['shipped', 'scrapped', 'void', 'kept'] as const;
/** How a return ended: the device was shipped, voided, scrapped, or kept in the factory. */
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

/** The state of a unit when one of its lives ended. `return` is absent in the first life. */
export interface Life extends Pick<Unit, 'facts' | 'labels' | 'alarm' | 'outcome' | 'station'> {
  return?: Return;
  /** The shipping list that the unit was on. */
  shipped?: Shipped;
  roleLabels?: { [role: string]: number };
  tests?: Tests;
}

/** Returns the unit with these `extra` members changed. `undefined` removes a member. */
export function withExtra(unit: Unit, changes: { [Name in keyof UnitExtra]?: UnitExtra[Name] | undefined }): Unit {
  const { extra, ...rest } = unit;
  const kept = Object.entries({ ...extra, ...changes }).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? rest : { ...rest, extra: Object.fromEntries(kept) };
}

/** Returns how many labels of this role may have been printed. */
export function labelsWithRole({ labels, extra }: Pick<Unit, 'labels' | 'extra'>, role: string = DEVICE): number {
  return role === DEVICE ? labels : (own(extra?.roleLabels, role) ?? 0);
}

/** Returns how many labels may have been printed, for each role that has any. */
export function labelCounts({ labels, extra }: Pick<Unit, 'labels' | 'extra'>): Map<string, number> {
  const all: [string, number][] = [[DEVICE, labels], ...Object.entries(extra?.roleLabels ?? {})];
  return new Map(all.filter(([, count]) => count > 0));
}

/**
 * The source from which a unit's device sent its last request. A unit has a `Sighting` only if its device has sent
 * requests from several sources.
 */
export interface Sighting {
  source: string;
  station: string;
  /** The source and the station before the last change of the source. */
  formerSource: string;
  formerStation: string;
  /** The time of the last change of the source, in ms since 1970. */
  changedAt: number;
  /** How many times the source of the unit's device has changed. */
  changes: number;
  /** The last day with a `source-changed` event, in days since 1970, UTC. */
  notedDay: number;
  /** The last day with a `two-sources` alarm, in days since 1970, or -1 if there was no alarm. */
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

/**
 * If the unit has ended, returns whether it is void or scrapped. Otherwise, returns the last of the facts in `FACTS`
 * that is still valid.
 */
export function statusOf(unit: Pick<Unit, 'facts'>): Fact {
  for (const end of ENDS) if (unit.facts[end] !== undefined) return end;
  return FACTS.findLast((fact) => unit.facts[fact] !== undefined) ?? 'reserved';
}

/** True if it is certain that the device has its Claim ID. The product's repeat policy applies only in that case. */
export function isDelivered(unit: Unit): boolean {
  return unit.facts.verified !== undefined || unit.facts.registered !== undefined;
}
