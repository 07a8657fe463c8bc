/**
 * How many new Claim IDs any hour may see. Whether a request needs one is known only after the ledger has looked, so a
 * place is reserved before it and settled after it: requests that are under way together cannot pass the cap.
 */
export interface HourlyCap {
  /** Takes a place, where one is free. */
  reserve: () => boolean;
  /** The end of a reserved place: counted for an hour when the Claim ID was made, else free again. */
  settle: (made: boolean) => void;
  /** When a place is free at the latest, unless others take it. ms */
  waitMs: () => number;
}

const MINUTE_MS = 60_000;

/** An hour and the minute it began in: what was counted early in a minute leaves only with the end of it. */
const COUNTED_MINUTES = 61;

/** A place that is only reserved is settled with the ledger's next commit. ms */
const SETTLES_MS = 1000;

export function openHourlyCap(most: number, nowMs: () => number): HourlyCap {
  /** The Claim IDs of each minute that had any, oldest first: never more than COUNTED_MINUTES entries. */
  const minutes: { minute: number; made: number }[] = [];
  /** Made in those minutes, and reserved. */
  let taken = 0;

  const minuteNow = (): number => Math.floor(nowMs() / MINUTE_MS);
  const forget = (): void => {
    const first = minuteNow() - COUNTED_MINUTES + 1;
    for (let oldest = minutes[0]; oldest && oldest.minute < first; oldest = minutes[0]) {
      taken -= oldest.made;
      minutes.shift();
    }
  };
  return {
    reserve() {
      forget();
      if (taken >= most) return false;
      taken++;
      return true;
    },
    settle(made) {
      if (!made) {
        taken--;
        return;
      }
      const minute = minuteNow();
      const last = minutes.at(-1);
      if (last?.minute === minute) last.made++;
      else minutes.push({ minute, made: 1 });
    },
    waitMs() {
      forget();
      const [oldest] = minutes;
      if (taken < most || oldest === undefined) return SETTLES_MS;
      return (oldest.minute + COUNTED_MINUTES) * MINUTE_MS - nowMs();
    },
  };
}
