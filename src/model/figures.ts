import type { NotForSale } from './work-order.ts';

/**
 * The parts that a reconciliation divides the issued units into. Each unit is counted in only one part: the first part
 * in this list that applies.
 */
export const PARTS = ['void', 'scrapped', 'released', 'unaccounted'] as const;
export type Part = (typeof PARTS)[number];

/** Figures about the units of a work order, a roll or a time range. */
export interface Figures {
  /** The number of issued units, which is the sum of the four parts. */
  issued: number;
  parts: Record<Part, number>;
  /** For each fact, the number of issued units that have this fact. Void and scrapped units also count. */
  facts: Record<'printed' | 'verified' | 'reported' | 'registered', number>;
  /** The number of issued units that are on a shipping list. Absent if there are none. */
  shipped?: number;
  /**
   * For each reason, the number of issued units that must not be shipped for it. Reasons that apply to no unit are
   * absent.
   */
  notForSale?: { [reason in NotForSale]?: number };
  /** The number of issued units that came back later. Their RMAs count these returns. Absent if there are none. */
  returned?: number;
  /**
   * Figures about the labels of all units. Units that no device has yet also count, because a roll is printed before
   * its Claim IDs are issued.
   */
  labels: {
    /** The number of units that may have a printed label. */
    units: number;
    /**
     * The largest number of labels that may have been printed. A label counts as soon as its print job may have been
     * sent.
     */
    copies: number;
    /** The number of reprinted copies for each reason, the largest number first. */
    reprints: { reason: string; copies: number }[];
    /** The number of jobs that failed; `unknown` is the number of jobs with an unknown outcome. */
    failed: number;
    unknown: number;
  };
}
