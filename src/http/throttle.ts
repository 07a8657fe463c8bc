import { networkOf } from './source.ts';

/*
 * Failed sign-ins lengthen the wait, for each name from any address and for each address with any name. The counts are
 * in memory, so a restart resets them.
 */

/** Failures of a name before the first wait: typing errors of one person in a row. */
const FREE_FOR_NAME = 5;

/** Failures of an address before the first wait: many people sign in from one address when a shift starts. */
const FREE_FOR_SOURCE = 20;

/** The first wait after the free failures. Each further failure doubles the wait. */
const FIRST_WAIT_MS = 1000;

/** The longest wait: 1,440 guesses a day find no password of 12 characters, and its owner waits at most a minute. */
const LONGEST_WAIT_MS = 60_000;

/** Failures are forgotten after this time without a new failure. */
const FORGET_MS = 15 * 60 * 1000;

/** Entries have some 200 bytes each. When the table is full, the entry that was idle for longest is dropped. */
const MAX_ENTRIES = 10_000;

export interface Throttle {
  /** Admits an attempt, or returns the milliseconds until the next attempt is allowed. */
  admit: (name: string, source: string) => { waitMs: number } | Attempt;
}

/** An attempt counts as a failure at once, so that concurrent attempts all count. The count is corrected afterwards. */
export interface Attempt {
  passed: () => void;
  /** Call this if the password was not checked. */
  cancelled: () => void;
}

interface Failures {
  count: number;
  lastAt: number;
}

/** `clock` is a monotonic time in ms. */
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
      // Guesses from other addresses must not lock the owner out at an address where the owner signed in earlier.
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

/** Puts the newest entry last. The first entry is then the one that was idle for longest. */
function put<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
}
