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
  /** Labels printed, at most: counted when a job's bytes may have left. */
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
