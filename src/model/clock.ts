/*
 * A machine's clock can be wrong: after its battery dies it shows 1970 or 2000, and a typing error can set it to 2099.
 * An S/N that contains a date must not get such a wrong date.
 */

/** The date of this release. A correct clock cannot show a time before this date. */
export const RELEASED_AT = Date.UTC(2026, 10, 1);

const DAY_MS = 24 * 60 * 60 * 1000;
const FIVE_YEARS_MS = 5 * 365 * DAY_MS;

/**
 * An alarm is raised if the clock is this far past the last day on which the clock was right. A production line may be
 * idle for a weekend or a week of holidays, so the limit is longer than that. The limit is below 28 days, because a
 * wrong month in the date is an error of at least 28 days.
 */
const AHEAD_MS = 14 * DAY_MS;

/** In normal operation, time servers correct a clock by less than this time. */
const NOTICED_MS = 60 * 1000;

/**
 * The clock is compared with the median time of this many events. So a single event that has a wrong time does no harm.
 */
export const COMPARED_EVENTS = 100;

/** The times in the ledger that the clock is compared with. All times are in ms since 1970. */
export interface Times {
  /** The median time of the last COMPARED_EVENTS events. */
  median: number | undefined;
  /**
   * The last day on which the clock was right. The clock counts as right when a dated S/N was made or a person accepted
   * the clock. Other events do not change this day, because any device can cause them while the clock is wrong.
   */
  right: number | undefined;
  /**
   * Set if an S/N was ever dated by a clock that was far ahead of `right`: the value that `right` had when this last
   * happened.
   */
  passed?: number | undefined;
}

/**
 * `date` is the time that S/Ns get as their date, in ms since 1970. `behindMs` is set if the clock is behind by more
 * than normal corrections. `after` is the last day on which the clock was right. `after` is set only if the clock is
 * now many days past that day.
 */
export type Clock =
  | { date: number; behindMs?: number; after?: number }
  | { wrong: 'beforeRelease' | 'behind' | 'ahead'; compared: number };

/**
 * Compares the clock with the release date and with the ledger. If the clock is at most a day behind the median time of
 * the last events, S/Ns are dated by that median time.
 */
export function judgeClock(now: number, { median, right }: Times): Clock {
  const earliest = right === undefined ? RELEASED_AT : right - DAY_MS;
  if (now < earliest && now < RELEASED_AT) return { wrong: 'beforeRelease', compared: RELEASED_AT };
  if (now < earliest) return { wrong: 'behind', compared: right ?? RELEASED_AT };
  const latest = Math.max(RELEASED_AT, right ?? 0);
  if (now > latest + FIVE_YEARS_MS) return { wrong: 'ahead', compared: latest };
  if (isFarAfter(now, right)) return { date: now, after: right };
  const behindMs = (median ?? now) - now;
  if (behindMs <= 0 || behindMs > DAY_MS) return { date: now };
  return behindMs > NOTICED_MS ? { date: now + behindMs, behindMs } : { date: now + behindMs };
}

/**
 * True if either the clock is wrong, or the line was idle for a long time. Only a person can tell which of the two is
 * true.
 */
function isFarAfter(now: number, right: number | undefined): right is number {
  return right !== undefined && now > right + AHEAD_MS;
}

/**
 * Returns the new value of `right` after a dated S/N was made. Returns undefined if the day did not change. The new
 * value is at most the median. So a clock that was ahead for a short time does not stop the line later. A clock that is
 * far ahead of the last right day counts as right only if a person accepts it.
 */
export function rightAfter(now: number, { median, right }: Times): number | undefined {
  if (isFarAfter(now, right)) return undefined;
  const found = Math.max(right ?? RELEASED_AT, Math.min(now, median ?? now));
  const dayOf = (at: number): number => Math.floor(at / DAY_MS);
  return right !== undefined && dayOf(found) <= dayOf(right) ? undefined : found;
}

/**
 * If a release is installed this long after its date, the clock may have been wrong when it was installed. So a person
 * must accept the clock once.
 */
const INSTALLED_MS = 180 * DAY_MS;

/**
 * At the first start, while the ledger is empty, compares the clock with the time when the program was installed. If
 * the clock is far ahead, returns the last day on which it was right. Otherwise, the first device would make a wrong
 * day count as right, and the line would be held when the clock is corrected.
 */
export function doubtfulStart(now: number, installed = now): number | undefined {
  const day = installed > RELEASED_AT + INSTALLED_MS ? RELEASED_AT : Math.max(installed, RELEASED_AT);
  return isFarAfter(now, day) ? day : undefined;
}

/** True if the service currently makes no dated S/Ns, or if a person must say whether the dates are right. */
export function isDoubtful(clock: Clock): boolean {
  return 'wrong' in clock || clock.after !== undefined;
}

/**
 * If S/Ns got their dates from a clock far ahead of the last right day, returns how many days the clock is ahead. If no
 * S/N was dated by such a clock, returns undefined, because the line may simply have been idle.
 */
export function datedAhead(now: number, times: Times): number | undefined {
  const clock = judgeClock(now, times);
  if ('wrong' in clock || clock.after === undefined || clock.after !== times.passed) return undefined;
  return Math.floor((now - clock.after) / DAY_MS);
}

/** Returns the median of times in ms since 1970. */
export function medianOf(times: readonly number[]): number | undefined {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}
