/**
 * Token buckets: each name may take `rate` tokens a minute. A full bucket holds a minute's worth, which may be taken at
 * once. What is refused takes nothing, so who keeps asking is served as soon as there is a token.
 */
export interface Buckets {
  /** Takes a token: 0, or the ms after which there is one. */
  take: (name: string) => number;
  /** Buckets kept now. */
  size: () => number;
}

const MINUTE_MS = 60_000;

/** Sums of fractions of a ms are off by less; the smallest fraction, at a million a minute, is 60 times this. ms */
const ROUNDING_MS = 0.001;

/**
 * Buckets kept at once, some 5 MB of them: more addresses in two minutes than any line has. Whoever comes new beyond
 * that shares one bucket with all others who do: a flood of addresses costs no more memory, gets no more than one
 * address, and takes nothing from the addresses that were there before it.
 */
export const MAX_BUCKETS = 50_000;

/** A name that no address and no station has. */
const NEWCOMERS = '';

/**
 * A bucket is one number, the time at which it will be full again (ITU-T I.371's generic cell rate algorithm, in its
 * virtual scheduling form). One that is full already says nothing, so it is dropped: a bucket is full a minute after its last token at the latest,
 * and those that gave none during a whole turn of a minute go together, without a look at each.
 */
export function openBuckets(rate: number, nowMs: () => number, most = MAX_BUCKETS): Buckets {
  const tokenMs = MINUTE_MS / rate;
  let recent = new Map<string, number>();
  let earlier = new Map<string, number>();
  let turnedAt = nowMs();

  const turn = (now: number): void => {
    if (now - turnedAt < MINUTE_MS) return;
    earlier = recent;
    recent = new Map();
    turnedAt = now;
  };
  const take = (name: string): number => {
    const now = nowMs();
    turn(now);
    const known = recent.get(name) ?? earlier.get(name);
    if (known === undefined && name !== NEWCOMERS && recent.size + earlier.size >= most) return take(NEWCOMERS);
    const fullAt = Math.max(known ?? now, now) + tokenMs;
    const waitMs = fullAt - now - MINUTE_MS;
    if (waitMs > ROUNDING_MS) return waitMs;
    earlier.delete(name);
    recent.set(name, fullAt);
    return 0;
  };
  return { take, size: () => recent.size + earlier.size };
}
