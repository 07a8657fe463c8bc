import { refusal } from '../platform/error.ts';
import { networkOf } from './source.ts';

/**
 * Callers that look up unknown Claim IDs are slowed down, so that no one finds a Claim ID by guessing. Only misses
 * count. After too many misses, every look-up of that caller is refused, whether the ID exists or not.
 */
export interface Lookups {
  /** Throws `lookups-throttled` when the caller has missed too often. */
  refuse: (actor: string, address: string) => void;
  /** Counts a look-up of a unit that is missing or not visible to the caller. */
  missed: (actor: string, address: string, times?: number) => void;
}

/** Misses that are free: more than anyone makes by typing errors or by scanning a carton instead of a label. */
const BURST = 20;

/**
 * After this time one more miss is free: 10.5 million guesses a year. With a million Claim IDs of 50 bits in the
 * ledger, one guess in 1.1 thousand million hits, so the chance to find one in a year is less than 1 in 100.
 */
const REFILL_MS = 3000;

/** Callers in the table, some 100 bytes each: one MiB. */
const MAX_KEPT = 10_000;

/** Once the table is full, new callers share one counter, so that changing the address for each guess gains nothing. */
const EVERYBODY_ELSE = '';

/** This caller is not limited: a local user with this token can read the ledger's file anyway. */
const UNLIMITED = 'local';

export function countLookups(now: () => number): Lookups {
  /** Misses that still count. Concurrent requests may exceed BURST. */
  const kept = new Map<string, { misses: number; at: number }>();

  const missesOf = (name: string): number => {
    const { misses, at } = kept.get(name) ?? { misses: 0, at: 0 };
    // Setting the clock back must not lengthen the wait.
    return Math.max(0, misses - Math.max(0, now() - at) / REFILL_MS);
  };
  const nameOf = (actor: string, address: string): string => {
    const name = `${actor} ${networkOf(address)}`;
    if (kept.has(name) || kept.size < MAX_KEPT) return name;
    for (const one of kept.keys()) if (missesOf(one) === 0) kept.delete(one);
    return kept.size < MAX_KEPT ? name : EVERYBODY_ELSE;
  };

  return {
    refuse(actor, address) {
      const over = missesOf(nameOf(actor, address)) - (BURST - 1);
      if (actor === UNLIMITED || over <= 0) return;
      throw refusal('lookups-throttled', 'wait', { waitS: Math.ceil((over * REFILL_MS) / 1000) });
    },
    missed(actor, address, times = 1) {
      const name = nameOf(actor, address);
      kept.set(name, { misses: missesOf(name) + times, at: now() });
    },
  };
}
