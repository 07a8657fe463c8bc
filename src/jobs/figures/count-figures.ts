import type { CountFigures, CountShift, FiguresTask } from '../../contract/figures.ts';
import type { LineFigures } from '../../decide/line-figures.ts';
import type { ShiftFigures } from '../../decide/shift-figures.ts';
import { SERVICE, type Spool } from '../../platform/spool.ts';

export function openFigures(ledger: string, spool: Spool): CountFigures {
  return (from, to, by, signal) => {
    const task = (): FiguresTask => ({ ledger, from, to });
    return spool.run<LineFigures>({ by, entry: 'jobs/figures/count-figures-child.js', task, signal });
  };
}

/** The maximum age of a shift's figures, in ms. The figures may be older if counting takes longer. */
const LASTS_MS = 5000;

export function openShiftFigures(ledger: string, spool: Spool): CountShift {
  let last: { from: number; until: number; figures: Promise<ShiftFigures> } | undefined;
  return (shift) => {
    if (last?.from === shift.from && performance.now() < last.until) return last.figures;
    const task = (): FiguresTask => ({ ledger, ...shift, shift: true });
    const figures = spool.run<ShiftFigures>({ by: SERVICE, entry: 'jobs/figures/count-figures-child.js', task });
    const counting = { from: shift.from, until: Infinity, figures };
    last = counting;
    const ended = (): void => void (counting.until = performance.now() + LASTS_MS);
    figures.then(ended, () => void (counting.until = 0));
    return figures;
  };
}
