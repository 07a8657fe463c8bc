/**
 * Limits the number of new Claim IDs per hour. Only the ledger knows whether a request needs a new Claim ID. So before
 * each request, one Claim ID of the limit is reserved. After the request, the reservation is settled. The reservations
 * ensure that concurrent requests cannot exceed the limit.
 */
export interface HourlyCap {
  /** Reserves one Claim ID. Returns false if the limit is used up. */
  reserve: () => boolean;
  /**
   * Settles a reservation. If a Claim ID was made, it counts against the limit for an hour. If not, the reservation is
   * released at once.
   */
  settle: (made: boolean) => void;
  /**
   * Returns the milliseconds until another Claim ID is allowed. While there are reservations, the returned time is
   * short, because one of the reservations may soon be released.
   */
  waitMs: () => number;
  /** Returns the number of Claim IDs that were made within the last hour. */
  made: () => number;
}

const MINUTE_MS = 60_000;

/**
 * Counts are kept for an hour plus one minute. The extra minute is needed because counts expire in steps of one minute.
 */
const COUNTED_MINUTES = 61;

/** The time within which the ledger's next commit settles a reservation. */
const SETTLES_MS = 1000;

export function openHourlyCap(most: number, nowMs: () => number): HourlyCap {
  /** Claim IDs per minute, oldest first: at most COUNTED_MINUTES entries. */
  const minutes: { minute: number; made: number }[] = [];
  /** The sum of `made` in all entries. */
  let counted = 0;
  let reserved = 0;

  const minuteNow = (): number => Math.floor(nowMs() / MINUTE_MS);
  const forget = (): void => {
    const first = minuteNow() - COUNTED_MINUTES + 1;
    for (let oldest = minutes[0]; oldest && oldest.minute < first; oldest = minutes[0]) {
      counted -= oldest.made;
      minutes.shift();
    }
  };
  return {
    reserve() {
      forget();
      if (counted + reserved >= most) return false;
      reserved++;
      return true;
    },
    settle(made) {
      reserved--;
      if (!made) return;
      counted++;
      const minute = minuteNow();
      const last = minutes.at(-1);
      if (last?.minute === minute) last.made++;
      else minutes.push({ minute, made: 1 });
    },
    made() {
      forget();
      return counted;
    },
    waitMs() {
      forget();
      const [oldest] = minutes;
      if (counted < most || oldest === undefined) return SETTLES_MS;
      return (oldest.minute + COUNTED_MINUTES) * MINUTE_MS - nowMs();
    },
  };
}
