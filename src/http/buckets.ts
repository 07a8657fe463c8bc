/**
 * Token buckets: each name may take `rate` tokens a minute. A full bucket holds a minute's worth. A refusal takes no
 * token, so a caller that keeps asking is served as soon as there is one.
 */
export interface Buckets {
  /** Takes a token and returns 0, or returns the ms until there is one. */
  take: (name: string) => number;
  size: () => number;
}

const MINUTE_MS = 60_000;

/** Above the rounding error of summed fractions; the smallest fraction, at a million a minute, is 60 times this. ms */
const ROUNDING_MS = 0.001;

/**
 * Some 5 MB: more addresses in two minutes than any line has. Once the table is full, newcomers share one bucket, so
 * that a flood of addresses costs no more memory and takes nothing from known addresses.
 */
export const MAX_BUCKETS = 50_000;

/** A name that no address and no station has. */
const NEWCOMERS = '';

/**
 * A bucket is one number, the time at which it will be full again (ITU-T I.371's generic cell rate algorithm, in its
 * virtual scheduling form). A bucket is full a minute after its last token at the latest, so buckets that gave none for
 * one turn of a minute are dropped together.
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
