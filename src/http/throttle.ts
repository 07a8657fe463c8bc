import { networkOf } from '../model/station.ts';

/*
 * Each failed sign-in makes two waits longer: the wait for this name from any address, and the wait for this address
 * with any name. The counts are kept in memory, so a restart resets them.
 */

/** The number of failed sign-ins with one name before the first wait. One person may mistype several times. */
const FREE_FOR_NAME = 5;

/**
 * The number of failed sign-ins from one address before the first wait. When a shift starts, many people sign in from
 * one address.
 */
const FREE_FOR_SOURCE = 20;

/** The first wait. Each further failure doubles the wait. */
const FIRST_WAIT_MS = 1000;

/**
 * The longest wait. It allows 1,440 guesses a day, which are too few to find a password that weak-password.ts accepts.
 * The owner of the password also has to wait a minute at most.
 */
const LONGEST_WAIT_MS = 60_000;

/** If no sign-in fails during this time, the earlier failures are forgotten. */
const FORGET_MS = 15 * 60 * 1000;

/** Each entry takes about 200 bytes. When the table is full, the entry that was idle for longest is removed. */
const MAX_ENTRIES = 10_000;

export interface Throttle {
  /** Allows an attempt, or returns the milliseconds until the next attempt is allowed. */
  admit: (name: string, source: string) => { waitMs: number } | Attempt;
}

/**
 * An attempt counts as a failure at once, so that concurrent attempts all count. If the attempt succeeds or is
 * cancelled, the count is corrected.
 */
export interface Attempt {
  passed: () => void;
  /** Call this if the password was not checked. */
  cancelled: () => void;
}

interface Failures {
  count: number;
  lastAt: number;
}

/** `clock` returns a monotonic time in ms. */
export function openThrottle(clock: () => number): Throttle {
  const failures = new Map<string, Failures>();
  const known = new Map<string, true>();

  const waitOf = (key: string, free: number): number => {
    const entry = failures.get(key);
    if (entry === undefined || entry.count < free) return 0;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (entry.count - free), LONGEST_WAIT_MS);
    return Math.max(0, entry.lastAt + wait - clock());
  };
  const count = (key: string): void => {
    const entry = failures.get(key);
    const before = entry === undefined || entry.lastAt + FORGET_MS <= clock() ? 0 : entry.count;
    put(failures, key, { count: before + 1, lastAt: clock() });
  };
  const uncount = (key: string): void => {
    const entry = failures.get(key);
    if (entry === undefined) return;
    if (entry.count <= 1) failures.delete(key);
    else failures.set(key, { ...entry, count: entry.count - 1 });
  };

  return {
    admit(name, address) {
      const source = `source ${networkOf(address)}`;
      const pair = `${source} name ${name}`;
      // Guesses from other addresses must not lock out the owner at an address where the owner has signed in before.
      const who = known.has(pair) ? pair : `name ${name}`;
      const waitMs = Math.max(waitOf(who, FREE_FOR_NAME), waitOf(source, FREE_FOR_SOURCE));
      if (waitMs > 0) return { waitMs };
      count(who);
      count(source);
      return {
        passed() {
          failures.delete(who);
          uncount(source);
          put(known, pair, true);
        },
        cancelled() {
          uncount(who);
          uncount(source);
        },
      };
    },
  };
}

/** Puts the newest entry at the end. So the first entry of the table is the one that was idle for longest. */
function put<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
}
