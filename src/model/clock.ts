/*
 * A machine's clock can be wrong: after its battery dies it shows 1970 or 2000, and a typing error can set it to 2099.
 * An S/N that contains a date must not get such a date.
 */

/** The date of this release. A correct clock cannot show an earlier time. */
export const RELEASED_AT = Date.UTC(2026, 10, 1);

const DAY_MS = 24 * 60 * 60 * 1000;
const FIVE_YEARS_MS = 5 * 365 * DAY_MS;

/**
 * A clock that is further ahead of the last day on which it was right raises an alarm. A line may stand still for a
 * weekend or a week of holidays. If someone sets the wrong month, the clock is at least 28 days off.
 */
const AHEAD_MS = 14 * DAY_MS;

/** In normal operation, time servers correct a clock by less than this. */
const NOTICED_MS = 60 * 1000;

/** The number of events whose median time is compared with the clock. A single event with a wrong time does no harm. */
export const COMPARED_EVENTS = 100;

/** What the ledger says about time. All times are in ms since 1970. */
export interface Times {
  /** The median time of the last COMPARED_EVENTS events. */
  median: number | undefined;
  /**
   * The last day on which the clock was right, that is, on which an S/N with a date was made or a person accepted the
   * clock. Other events do not move this time, because any device can cause them while the clock is wrong.
   */
  right: number | undefined;
  /**
   * The value of `right` when an S/N was last dated by a clock that was far ahead of it. Undefined if this never
   * happened.
   */
  passed?: number | undefined;
}

/**
 * `date` is the time for the date parts of S/Ns, in ms since 1970. `behindMs` is set if the clock is noticeably behind.
 * `after` is the last day on which the clock was right. It is set only if the clock is now many days past it.
 */
export type Clock =
  | { date: number; behindMs?: number; after?: number }
  | { wrong: 'beforeRelease' | 'behind' | 'ahead'; compared: number };

/**
 * Compares the clock with the release date and with the ledger. If the clock is up to a day behind, S/Ns get the date
 * of the last events' median time.
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

/** True if either the clock is wrong or the line stood still. Only a person can tell which. */
function isFarAfter(now: number, right: number | undefined): right is number {
  return right !== undefined && now > right + AHEAD_MS;
}

/**
 * Returns the new value of `right` after an S/N with a date was made, or undefined if the day is the same. The median
 * limits the value, so that a clock that was briefly ahead does not stop the line afterwards. A clock that is far ahead
 * of the last right day counts as right only if a person accepts it.
 */
export function rightAfter(now: number, { median, right }: Times): number | undefined {
  if (isFarAfter(now, right)) return undefined;
  const found = Math.max(right ?? RELEASED_AT, Math.min(now, median ?? now));
  const dayOf = (at: number): number => Math.floor(at / DAY_MS);
  return right !== undefined && dayOf(found) <= dayOf(right) ? undefined : found;
}

/** True if the service makes no S/N with a date now, or if a person must say whether such dates are right. */
export function isDoubtful(clock: Clock): boolean {
  return 'wrong' in clock || clock.after !== undefined;
}

/**
 * Returns how many days the clock is ahead of the last right day, if S/Ns were dated by it. Without such S/Ns, the line
 * may simply have stood still.
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
