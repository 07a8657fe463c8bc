import { createWriteStream } from 'node:fs';
import type { DayTask } from '../../contract/reports.ts';
import { PAST } from '../../decide/units/first-results.ts';
import { COUNTED } from '../../decide/line-figures.ts';
import { openShiftCount, type ShiftFigures } from '../../decide/shift-figures.ts';
import type { Shift } from '../../platform/day.ts';
import { workInChild } from '../../platform/spool.ts';
import { drawDay } from '../../report/day-pdf.ts';
import { openUnitPast } from '../../sqlite/events-before.ts';
import { eventsBetween } from '../../sqlite/events-between.ts';
import { readLeftOut } from '../../sqlite/left-out.ts';

/* This child process computes the figures of a day's shifts, and draws the report about them. */

workInChild(async ({ ledger, shifts, out, ...about }: DayTask): Promise<(Shift & ShiftFigures)[] | null> => {
  const leftOut = readLeftOut(ledger);
  const past = openUnitPast(ledger, PAST);
  const counted = shifts.map((shift) => {
    const count = openShiftCount(shift, leftOut, past);
    for (const event of eventsBetween(ledger, { ...shift, types: COUNTED })) count.add(event);
    return { ...shift, ...count.result() };
  });
  past.close();
  if (out === undefined) return counted;
  await drawDay({ ...about, shifts: counted }, createWriteStream(out, { flags: 'wx', mode: 0o600 }));
  return null;
});
