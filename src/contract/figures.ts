import type { LineFigures } from '../decide/line-figures.ts';
import type { ShiftFigures } from '../decide/shift-figures.ts';
import type { Shift } from '../platform/day.ts';
import type { Progress } from '../platform/spool.ts';

/** The task for the child process. `from` (inclusive) and `to` (exclusive) are times in ms since 1970. */
export interface FiguresTask {
  ledger: string;
  from: number;
  to: number;
  /** True to count by station and by ten-minute slice. */
  shift?: true;
}

export type CountFigures = (from: number, to: number, by: string, signal?: AbortSignal) => Promise<LineFigures>;

/**
 * Counts the units of the current shift. While people watch a shift, its units are recounted only every few seconds,
 * and all callers get the same figures.
 */
export interface CountShift {
  /** Returns the figures of this shift or, if counting takes long, those of the previous count. */
  count: (shift: Shift) => Promise<CountedShift>;
  /**
   * Returns the progress of the running count, or undefined if nothing is being counted. `total` is 0 while the count
   * waits for its turn.
   */
  progress: () => (Progress & { since: number }) | undefined;
}

/** `at` is when the count began, in ms since 1970. */
export type CountedShift = ShiftFigures & { at: number };
