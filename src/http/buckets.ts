/**
 * Token buckets. Each name may take `rate` tokens per minute, and a full bucket contains the tokens for one minute. A
 * refusal takes no token, so a caller that keeps asking is served as soon as its bucket has a token.
 */
export interface Buckets {
  /** Takes a token and returns 0. If the bucket is empty, returns the milliseconds until it has a token. */
  take: (name: string) => number;
  /** Puts a token back. Call this if the action for which the token was taken did not happen. */
  giveBack: (name: string) => void;
  size: () => number;
}

const MINUTE_MS = 60_000;

/**
 * A computed wait of at most this length (ms) is only a rounding error, so the caller need not wait. The time between
 * two tokens is much longer: even at a million tokens per minute, it is 60 times this length.
 */
const ROUNDING_MS = 0.001;

/**
 * A full table takes about 5 MB and has room for more addresses than any production line uses in two minutes. Once the
 * table is full, new addresses share one bucket. So a flood of new addresses uses no more memory and takes no tokens
 * from known addresses.
 */
export const MAX_BUCKETS = 50_000;

/** The name of the shared bucket. No address or station can have this name. */
const NEWCOMERS = '';

/**
 * For each bucket, stores only the time at which the bucket will be full (the generic cell rate algorithm of ITU-T
 * I.371, virtual scheduling). A bucket is full at the latest one minute after the last token was taken from it. So all
 * buckets that have not been used for a minute are removed together.
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
  const giveBack = (name: string): void => {
    const bucket = recent.has(name) ? name : NEWCOMERS;
    const fullAt = recent.get(bucket);
    if (fullAt !== undefined) recent.set(bucket, fullAt - tokenMs);
  };
  return { take, giveBack, size: () => recent.size + earlier.size };
}
