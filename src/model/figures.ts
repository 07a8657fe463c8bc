/** Each issued unit counts in the first of these that applies. */
export const PARTS = ['void', 'scrapped', 'released', 'unaccounted'] as const;
export type Part = (typeof PARTS)[number];

/** Outcomes of the units of a work order, a roll or a time range. */
export interface Figures {
  /** The sum of the four parts. */
  issued: number;
  parts: Record<Part, number>;
  /** Issued units that have the fact, including ended ones. */
  facts: Record<'printed' | 'verified' | 'reported' | 'registered', number>;
  /** All units of the scope, including those that no device has: a roll is printed beforehand. */
  labels: {
    /** Units with a label that may exist. */
    units: number;
    /** Labels printed, at most: counted when a job's bytes may have left. */
    copies: number;
    /** Copies of reprints by reason, largest first. */
    reprints: { reason: string; copies: number }[];
    /** Jobs that failed, and jobs with an unknown outcome. */
    failed: number;
    unknown: number;
  };
}
