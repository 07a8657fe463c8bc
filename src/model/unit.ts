import { type Event, productOf } from './event.ts';

/** Facts in the order that makes one "further" than another; the two ends stand apart. */
export const FACTS = ['reserved', 'issued', 'printed', 'verified', 'reported', 'registered'] as const;
export const ENDS = ['void', 'scrapped'] as const;
/** `unreachable`: the cloud gave no answer that an agent could use. */
export const OUTCOMES = ['registered', 'claimed', 'refused', 'unreachable'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Fact = (typeof FACTS)[number] | (typeof ENDS)[number];

/** One Claim ID and what is known of it: a projection of its events. Times in ms since 1970, UTC. */
export interface Unit {
  /** `seq` of the event that made it. */
  id: number;
  uci: string;
  product: string;
  serial?: string;
  station?: string;
  workOrder?: string;
  reservation?: string;
  facts: Partial<Record<Fact, number>>;
  /** Labels that may exist: counted when a job's bytes may have left. */
  labels: number;
  /** What is wrong with the device that last named this ID (registration.ts); absent when nothing is. */
  alarm?: string;
  /** What came of its registration. */
  outcome?: Outcome;
  /** `seq` of the event that last gave it to a device; that event holds the agent's body. */
  issuedSeq?: number;
  /** `seq` of its last event. */
  lastSeq: number;
}

export function isEnded(unit: Unit): boolean {
  return unit.facts.void !== undefined || unit.facts.scrapped !== undefined;
}

/** The furthest fact that still stands. */
export function statusOf(unit: Unit): Fact {
  for (const end of ENDS) if (unit.facts[end] !== undefined) return end;
  return FACTS.findLast((fact) => unit.facts[fact] !== undefined) ?? 'reserved';
}

/** What the product's repeat policy waits for. */
export function isDelivered(unit: Unit): boolean {
  return unit.facts.verified !== undefined || unit.facts.registered !== undefined;
}

/** A unit after one more of its events. The first event makes it. */
export function advance(unit: Unit | undefined, event: Event): Unit {
  const next: Unit = unit
    ? { ...unit, facts: { ...unit.facts }, lastSeq: event.seq }
    : { id: event.seq, uci: event.uci as string, product: productOf(event), facts: {}, labels: 0, lastSeq: event.seq };
  const { serial, reservation } = event.data;
  if (typeof serial === 'string') next.serial = serial;
  if (event.type === 'reserved') {
    if (typeof reservation === 'string') next.reservation = reservation;
    next.facts.reserved = event.at;
  }
  if (event.type === 'issued') {
    next.facts.issued ??= event.at;
    next.issuedSeq = event.seq;
    if (event.station !== undefined) next.station = event.station;
    if (event.workOrder !== undefined) next.workOrder = event.workOrder;
  }
  if (event.type === 'verified') next.facts.verified = event.at;
  if (event.type === 'printed') next.facts.printed = event.at;
  if (event.type === 'print-moved' && event.data['state'] === 'sending') {
    // Scanned meanwhile was a label before this one.
    if (next.labels > 0) delete next.facts.verified;
    next.labels += event.data['copies'] as number;
  }
  // A new label has to be scanned before it counts.
  if (event.type === 'print-queued' && event.data['reprint'] !== undefined) delete next.facts.verified;
  // Rework withdraws the PASS: the label has to be scanned again.
  if (event.type === 'armed' && event.data['reason'] === 'rework') delete next.facts.verified;
  if (event.type === 'reported') {
    const { alarm } = event.data;
    if (typeof alarm === 'string') next.alarm = alarm;
    else {
      delete next.alarm;
      next.facts.reported ??= event.at;
    }
  }
  if (event.type === 'registered') next.facts.registered ??= event.at;
  if (event.type === 'registered' || event.type === 'registration-failed')
    next.outcome = event.data['outcome'] as Outcome;
  if (event.type === 'void') next.facts.void = event.at;
  if (event.type === 'scrapped') next.facts.scrapped = event.at;
  return next;
}
