import type { NotForSale } from './work-order.ts';

/**
 * A reconciliation divides the issued units into these parts. Each unit is counted only in the first part of this list
 * that applies to it.
 */
export const PARTS = ['void', 'scrapped', 'released', 'unaccounted'] as const;
export type Part = (typeof PARTS)[number];

/**
 * Where issued units are now. `returned` is a unit that came back and has not been released again. The parts
 * count each unit by its first life, and the places by its current life.
 */
export const PLACES = ['void', 'scrapped', 'released', 'returned', 'unaccounted'] as const;
export type Place = (typeof PLACES)[number];

/** The current figures. A unit that was returned is counted by the state of its current life. */
export interface NowFigures extends Omit<Figures, 'parts'> {
  /** The sum is `issued`. */
  parts: Record<Place, number>;
  /** The current state of the units that were returned at least once. The sum is `returned`. */
  back: Record<Exclude<Place, 'unaccounted'>, number>;
}

/** Figures about the units of a work order, a roll or a time range. */
export interface Figures {
  /** The number of issued units, which is the sum of the four parts. */
  issued: number;
  parts: Record<Part, number>;
  /** For each fact, the number of issued units to which it applies. Void and scrapped units are included. */
  facts: Record<'printed' | 'verified' | 'reported' | 'registered', number>;
  /** The number of issued units that are on a shipping list. Absent if no unit is on a shipping list. */
  shipped?: number;
  /**
   * For each reason that forbids shipping, the number of issued units to which the reason applies. Reasons that apply
   * to no unit are absent.
   */
  notForSale?: { [reason in NotForSale]?: number };
  /**
   * The number of issued units that were returned later. The RMAs count these units as returns. Absent if no unit was
   * returned.
   */
  returned?: number;
  /**
   * Figures about the labels of all units. Units that no device has yet are included, because a roll is printed before
   * its Claim IDs are issued.
   */
  labels: {
    /** The number of units for which a label may have been printed. */
    units: number;
    /**
     * An upper limit for the number of labels that were printed. A label counts as soon as its print job may have been
     * sent.
     */
    copies: number;
    /** The number of reprinted copies for each reason, in descending order. */
    reprints: { reason: string; copies: number }[];
    /** `failed` is the number of failed jobs, and `unknown` is the number of jobs with an unknown outcome. */
    failed: number;
    unknown: number;
    /** The same figures for each role. Absent if every label has the role `device`. */
    roles?: { [role: string]: RoleFigures };
  };
}

/** The steps from a Claim ID to the device cloud, in the order in which units go through them. */
export const STEPS = ['issued', 'labelled', 'verified', 'registered'] as const;
export type Step = (typeof STEPS)[number];

/** How many issued units completed each step. */
export interface Way extends Record<Step, number> {
  /** For each step, the number of units that completed the previous step but not this one. */
  lost: Record<Exclude<Step, 'issued'>, number>;
  /** For each step, the number of units that completed this step but not the previous one. */
  gained: Record<Exclude<Step, 'issued'>, number>;
}

/** Figures about the labels of one role. */
export interface RoleFigures {
  units: number;
  copies: number;
  /** How many of the copies are reprints, because a label was damaged or lost. */
  reprinted: number;
  /** How many of the copies belong to units that ended, or that no device has. */
  unused: number;
  failed: number;
  unknown: number;
}
