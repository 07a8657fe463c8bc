/**
 * A limit of new Claim IDs per hour. Only the ledger knows whether a request needs one: a place is reserved before the
 * request and settled after it, so that concurrent requests cannot exceed the cap.
 */
export interface HourlyCap {
  /** Reserves a place; false if none is free. */
  reserve: () => boolean;
  /** Settles a reserved place: counted for an hour if a Claim ID was made, else free again. */
  settle: (made: boolean) => void;
  /** ms until a place is free, or until that time is known. */
  waitMs: () => number;
}

const MINUTE_MS = 60_000;

/** An hour and the minute in which it began: counts expire by complete minutes. */
const COUNTED_MINUTES = 61;

/** A reserved place is settled by then: the ledger's next commit does it. */
const SETTLES_MS = 1000;

export function openHourlyCap(most: number, nowMs: () => number): HourlyCap {
  /** Claim IDs per minute, oldest first: at most COUNTED_MINUTES entries. */
  const minutes: { minute: number; made: number }[] = [];
  /** Their sum. */
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
    waitMs() {
      forget();
      const [oldest] = minutes;
      if (counted < most || oldest === undefined) return SETTLES_MS;
      return (oldest.minute + COUNTED_MINUTES) * MINUTE_MS - nowMs();
    },
  };
}
