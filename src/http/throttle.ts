import { networkOf } from '../model/station.ts';

/*
 * Each failed sign-in lengthens two waits. The first wait applies to this name from this network, and the second to
 * any name from this network. A network is an IPv4 address or an IPv6 /64. The counts are kept in memory, so a
 * restart resets them.
 *
 * Failures from one network never delay a person on another network. Otherwise, anyone could lock out a person by
 * knowing the person's name. The disadvantage is that an attacker who uses many networks gets more guesses. Only
 * strong passwords protect against that: weak-password.ts says how many guesses a password must withstand.
 */

/**
 * The number of failed sign-ins with one name from one network before the first wait. A person may mistype the password
 * several times.
 */
const FREE_FOR_NAME = 5;

/**
 * The number of failed sign-ins from one network before the first wait. This limit is higher, because many people sign
 * in from one address at the start of a shift.
 */
const FREE_FOR_SOURCE = 20;

/** The first wait. Each further failure doubles the wait. */
const FIRST_WAIT_MS = 1000;

/**
 * The longest wait. With this wait, a network has 1,440 guesses a day, which is too few to find a password that
 * weak-password.ts accepts. A legitimate user on the same network has to wait too, but for a minute at most.
 */
const LONGEST_WAIT_MS = 60_000;

/** If no sign-in fails during this time (ms), earlier failures are forgotten. */
const FORGET_MS = 15 * 60 * 1000;

/**
 * Each entry takes about 200 bytes. When the table is full, the entry that has been idle longest is removed.
 */
const MAX_ENTRIES = 10_000;

export interface Throttle {
  /** Allows an attempt, or returns the milliseconds until the next attempt is allowed. */
  admit: (name: string, source: string) => { waitMs: number } | Attempt;
}

/**
 * Each attempt counts as a failure when it begins, so that concurrent attempts are all counted. When an attempt
 * succeeds or is cancelled, the count is corrected.
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

  const waitOf = (key: string, free: number): number => {
    const entry = failures.get(key);
    if (entry === undefined || entry.count < free) return 0;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (entry.count - free), LONGEST_WAIT_MS);
    return Math.max(0, entry.lastAt + wait - clock());
  };
  const count = (key: string): void => {
    const entry = failures.get(key);
    const before = entry === undefined || entry.lastAt + FORGET_MS <= clock() ? 0 : entry.count;
    // Re-inserting the entry moves it to the end, so the first entry is always the one that has been idle longest.
    failures.delete(key);
    failures.set(key, { count: before + 1, lastAt: clock() });
    const [oldest] = failures.keys();
    if (failures.size > MAX_ENTRIES && oldest !== undefined) failures.delete(oldest);
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
      const waitMs = Math.max(waitOf(pair, FREE_FOR_NAME), waitOf(source, FREE_FOR_SOURCE));
      if (waitMs > 0) return { waitMs };
      count(pair);
      count(source);
      return {
        passed() {
          failures.delete(pair);
          uncount(source);
        },
        cancelled() {
          uncount(pair);
          uncount(source);
        },
      };
    },
  };
}
