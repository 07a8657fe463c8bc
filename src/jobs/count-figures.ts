import { json } from 'node:stream/consumers';
import type { CountFigures, FiguresTask } from '../contract/figures.ts';
import type { LineFigures } from '../decide/line-figures.ts';
import type { Spool } from '../platform/spool.ts';

export function openFigures(ledger: string, spool: Spool): CountFigures {
  return async (from, to, signal) => {
    const task = (out: string): FiguresTask => ({ ledger, out, from, to });
    const order = { entry: 'jobs/count-figures-child.js', ending: 'json', task, signal };
    return (await json((await spool.make(order)).file.createReadStream())) as LineFigures;
  };
}
