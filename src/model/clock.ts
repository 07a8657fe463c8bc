/*
 * Machines lose their clock: after a dead battery it shows 1970 or 2000, and a wrong entry sets 2099. An S/N with a date
 * must not be dated so.
 */

/** The date of this release. No right clock shows an earlier time. */
export const RELEASED_AT = Date.UTC(2026, 10, 1);

const DAY_MS = 24 * 60 * 60 * 1000;
const FIVE_YEARS_MS = 5 * 365 * DAY_MS;

/** Time servers correct a clock by less than this in normal operation. */
const NOTICED_MS = 60 * 1000;

/** The number of events whose median time is compared with the clock. A single event with a wrong time does no harm. */
export const COMPARED_EVENTS = 100;

/** What the ledger says about time. */
export interface Times {
  /** The time of the first event. */
  first: number | undefined;
  /** The median time of the last COMPARED_EVENTS events, but only of those since a person accepted the clock. */
  median: number | undefined;
  /** When a person last accepted the clock, by that clock. */
  accepted: number | undefined;
}

/** `date` is the time for the date parts of S/Ns, in ms since 1970. `behindMs` is set if the clock is noticeably behind. */
export type Clock =
  | { date: number; behindMs?: number }
  | { wrong: 'beforeRelease' | 'behind' | 'ahead'; compared: number };

/**
 * Compares the clock with the release date and with the ledger. If the clock is up to a day behind, S/Ns get the date of
 * the median of the last events.
 */
export function judgeClock(now: number, { first, median: found, accepted }: Times): Clock {
  // A ledger that began with a wrong clock proves nothing, until a person accepts that clock.
  const isStrange = accepted === undefined && first !== undefined && first > RELEASED_AT + FIVE_YEARS_MS;
  const median = isStrange ? undefined : found;
  const earliest = Math.min(RELEASED_AT, (accepted ?? Infinity) - DAY_MS);
  if (now < earliest) return { wrong: 'beforeRelease', compared: RELEASED_AT };
  const latest = Math.max(RELEASED_AT, median ?? 0, accepted ?? 0);
  if (now > latest + FIVE_YEARS_MS) return { wrong: 'ahead', compared: latest };
  if (median === undefined || now >= median) return { date: now };
  const behindMs = median - now;
  if (behindMs > DAY_MS) return { wrong: 'behind', compared: median };
  return behindMs > NOTICED_MS ? { date: median, behindMs } : { date: median };
}

/** Returns the median of times in ms since 1970. */
export function medianOf(times: readonly number[]): number | undefined {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}
