/**
 * Token buckets. Each name may take `rate` tokens a minute, and a full bucket contains the tokens of one minute. A
 * refusal takes no token, so a caller that repeats its request is served as soon as its bucket has a token.
 */
export interface Buckets {
  /** Takes a token and returns 0. If the bucket is empty, returns the milliseconds until the bucket has a token. */
  take: (name: string) => number;
  /** Puts a token back, because the action for which the token was taken did not happen. */
  giveBack: (name: string) => void;
  size: () => number;
}

const MINUTE_MS = 60_000;

/**
 * A wait up to this many ms is a rounding error. Even at a million tokens a minute, the time between two tokens is 60
 * times as long.
 */
const ROUNDING_MS = 0.001;

/**
 * The table takes about 5 MB. The table has room for more addresses than any production line uses in two minutes. When
 * the table is full, new addresses share one bucket. So a flood of new addresses does not need more memory, and does
 * not take tokens from known addresses.
 */
export const MAX_BUCKETS = 50_000;

/** The name of the shared bucket. An address or a station cannot have this name. */
const NEWCOMERS = '';

/**
 * For each bucket, one number is stored: the time at which the bucket will be full again (the generic cell rate
 * algorithm of ITU-T I.371, virtual scheduling). A bucket is full again within a minute after its last token was taken.
 * So all buckets that were not used for a minute are removed together.
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
