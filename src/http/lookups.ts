import { refusal } from '../platform/error.ts';
import { networkOf } from './source.ts';

/**
 * Who asks for Claim IDs that are not there is slowed down, so that nobody finds one by trying. Only misses count: a line
 * that scans its own labels all day never meets this. Once they are used up every look-up of that asker is refused, of
 * what exists and what does not, so that the refusal tells nothing either.
 */
export interface Lookups {
  /** Throws `rate-limited` for whom has missed too often. */
  refuse: (actor: string, address: string) => void;
  /** What was asked for is not there, or not for whom asks. */
  missed: (actor: string, address: string, times?: number) => void;
}

/** People mistype, and scan the carton instead of the label: nobody does it twenty times in a minute for long. */
const BURST = 20;

/**
 * One more after this. 28,800 guesses a day, 10.5 million a year: with a million Claim IDs of 50 bits in the ledger one guess
 * in 1.1 thousand million hits, so a year of guessing finds one with a chance of less than 1 in 100. ms
 */
const REFILL_MS = 3000;

/** Askers whose misses are remembered. Some 100 bytes each: one MiB. */
const MAX_KEPT = 10_000;

/** Who comes when that many are remembered shares one count: who changes address for each guess gains nothing. */
const EVERYBODY_ELSE = '';

/** Who has a shell on the machine as the service's own user reads the ledger's file: slowing commands down protects nothing. */
const UNLIMITED = 'local';

export function countLookups(now: () => number): Lookups {
  /** Misses that the time since has not made up for yet. Requests under way together may bring them beyond BURST. */
  const kept = new Map<string, { misses: number; at: number }>();

  const missesOf = (name: string): number => {
    const { misses, at } = kept.get(name) ?? { misses: 0, at: 0 };
    // A clock that was set back makes nobody wait longer.
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
