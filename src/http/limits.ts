import { randomInt } from 'node:crypto';
import { isReachable, variableOf, type Config } from '../config.ts';
import { ClaimstampError, isCode, refusal, wordsOf } from '../platform/error.ts';
import type { Log } from '../platform/log.ts';
import type { IssueRequest, Issued } from '../decide/issue.ts';
import { manyProducts } from '../decide/new-unit.ts';
import {
  adviceEnds,
  limitsOf,
  stationMost,
  type Introduced,
  type Limit,
  type Limits as LimitList,
} from '../model/limits.ts';
import { keyStationOf, networkOf } from '../model/station.ts';
import type { At } from './admission.ts';
import { openBuckets } from './buckets.ts';
import { openHourlyCap, type HourlyCap } from './hourly-cap.ts';
import type { Refusals } from './refusals.ts';
import { keysOf } from '../platform/own.ts';

/**
 * Limits for agents. The counts are kept in memory, except for the count of new products, which is in the ledger. The
 * limits on new Claim IDs never refuse a repeated request. Depending on the limit's setting, a check throws a refusal,
 * or only records an alarm or a log entry.
 */
export interface Limits {
  /** Counts one request from this source. Throws `rate-limited` with the time to wait. */
  source: (at: At) => void;
  /** Counts one request at this station. Throws `rate-limited` with the time to wait. */
  station: (at: At) => void;
  /** Checks the size of a body that the ledger would store. Throws `too-large`. */
  body: (bytes: number, at: At) => void;
  /**
   * Calls `ask` and tells it what the limits still allow. If `ask` makes a new Claim ID, counts the Claim ID. Throws
   * the errors that `ask` throws.
   */
  issue: (at: At, ask: (allowed: Allowed) => Promise<Issued>) => Promise<Issued>;
  /** Counts a refused request from this address. Returns how long, in ms, the service delays the refusal. */
  delayMs: (address: string) => number;
  /** Returns the number of new Claim IDs in the last hour and their limit, or undefined if the limit is off. */
  ofHour: () => { made: number; most: number } | undefined;
}

/**
 * The limits, as fields of the command. The ledger applies the limits, because only the ledger can tell whether a
 * request needs a new unit.
 */
type Allowed = Pick<IssueRequest, 'capped' | 'sourceCapped' | 'productCap'>;

export interface LimitParts {
  introduced: Introduced;
  now: () => number;
  /** A monotonic clock in ms, so that a change of the wall clock does not affect the limits. */
  clock: () => number;
  alarms: Refusals;
  /** While a limit is only advisory, the service logs which requests the limit would refuse. */
  advice: Refusals;
}

/** Refuses, reports or logs a request above a limit. The limit's setting decides what happens. */
type Judge = (limit: Limit, at: At, error: ClaimstampError) => void;

export function openLimits(config: Config, { introduced, now, clock, alarms, advice }: LimitParts): Limits {
  const ends = adviceEnds(introduced, now()) ?? -Infinity;
  const list = limitsOf(config, isReachable(config), now() < ends);
  const advises = ({ above }: Limit): boolean => above === 'advise' && now() < ends;
  const perHour = list.hourlyCap && { cap: openHourlyCap(list.hourlyCap.most, clock), limit: list.hourlyCap };
  const judge: Judge = (limit, at, error) => {
    if (limit.above === 'alarm') alarms.note(at.station, at.source, error);
    else if (advises(limit)) advice.note(at.station, at.source, error);
    else throw error;
  };
  return {
    source: perSource(list.addressRate, clock, judge),
    station: perStation(list.stationRate, clock, judge),
    body: (bytes, at) => {
      const limit = list.bodyLimit;
      if (limit === undefined || bytes <= limit.most) return;
      judge(limit, at, refusal('too-large', 'agentBody', { bytes, max: limit.most }));
    },
    issue: issuing(list, { clock, judge, advises }, perHour),
    ofHour: () => perHour && { made: perHour.cap.made(), most: perHour.limit.most },
    delayMs: delaying(list.addressRate, clock),
  };
}

/**
 * The shortest and the longest delay of a refusal in ms. A client waits for an answer before it sends its next request
 * on the same connection. So a client with sixteen connections gets about eleven refusals per second. The delay varies:
 * with a fixed delay, all connections of a client would send their next requests at the same moment.
 */
const DELAY_MS = 1000;
const LONGEST_DELAY_MS = 2000;

/** The number of refusals per minute that forty waiting devices behind one router cause. */
const REFUSALS_A_MINUTE = 1200;

/**
 * Devices behind one router may ask at the same time. So an address may get the refusals of this many seconds all at
 * once, without delay.
 */
const BURST_S = 2;

const MINUTE_S = 60;

/**
 * Delays the refusals of an address that is refused too often. Each refusal costs processor time. So without the delay,
 * a device could slow down other devices by repeating refused requests as fast as it can.
 */
function delaying(limit: Limit | undefined, clock: () => number): Limits['delayMs'] {
  if (limit?.above !== 'refuse') return () => 0;
  // These buckets get a faster clock, so that a bucket refills within BURST_S instead of a minute.
  const faster = MINUTE_S / BURST_S;
  const buckets = openBuckets(REFUSALS_A_MINUTE / faster, () => clock() * faster);
  return (address) => (buckets.take(networkOf(address)) > 0 ? randomInt(DELAY_MS, LONGEST_DELAY_MS) : 0);
}

function perSource(limit: Limit | undefined, clock: () => number, judge: Judge): Limits['source'] {
  if (limit === undefined) return () => {};
  const { most } = limit;
  const buckets = openBuckets(most, clock);
  return (at) => {
    const waitMs = buckets.take(at.sender);
    if (waitMs === 0) return;
    const keyed = keyStationOf(at.sender);
    const values = { rate: most, waitS: wholeSeconds(waitMs), setting: 'CLAIMSTAMP_ADDRESS_RATE' };
    judge(
      limit,
      at,
      keyed === undefined
        ? refusal('rate-limited', 'address', { ...values, name: at.sender })
        : refusal('rate-limited', 'key', { ...values, name: keyed }),
    );
  };
}

function perStation(limit: Limit | undefined, clock: () => number, judge: Judge): Limits['station'] {
  if (limit === undefined) return () => {};
  const rates = new Map<number, ReturnType<typeof openBuckets>>();
  const bucketsOf = (rate: number): ReturnType<typeof openBuckets> => {
    const buckets = rates.get(rate) ?? openBuckets(rate, clock);
    rates.set(rate, buckets);
    return buckets;
  };
  return (at) => {
    const rate = stationMost(limit, at.station);
    const waitMs = bucketsOf(rate).take(at.station);
    if (waitMs === 0) return;
    const values = { rate, name: at.station, setting: 'CLAIMSTAMP_STATION_RATE' };
    judge(
      limit,
      at,
      limit.above === 'alarm'
        ? refusal('rate-limited', 'stationAlarm', values)
        : refusal('rate-limited', 'station', { ...values, waitS: wholeSeconds(waitMs) }),
    );
  };
}

interface Counters {
  clock: () => number;
  judge: Judge;
  advises: (limit: Limit) => boolean;
}

/** Limits the new Claim IDs of all agents together, the new Claim IDs of each source, and new products. */
function issuing(
  { sourceCap, productCap }: LimitList,
  parts: Counters,
  hourly: HourLimit | undefined,
): Limits['issue'] {
  const { judge, advises } = parts;
  const perHour = hourly === undefined ? undefined : countHour(hourly, parts);
  const ofSource = sourceCap === undefined ? undefined : countSource(sourceCap, parts);
  const products = (): Allowed =>
    productCap === undefined
      ? {}
      : { productCap: { most: productCap.most, ...(advises(productCap) ? { advise: true as const } : {}) } };
  return async (at, ask) => {
    const hour = perHour?.reserve();
    const source = ofSource?.reserve(at);
    let made = false;
    try {
      const issued = await ask({ ...products(), ...hour?.allowed, ...source?.allowed });
      made = issued.made === true;
      if (made) for (const one of [hour, source]) one?.note(at);
      if (issued.manyProducts && productCap)
        judge(productCap, at, manyProducts(issued.product, { max: productCap.most, source: at.sender }));
      return issued;
    } catch (error) {
      const waitS = source?.allowed.sourceCapped ? source.waitS() : hour?.waitS();
      if (!isCode(error, 'hourly-cap') || waitS === undefined) throw error;
      throw new ClaimstampError('hourly-cap', wordsOf(error), waitS);
    } finally {
      hour?.settle(made);
      source?.settle(made);
    }
  };
}

/**
 * A reservation of one new Claim ID within a limit. The reservation is made before the request, and is settled after
 * the request.
 */
interface Place {
  allowed: Allowed;
  /** Records an alarm or a log entry after a Claim ID above the limit was made. */
  note: (at: At) => void;
  settle: (made: boolean) => void;
  waitS: () => number;
}

interface HourLimit {
  limit: Limit;
  cap: HourlyCap;
}

function countHour({ limit, cap }: HourLimit, { judge }: Counters): { reserve: () => Place } {
  const waitS = (): number => wholeSeconds(cap.waitMs());
  return {
    reserve() {
      const isFree = cap.reserve();
      const refuses = !isFree && limit.above === 'refuse';
      return {
        allowed: refuses ? { capped: true } : {},
        note: (at) => {
          if (!isFree) judge(limit, at, refusal('hourly-cap', 'alarm', { max: limit.most }));
        },
        settle: (made) => {
          if (isFree) cap.settle(made);
        },
        waitS,
      };
    },
  };
}

const HOUR_IN_MINUTES = 60;

function countSource(limit: Limit, { clock, judge, advises }: Counters): { reserve: (at: At) => Place } {
  // These buckets get a clock that counts an hour as a minute, so that a bucket refills within an hour.
  const buckets = openBuckets(limit.most, () => clock() / HOUR_IN_MINUTES);
  return {
    reserve(at) {
      const waitMs = buckets.take(at.sender) * HOUR_IN_MINUTES;
      const isFree = waitMs === 0;
      return {
        allowed: isFree || advises(limit) ? {} : { sourceCapped: { max: limit.most, source: at.sender } },
        note: () => {
          if (!isFree) judge(limit, at, refusal('hourly-cap', 'source', { max: limit.most, source: at.sender }));
        },
        settle: (made) => {
          if (isFree && !made) buckets.giveBack(at.sender);
        },
        waitS: () => wholeSeconds(waitMs),
      };
    },
  };
}

/**
 * Logs all limits in one line. In an upgraded installation, the log also says what to do before the default limits take
 * effect.
 */
export function logLimits(log: Log, config: Config, introduced: Introduced, now: number): void {
  const ends = adviceEnds(introduced, now) ?? -Infinity;
  const list = limitsOf(config, isReachable(config), now < ends);
  const limits = Object.fromEntries(
    keysOf(list).map((name) => {
      const limit = list[name];
      return [variableOf(name), limit === undefined ? 'off' : `${limit.most}, ${limit.above}`];
    }),
  );
  log.info({ limits }, 'limits for agents; to turn a limit off, set it to off');
  const advising = keysOf(list)
    .filter((name) => list[name]?.above === 'advise')
    .map(variableOf);
  if (advising.length === 0) return;
  const refusesFrom = new Date(ends).toISOString();
  log.warn(
    { settings: advising, refusesFrom },
    `these limits are newer than this installation, so the service only logs requests above them until ${refusesFrom}, and refuses such requests after that: set each limit to a number that fits the line, or to off`,
  );
}

/** The waiting time is rounded up, so that a caller that waits this long is served. */
function wholeSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
