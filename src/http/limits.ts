import type { Config } from '../config.ts';
import { ClaimstampError, isCode, refusal, wordsOf } from '../platform/error.ts';
import type { Issued } from '../decide/issue.ts';
import { openBuckets } from './buckets.ts';
import { openHourlyCap } from './hourly-cap.ts';

/**
 * How much agents may ask, each limit off unless it is set. A request passes its address's limit first, then its
 * station's, and last the hour's, which only new Claim IDs count against: asking again is safe, also then.
 *
 * Kept in the memory of this process, which a restart empties. Whoever is over a limit gets `rate-limited` with the
 * time after which there is room, unless others take it meanwhile.
 */
export interface Limits {
  /** One request of this address. Throws `rate-limited`. */
  address: (source: string) => void;
  /** One request at this station. Throws `rate-limited`. */
  station: (name: string) => void;
  /**
   * Asks the ledger with a place in the hour's count, or with `capped` where none is free. The place is kept by a Claim
   * ID that was made, and given back otherwise. Throws what `ask` throws.
   */
  hour: (ask: (capped: Capped) => Promise<Issued>) => Promise<Issued>;
}

/** What goes into the command: nothing, or that a new Claim ID is not to be had. */
type Capped = { capped?: true };

/** `nowMs` is monotonic: a wall clock that is set must neither open nor shut the line. */
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

/** Never early: who comes when told must get in. */
function wholeSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
