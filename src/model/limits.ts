import { z } from 'zod';
import { MAX_BODY_BYTES } from './body.ts';
import { whole } from './setting-types.ts';
import { DEFAULT_STATION } from './station.ts';

/*
 * The limits ensure that one device's requests cannot stop another device (promise 10). The source of a request is the
 * station key in its URL. If the URL has no key, the source is the sender's address (`senderOf`). The defaults apply
 * only if other machines can reach the service.
 */

/**
 * The highest value that a limit on requests per minute can have. The service answers about 5,000 requests per second.
 */
const MAX_RATE = 1_000_000;

/**
 * The highest value that a limit on Claim IDs per hour can have. The service makes about 18 million Claim IDs per hour.
 */
const MAX_HOURLY_CAP = 20_000_000;

/** The maximum number of products that agents may add in total (decide/new-unit.ts). */
const MAX_PRODUCT_CAP = 1000;

/** The schema of a limit. Both 0 and `off` turn a limit off. */
const limit = (what: string, most: number) =>
  z.preprocess((value) => (value === 'off' ? 0 : value), whole(`off or ${what}`, 0, most));

/** The settings of the limits. If a setting has no value, its default in `DEFAULTS` applies. */
export const LIMIT_SETTINGS = {
  addressRate: limit('a whole number of requests a minute', MAX_RATE).optional().meta({
    description: 'Requests a minute from each source, up to 1,000,000, or `off`: [Limits](#limits)',
    'x-default': '1,200 if other machines reach the service',
  }),
  stationRate: limit('a whole number of requests a minute', MAX_RATE).optional().meta({
    description: 'Requests a minute at each station, up to 1,000,000, or `off`: [Limits](#limits)',
    'x-default': 'only an alarm',
  }),
  hourlyCap: limit('a whole number of new Claim IDs an hour', MAX_HOURLY_CAP).optional().meta({
    description: 'New Claim IDs an hour for all agents together, up to 20,000,000, or `off`: [Limits](#limits)',
    'x-default': 'only an alarm',
  }),
  sourceCap: limit('a whole number of new Claim IDs an hour', MAX_HOURLY_CAP).optional().meta({
    description: 'New Claim IDs an hour for each source, up to 20,000,000, or `off`: [Limits](#limits)',
    'x-default': '6,000 if other machines reach the service',
  }),
  productCap: limit('a whole number of new products a day', MAX_PRODUCT_CAP).optional().meta({
    description: 'New products a day that each source may add, up to 1,000, or `off`: [Limits](#limits)',
    'x-default': '5 if other machines reach the service',
  }),
  bodyLimit: limit('a whole number of bytes', MAX_BODY_BYTES).optional().meta({
    description: "Bytes in the body of an agent's request, up to 16,384 (also with `off`): [Limits](#limits)",
    'x-default': '4,096 if other machines reach the service',
  }),
};

export type LimitName = keyof typeof LIMIT_SETTINGS;
export type LimitSettings = { [Name in LimitName]?: number | undefined };

export interface Limit {
  most: number;
  /**
   * What the service does when a limit is exceeded. `advise` means that the service only logs the requests that it
   * would otherwise refuse.
   */
  above: 'refuse' | 'alarm' | 'advise';
}
export type Limits = { [Name in LimitName]: Limit | undefined };

/**
 * Forty waiting devices behind one router send 1,200 requests per minute. Forty stations that each make a device every
 * 24 seconds need 6,000 Claim IDs per hour. An agent's standard body is about 100 bytes.
 */
const DEFAULTS: Limits = {
  addressRate: { most: 1200, above: 'refuse' },
  stationRate: { most: 120, above: 'alarm' },
  hourlyCap: { most: 5000, above: 'alarm' },
  sourceCap: { most: 6000, above: 'refuse' },
  productCap: { most: 5, above: 'refuse' },
  bodyLimit: { most: 4096, above: 'refuse' },
};

/**
 * Returns the limit of a station's requests. At one station, usually only one device is waiting, and a second device
 * may be restarting. Any number of devices may ask at the default station, so its alarm has a higher limit.
 */
export function stationMost({ most, above }: Limit, station: string): number {
  return above === 'alarm' && station === DEFAULT_STATION ? 1200 : most;
}

/** When the ledger was first used by a version that has these limits, and whether it had been in use before. */
export interface Introduced {
  /** The time in ms since 1970. */
  at: number;
  upgraded: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * For this long (in ms) after an upgrade from a version without limits, the service only logs the requests that exceed
 * the default limits.
 */
const ADVICE_MS = 7 * DAY_MS;

/**
 * Returns the time (ms since 1970) from which the service refuses requests above the default limits. Returns undefined
 * for a new installation, because there the service refuses such requests from the start. Also returns undefined if the
 * upgrade seems to be more than a day in the future. In that case, the clock was wrong or someone changed the row. If
 * such a time were accepted, the service might log such requests forever and never refuse them.
 */
export function adviceEnds({ at, upgraded }: Introduced, now: number): number | undefined {
  return upgraded && at <= now + DAY_MS ? at + ADVICE_MS : undefined;
}

/**
 * Returns the limits that apply to requests. If requests exceed a limit that is set in the settings, the service
 * refuses them. If requests exceed a default limit, the service may do less: log them, or raise an alarm.
 */
export function limitsOf(settings: LimitSettings, isReachable: boolean, isAdvised: boolean): Limits {
  const of = (name: LimitName): Limit | undefined => {
    const most = settings[name];
    if (most !== undefined) return most === 0 ? undefined : { most, above: 'refuse' };
    const usual = DEFAULTS[name];
    if (!isReachable || usual === undefined) return undefined;
    return isAdvised && usual.above === 'refuse' ? { ...usual, above: 'advise' } : usual;
  };
  return {
    addressRate: of('addressRate'),
    stationRate: of('stationRate'),
    hourlyCap: of('hourlyCap'),
    sourceCap: of('sourceCap'),
    productCap: of('productCap'),
    bodyLimit: of('bodyLimit'),
  };
}
