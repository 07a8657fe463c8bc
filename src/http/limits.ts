import type { Config } from '../config.ts';
import { ClaimstampError, isCode, refusal, wordsOf } from '../platform/error.ts';
import type { Issued } from '../decide/issue.ts';
import { openBuckets } from './buckets.ts';
import { openHourlyCap } from './hourly-cap.ts';

/**
 * Limits for agents, kept in memory: per address, per station and per hour. A limit that is not set is off. The hourly
 * limit counts only new Claim IDs, so it never refuses repeats. `rate-limited` contains the time to wait.
 */
export interface Limits {
  /** Counts one request of this address. Throws `rate-limited`. */
  address: (source: string) => void;
  /** Counts one request at this station. Throws `rate-limited`. */
  station: (name: string) => void;
  /**
   * Calls `ask` with a place reserved in the hour's count. If no place is free, calls `ask` with `capped`. The place
   * stays taken only if a new Claim ID was made. Throws the errors of `ask`.
   */
  hour: (ask: (capped: Capped) => Promise<Issued>) => Promise<Issued>;
}

/** A part of the command. If `capped` is set, the ledger makes no new Claim ID. */
type Capped = { capped?: true };

/** `nowMs` is a monotonic clock, because a change of the wall clock must not change the limits. */
export function openLimits(
  { addressRate, stationRate, hourlyCap }: Pick<Config, 'addressRate' | 'stationRate' | 'hourlyCap'>,
  nowMs: () => number,
): Limits {
  return {
    address: perMinute('address', 'CLAIMSTAMP_ADDRESS_RATE', addressRate, nowMs),
    station: perMinute('station', 'CLAIMSTAMP_STATION_RATE', stationRate, nowMs),
    hour: hourlyCap === undefined ? (ask) => ask({}) : perHour(hourlyCap, nowMs),
  };
}

function perMinute(
  what: 'address' | 'station',
  setting: string,
  rate: number | undefined,
  nowMs: () => number,
): (name: string) => void {
  if (rate === undefined) return () => {};
  const buckets = openBuckets(rate, nowMs);
  return (name) => {
    const waitMs = buckets.take(name);
    if (waitMs === 0) return;
    throw refusal('rate-limited', what, { rate, name, waitS: wholeSeconds(waitMs), setting });
  };
}

function perHour(most: number, nowMs: () => number): Limits['hour'] {
  const cap = openHourlyCap(most, nowMs);
  return async (ask) => {
    const reserved = cap.reserve();
    let made = false;
    try {
      const issued = await ask(reserved ? {} : { capped: true });
      made = issued.made === true;
      return issued;
    } catch (error) {
      if (!isCode(error, 'hourly-cap')) throw error;
      throw new ClaimstampError('hourly-cap', wordsOf(error), wholeSeconds(cap.waitMs()));
    } finally {
      if (reserved) cap.settle(made);
    }
  };
}

/** The time is rounded up, so that a caller that returns after this time is served. */
function wholeSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
