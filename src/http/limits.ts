import type { Config } from '../config.ts';
import { ClaimstampError, isCode, refusal, wordsOf } from '../platform/error.ts';
import type { Issued } from '../decide/issue.ts';
import { openBuckets } from './buckets.ts';
import { openHourlyCap } from './hourly-cap.ts';

/**
 * Limits for agents, in memory, each off unless set. A request passes its address's limit, its station's, and the hourly
 * one, which counts only new Claim IDs: repeats are always answered. `rate-limited` names the time to wait.
 */
export interface Limits {
  /** One request of this address. Throws `rate-limited`. */
  address: (source: string) => void;
  /** One request at this station. Throws `rate-limited`. */
  station: (name: string) => void;
  /**
   * Calls `ask` with a place in the hour's count, or with `capped` if none is free. A new Claim ID keeps the place.
   * Throws as `ask` does.
   */
  hour: (ask: (capped: Capped) => Promise<Issued>) => Promise<Issued>;
}

/** For the command: `capped` allows no new Claim ID. */
type Capped = { capped?: true };

/** `nowMs` is monotonic: setting the wall clock must not change the limits. */
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
      throw new ClaimstampError('hourly-cap', wordsOf(error as ClaimstampError), wholeSeconds(cap.waitMs()));
    } finally {
      if (reserved) cap.settle(made);
    }
  };
}

/** Rounded up: a caller that returns at that time must be served. */
function wholeSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
