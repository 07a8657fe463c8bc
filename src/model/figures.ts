/** The parts of issued units. Each unit is counted in only one part: the first part in this list that applies. */
export const PARTS = ['void', 'scrapped', 'released', 'unaccounted'] as const;
export type Part = (typeof PARTS)[number];

/** Figures about the units of a work order, a roll or a time range. */
export interface Figures {
  /** The sum of the four parts. */
  issued: number;
  parts: Record<Part, number>;
  /** For each fact, the number of issued units that have it. Void and scrapped units are included. */
  facts: Record<'printed' | 'verified' | 'reported' | 'registered', number>;
  /**
   * Figures about the labels of all units. Units that no device has yet are included, because a roll is printed before
   * its IDs are issued.
   */
  labels: {
    /** The number of units for which a label may exist. */
    units: number;
    /**
     * The maximum number of labels that may have been printed. A label counts as soon as its job may have been sent.
     */
    copies: number;
    /** The number of reprinted copies for each reason, the largest number first. */
    reprints: { reason: string; copies: number }[];
    /** The number of jobs that failed; `unknown` is the number of jobs with an unknown outcome. */
    failed: number;
    unknown: number;
  };
}
