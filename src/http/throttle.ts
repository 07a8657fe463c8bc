import { networkOf } from './source.ts';

/*
 * Guessing passwords takes longer and longer: for a name, from wherever it is tried, and for an address, whichever names
 * it tries. Kept in memory: a restart forgives.
 */

/** Typing errors of one person in a row. */
const FREE_FOR_NAME = 5;

/** A room full of people behind one address, on the first morning. */
const FREE_FOR_SOURCE = 20;

/** Behind the free ones: 1 s, and twice as long each time … */
const FIRST_WAIT_MS = 1000;

/** … up to here: 1,440 guesses a day find no password of 12 characters, and its owner gets in within a minute. */
const LONGEST_WAIT_MS = 60_000;

/** A quarter of an hour without a failure, and all is forgiven. */
const FORGET_MS = 15 * 60 * 1000;

/** Entries of some 200 bytes. Behind them the one that was quiet for longest is forgotten. */
const MAX_ENTRIES = 10_000;

export interface Throttle {
  /** Either how long to wait until the next attempt (ms), or an attempt that was let through. */
  admit: (name: string, source: string) => { waitMs: number } | Attempt;
}

/** Counted as a failure from the start, so that many at once are not one; unless it turns out otherwise. */
export interface Attempt {
  passed: () => void;
  /** The password was not looked at. */
  cancelled: () => void;
}

interface Failures {
  count: number;
  lastAt: number;
}

/** `clock` never goes back: ms since anything. */
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
      // Where the owner has signed in before, others who guess the name from elsewhere keep nobody out.
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

/** Newest last: the first key is the one that was quiet for longest. */
function put<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
}
