/**
 * How many new Claim IDs any hour may see. Whether a request needs one is known only after the ledger has looked, so a
 * place is reserved before it and settled after it: requests that are under way together cannot pass the cap.
 */
export interface HourlyCap {
  /** Takes a place, where one is free. */
  reserve: () => boolean;
  /** The end of a reserved place: counted for an hour when the Claim ID was made, else free again. */
  settle: (made: boolean) => void;
  /** When a place is free unless others take it, or at least it is known when. ms */
  waitMs: () => number;
}

const MINUTE_MS = 60_000;

/** An hour and the minute it began in: what was counted early in a minute leaves only with the end of it. */
const COUNTED_MINUTES = 61;

/** By then a place that is only reserved now is settled: the ledger's next commit does it. ms */
const SETTLES_MS = 1000;

export function openHourlyCap(most: number, nowMs: () => number): HourlyCap {
  /** The Claim IDs of each minute that had any, oldest first: never more than COUNTED_MINUTES entries. */
  const minutes: { minute: number; made: number }[] = [];
  /** In all of those minutes. */
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
