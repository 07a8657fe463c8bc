import type { FiguresTask } from '../../contract/figures.ts';
import { COUNTED, openCount, type LineFigures } from '../../decide/line-figures.ts';
import { openShiftCount, type ShiftFigures } from '../../decide/shift-figures.ts';
import { workInChild } from '../../platform/spool.ts';
import { eventsBetween } from '../../sqlite/events-between.ts';
import { readLeftOut } from '../../sqlite/left-out.ts';

/* This child process counts the events of a time range. */

workInChild(async ({ ledger, from, to, shift }: FiguresTask): Promise<LineFigures | ShiftFigures> => {
  const leftOut = readLeftOut(ledger);
  const count = shift ? openShiftCount({ from, to }, leftOut) : openCount(leftOut);
  for (const event of eventsBetween(ledger, { from, to, types: COUNTED })) count.add(event);
  return count.result();
});
