import { z } from 'zod';
import { MAX_BODY_BYTES } from './body.ts';
import { whole } from './setting-types.ts';
import { DEFAULT_STATION } from './station.ts';

/*
 * With these limits, the requests of one device cannot stop another device (promise 10). A request's source is the
 * station key in its URL, if there is one, and otherwise the sender's address (`senderOf`). The defaults apply if other
 * machines can reach the service.
 */

/**
 * The highest value that a limit on requests per minute can have. The service answers about 5,000 requests per second.
 */
const MAX_RATE = 1_000_000;

/**
 * The highest value that a limit on Claim IDs per hour can have. The service makes about 18 million Claim IDs per hour.
 */
const MAX_HOURLY_CAP = 20_000_000;

/** Agents may add at most this many products in total (decide/new-unit.ts). */
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
   * What the service does when a limit is exceeded. If `advise` is set, the service only logs the requests that it
   * would refuse.
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
 * At one station, one device waits, and a second device may reboot. Any number of devices may ask at the default
 * station, so its alarm has a higher limit.
 */
export function stationMost({ most, above }: Limit, station: string): number {
  return above === 'alarm' && station === DEFAULT_STATION ? 1200 : most;
}

/** When the ledger was first used with these limits, and whether it was in use before that. */
export interface Introduced {
  /** The time in ms since 1970. */
  at: number;
  upgraded: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * For this long (in ms) after an upgrade from a version without limits, the service only logs the requests that the
 * limits would refuse.
 */
const ADVICE_MS = 7 * DAY_MS;

/**
 * Returns the time in ms since 1970 when the defaults begin to refuse. Returns undefined for a new installation,
 * because the defaults refuse from the start in that case. Also returns undefined if the upgrade is more than a day
 * after `now`, because then the clock was wrong or someone changed the row. Otherwise, the defaults might never refuse.
 */
export function adviceEnds({ at, upgraded }: Introduced, now: number): number | undefined {
  return upgraded && at <= now + DAY_MS ? at + ADVICE_MS : undefined;
}

/**
 * Returns the limits that apply. The service refuses requests above a limit that the settings name. If a default is
 * exceeded, the service may only log or raise an alarm.
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
