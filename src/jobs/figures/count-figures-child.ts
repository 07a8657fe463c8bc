import { setImmediate as turn } from 'node:timers/promises';
import type { FiguresTask } from '../../contract/figures.ts';
import { COUNTED, openCount, type LineFigures } from '../../decide/line-figures.ts';
import { PAST } from '../../decide/units/first-results.ts';
import { openShiftCount, type ShiftFigures } from '../../decide/shift-figures.ts';
import { workInChild } from '../../platform/spool.ts';
import { openUnitPast } from '../../sqlite/events-before.ts';
import { eventsBetween } from '../../sqlite/events-between.ts';
import { readLeftOut } from '../../sqlite/left-out.ts';

/* This child process counts the events of a time range. */

/** The interval between progress messages, in ms. */
const TELL_EVERY_MS = 500;

workInChild(async ({ ledger, from, to, shift }: FiguresTask, parent): Promise<LineFigures | ShiftFigures> => {
  const leftOut = readLeftOut(ledger);
  const past = openUnitPast(ledger, PAST);
  const count = shift ? openShiftCount({ from, to }, leftOut, past) : openCount(leftOut, past);
  const total = Math.max(1, Math.min(to, Date.now()) - from);
  let told = performance.now();
  for (const event of eventsBetween(ledger, { from, to, types: COUNTED })) {
    count.add(event);
    if (performance.now() - told < TELL_EVERY_MS) continue;
    told = performance.now();
    parent.tell({ done: Math.min(total, event.at - from), total });
    await turn();
  }
  past.close();
  return count.result();
});
