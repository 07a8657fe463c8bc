import { setTimeout as pause } from 'node:timers/promises';
import type { CountedShift, CountFigures, CountShift, FiguresTask } from '../../contract/figures.ts';
import type { LineFigures } from '../../decide/line-figures.ts';
import type { ShiftFigures } from '../../decide/shift-figures.ts';
import type { Shift } from '../../platform/day.ts';
import { SERVICE, type Progress, type Spool } from '../../platform/spool.ts';

export function openFigures(ledger: string, spool: Spool): CountFigures {
  return (from, to, by, signal) => {
    const task = (): FiguresTask => ({ ledger, from, to });
    return spool.run<LineFigures>({ by, entry: 'jobs/figures/count-figures-child.js', task, signal });
  };
}

/** The maximum age of a shift's figures, in ms. If counting takes longer than this, the figures may be older. */
const LASTS_MS = 5000;

/** If a count takes longer than this (ms), the caller gets the figures of the previous count, if there are any. */
const LATE_MS = 1500;

interface Count extends Progress {
  from: number;
  since: number;
  isRunning: boolean;
  until: number;
  figures: Promise<CountedShift>;
}

export function openShiftFigures(ledger: string, spool: Spool): CountShift {
  let last: Count | undefined;
  let known: { from: number; figures: CountedShift } | undefined;
  const begin = (shift: Shift): Count => {
    const since = Date.now();
    const onProgress = (progress: Progress): void => void Object.assign(count, progress);
    const task = (): FiguresTask => ({ ledger, ...shift, shift: true });
    const order = { by: SERVICE, entry: 'jobs/figures/count-figures-child.js', task, onProgress };
    const figures = spool.run<ShiftFigures>(order).then((one) => ({ ...one, at: since }));
    const count: Count = { from: shift.from, since, done: 0, total: 0, isRunning: true, until: Infinity, figures };
    const counted = (one: CountedShift): void => {
      known = { from: shift.from, figures: one };
      Object.assign(count, { isRunning: false, until: performance.now() + LASTS_MS });
    };
    figures.then(counted, () => void Object.assign(count, { isRunning: false, until: 0 }));
    return count;
  };
  return {
    async count(shift) {
      if (last?.from !== shift.from || performance.now() >= last.until) last = begin(shift);
      const { figures } = last;
      const before = known?.from === shift.from ? known.figures : undefined;
      return before === undefined ? figures : Promise.race([figures, pause(LATE_MS, before)]);
    },
    progress: () => (last?.isRunning ? { done: last.done, total: last.total, since: last.since } : undefined),
  };
}
