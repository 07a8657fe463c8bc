/** Each issued unit is in the first of these that fits. */
export const PARTS = ['void', 'scrapped', 'released', 'unaccounted'] as const;
export type Part = (typeof PARTS)[number];

/** How many units of a work order, a roll or a time came to what. */
export interface Figures {
  /** The sum of the four parts. */
  issued: number;
  parts: Record<Part, number>;
  /** Issued units that have the fact, ended ones too. */
  facts: Record<'printed' | 'verified' | 'reported' | 'registered', number>;
  /** Of all units of the scope, those that no device has too: a roll is printed before. */
  labels: {
    /** Units that a label may exist of. */
    units: number;
    /** Labels printed, at most: counted when a job's bytes may have left. */
    copies: number;
    /** Copies of jobs that had a reason, by the reason, most first. */
    reprints: { reason: string; copies: number }[];
    /** Jobs that failed, and those of which nobody knows. */
    failed: number;
    unknown: number;
  };
}
