import type { CountFigures, FiguresTask } from '../contract/figures.ts';
import type { LineFigures } from '../decide/line-figures.ts';
import type { Spool } from '../platform/spool.ts';

export function openFigures(ledger: string, spool: Spool): CountFigures {
  return (from, to, by, signal) => {
    const task = (): FiguresTask => ({ ledger, from, to });
    return spool.run<LineFigures>({ by, entry: 'jobs/count-figures-child.js', task, signal });
  };
}
