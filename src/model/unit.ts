/** The facts of a unit, in the order in which they normally happen. The two ends of a unit are separate. */
export const FACTS = ['reserved', 'issued', 'printed', 'verified', 'reported', 'registered'] as const;
export const ENDS = ['void', 'scrapped'] as const;
/** `unreachable`: the cloud gave no answer that an agent could use. */
export const OUTCOMES = ['registered', 'claimed', 'refused', 'unreachable'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Fact = (typeof FACTS)[number] | (typeof ENDS)[number];

/** One Claim ID and what its events say about it (a projection of these events). Times are in ms since 1970, UTC. */
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
  /** The most labels that may have been printed. A label counts as soon as its job may have been sent. */
  labels: number;
  /** The problem with the device that last named this ID (decide/registration.ts); absent if there is no problem. */
  alarm?: string;
  /** The result of the device's registration. */
  outcome?: Outcome;
  /** `seq` of the event that last gave the unit to a device. That event contains the agent's body. */
  issuedSeq?: number;
  /** `seq` of the unit's last event. */
  lastSeq: number;
}

export function isEnded(unit: Unit): boolean {
  return unit.facts.void !== undefined || unit.facts.scrapped !== undefined;
}

/** The unit's end, else the last fact in the order of `FACTS` that is still valid. */
export function statusOf(unit: Unit): Fact {
  for (const end of ENDS) if (unit.facts[end] !== undefined) return end;
  return FACTS.findLast((fact) => unit.facts[fact] !== undefined) ?? 'reserved';
}

/** Whether the device certainly has its Claim ID. From then on the product's repeat policy applies. */
export function isDelivered(unit: Unit): boolean {
  return unit.facts.verified !== undefined || unit.facts.registered !== undefined;
}
