/**
 * Returns the time (ms since 1970) at which a day such as 2026-11-25 begins in the time zone TZ. `later` is a number of
 * days to add to the day. A day on which the clocks change has 23 or 25 hours.
 */
export function dayBegins(day: string, later = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

/** Returns the day before the time `now` (ms since 1970), such as 2026-11-25, in the time zone TZ. */
export function dayBefore(now: number): string {
  const day = new Date(now);
  day.setDate(day.getDate() - 1);
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' }).format(day);
}

/*
 * The shifts of a site. The setting CLAIMSTAMP_SHIFTS contains the time of day at which each shift begins. A shift
 * lasts until the next one begins.
 */

/** A time of day, such as `06:00`. */
export const SHIFT_BEGIN = /^([01]\d|2[0-3]):[0-5]\d$/;

/** One shift. `from` (inclusive) and `to` (exclusive) are times in ms since 1970. */
export interface Shift {
  from: number;
  to: number;
}

/**
 * Returns the shift at the time `now` (ms since 1970), in the time zone TZ. `begins` contains the times of day at which
 * shifts begin, in ascending order. On a day on which the clocks change, a shift is shorter or longer than usual.
 */
export function shiftAt(begins: readonly string[], now: number): Shift {
  const day = new Date(now);
  const times = [-1, 0, 1].flatMap((later) => begins.map((begin) => timeOf(day, later, begin)));
  const next = times.findIndex((time) => time > now);
  return { from: times[next - 1] ?? now, to: times[next] ?? now };
}

/**
 * Returns the day (such as 2026-11-25) to which the shift at the time `now` belongs: the day on which the shift began.
 * After midnight, this may be the previous day.
 */
export function shiftDay(begins: readonly string[], now: number): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' }).format(shiftAt(begins, now).from);
}

/** Returns the time range of all shifts that begin on this day in the time zone TZ. */
export function shiftsRange(begins: readonly string[], day: string): Shift {
  const shifts = shiftsOf(begins, day);
  return { from: shifts[0]?.from ?? dayBegins(day), to: shifts.at(-1)?.to ?? dayBegins(day, 1) };
}

/** Returns the shifts that begin on this day (such as 2026-11-25) in the time zone TZ. */
export function shiftsOf(begins: readonly string[], day: string): Shift[] {
  const date = new Date(dayBegins(day));
  const times = [...begins.map((begin) => timeOf(date, 0, begin)), timeOf(date, 1, begins[0] ?? '00:00')];
  return times.slice(0, -1).map((from, at) => ({ from, to: times[at + 1] ?? from }));
}

function timeOf(day: Date, later: number, begin: string): number {
  const [hours = 0, minutes = 0] = begin.split(':').map(Number);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + later, hours, minutes).getTime();
}
