/** Facts from the first to the furthest; the two ends are separate. */
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
  /** Problem with the device that last named this ID (decide/registration.ts); absent when there is none. */
  alarm?: string;
  /** The result of its registration. */
  outcome?: Outcome;
  /** `seq` of the event that last gave it to a device; that event holds the agent's body. */
  issuedSeq?: number;
  /** `seq` of its last event. */
  lastSeq: number;
}

export function isEnded(unit: Unit): boolean {
  return unit.facts.void !== undefined || unit.facts.scrapped !== undefined;
}

/** The furthest fact that is still valid. */
export function statusOf(unit: Unit): Fact {
  for (const end of ENDS) if (unit.facts[end] !== undefined) return end;
  return FACTS.findLast((fact) => unit.facts[fact] !== undefined) ?? 'reserved';
}

/** Whether the product's repeat policy applies. */
export function isDelivered(unit: Unit): boolean {
  return unit.facts.verified !== undefined || unit.facts.registered !== undefined;
}
