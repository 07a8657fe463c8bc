import type { LineFigures } from '../decide/line-figures.ts';

/** The task of the child process. `from` (inclusive) and `to` (exclusive) are times in ms since 1970. */
export interface FiguresTask {
  ledger: string;
  from: number;
  to: number;
}

export type CountFigures = (from: number, to: number, by: string, signal?: AbortSignal) => Promise<LineFigures>;
