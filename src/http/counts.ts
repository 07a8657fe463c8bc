import type { Outcome } from '../model/unit.ts';

export type Counted = 'issued' | 'repeats' | Outcome;

/** The number of answers to agents since the service started, for /metrics. */
export interface Counts {
  /** Adds one to the counter. */
  count: (what: Counted) => void;
  counts: () => Record<Counted, number>;
}

export function countOutcomes(): Counts {
  const counts = { issued: 0, repeats: 0, registered: 0, claimed: 0, refused: 0, unreachable: 0 };
  return { count: (what) => void counts[what]++, counts: () => counts };
}
