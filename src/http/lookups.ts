import { refusal } from '../platform/error.ts';
import { networkOf } from '../model/station.ts';

/**
 * Slows down callers that look up unknown Claim IDs, so that no one can guess a Claim ID. Only look-ups that find
 * nothing (misses) are counted. After too many misses, every look-up by that caller is refused, whether the ID exists
 * or not.
 */
export interface Lookups {
  /** Returns the number of seconds, rounded up, that the caller must wait, or 0. */
  waitS: (actor: string, address: string) => number;
  /** Throws `lookups-throttled` if the caller has had too many misses. */
  refuse: (actor: string, address: string) => void;
  /** Counts a look-up of a unit that is missing or not visible to the caller. */
  missed: (actor: string, address: string, times?: number) => void;
}

/**
 * The number of misses before the first wait. People make fewer mistakes than this. Typical mistakes are typing errors,
 * and scans of a carton instead of a label.
 */
const BURST = 20;

/**
 * The number of misses before the first wait at a kiosk. All screens of a station's kiosk share one count, whatever
 * addresses they have. So a person who has a kiosk's cookie gets no additional guesses by using many addresses. The
 * number is high enough even if three screens misread labels at the same time.
 */
export const KIOSK_BURST = 3 * BURST;

/**
 * How long, in ms, until one more miss is allowed. At this rate, a caller has 10.5 million guesses a year. If the
 * ledger has a million Claim IDs of 50 bits, one guess in 1.1 billion is right. The service also tries to read a scan
 * as if another keyboard layout had been used, so one miss tests up to ten Claim IDs. So the probability of a correct
 * guess within a year is less than 1 in 10.
 */
const REFILL_MS = 3000;

/**
 * The maximum number of callers in the table. A caller in the table takes about 100 bytes, so a full table takes about
 * one MiB.
 */
const MAX_KEPT = 10_000;

/**
 * When the table is full, new callers share one counter. So a caller gets no additional guesses by changing its
 * address.
 */
const EVERYBODY_ELSE = '';

/** The local token has no limit, because a local user who has this token can read the ledger file anyway. */
const UNLIMITED = 'local';

export function countLookups(now: () => number, burst = BURST): Lookups {
  /**
   * For each caller, the number of misses that still count. Concurrent requests can raise this number above `burst`.
   */
  const kept = new Map<string, { misses: number; at: number }>();

  const missesOf = (name: string): number => {
    const { misses, at } = kept.get(name) ?? { misses: 0, at: 0 };
    // A clock that is set back must not lengthen the wait.
    return Math.max(0, misses - Math.max(0, now() - at) / REFILL_MS);
  };
  const nameOf = (actor: string, address: string): string => {
    const name = `${actor} ${networkOf(address)}`;
    if (kept.has(name) || kept.size < MAX_KEPT) return name;
    for (const one of kept.keys()) if (missesOf(one) === 0) kept.delete(one);
    return kept.size < MAX_KEPT ? name : EVERYBODY_ELSE;
  };

  const waitS = (actor: string, address: string): number => {
    const over = missesOf(nameOf(actor, address)) - (burst - 1);
    return actor === UNLIMITED || over <= 0 ? 0 : Math.ceil((over * REFILL_MS) / 1000);
  };
  return {
    waitS,
    refuse(actor, address) {
      const wait = waitS(actor, address);
      if (wait > 0) throw refusal('lookups-throttled', 'wait', { waitS: wait });
    },
    missed(actor, address, times = 1) {
      const name = nameOf(actor, address);
      kept.set(name, { misses: missesOf(name) + times, at: now() });
    },
  };
}
