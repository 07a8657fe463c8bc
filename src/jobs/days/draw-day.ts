import type { DayReports, DayTask } from '../../contract/reports.ts';
import type { ShiftFigures } from '../../decide/shift-figures.ts';
import type { Shift } from '../../platform/day.ts';
import type { Spool } from '../../platform/spool.ts';

const ENTRY = 'jobs/days/draw-day-child.js';

export function openDayReports(
  ledger: string,
  spool: Spool,
  now: () => number,
  siteName: () => string | undefined,
): DayReports {
  const taskOf = (day: string, shifts: readonly Shift[], by: string): DayTask => ({
    ledger,
    day,
    shifts,
    by,
    site: siteName(),
    at: now(),
  });
  return {
    count: (day, shifts, by) =>
      spool.run<(Shift & ShiftFigures)[]>({ by, entry: ENTRY, task: () => taskOf(day, shifts, by) }),
    draw: (day, shifts, by) =>
      spool.make<null>({ by, entry: ENTRY, ending: 'pdf', task: (out) => ({ ...taskOf(day, shifts, by), out }) }),
  };
}
