/** An issued unit is counted in only one part: the first in this list that applies. */
export const PARTS = ['void', 'scrapped', 'released', 'unaccounted'] as const;
export type Part = (typeof PARTS)[number];

/** Figures about the units of a work order, a roll or a time range. */
export interface Figures {
  /** The sum of the four parts. */
  issued: number;
  parts: Record<Part, number>;
  /** Issued units that have the fact, including void and scrapped units. */
  facts: Record<'printed' | 'verified' | 'reported' | 'registered', number>;
  /** Figures about all units, including units that no device has yet, because a roll is printed beforehand. */
  labels: {
    /** Units for which a label may exist. */
    units: number;
    /** The most labels that may have been printed. A label counts as soon as its job may have been sent. */
    copies: number;
    /** Copies of reprints for each reason, the largest number first. */
    reprints: { reason: string; copies: number }[];
    /** The number of jobs that failed; `unknown` is the number of jobs with an unknown outcome. */
    failed: number;
    unknown: number;
  };
}
