import { counterCapacity, counterPeriod, counterWarning, hasSite, openSerial } from '../../model/serial.ts';
import { counterName, poolsOf, sizeOf } from '../../model/pools/pool.ts';
import { freeIn } from '../pools/draw.ts';
import type { Seen } from '../seen.ts';
import type { CounterFact, Forecast } from './forecast.ts';

/**
 * Returns the S/N counters that are in use at the time `now`, and the pools. Counters and pools that have given out no
 * number yet are left out.
 */
export function countersIn(seen: Seen, now: number, site?: string): CounterFact[] {
  return [...serialCounters(seen, now, site), ...poolCounters(seen)];
}

function poolCounters(seen: Seen): CounterFact[] {
  return seen.products().flatMap((product) =>
    poolsOf(product).flatMap(({ property, ranges }) => {
      const isBegun = ranges.some((range) => seen.counter(product.id, counterName(range)) > 0);
      const free = isBegun ? ranges.map((range) => freeIn(seen, product.id, property, range)) : [];
      const capacity = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
      const used = capacity - free.reduce((sum, count) => sum + count, 0);
      return !isBegun ? [] : [{ product: product.id, pool: true, prefix: property, pattern: '', used, capacity }];
    }),
  );
}

/** Returns the S/N counters in use. Looks up each one by its key instead of reading all counters. */
function serialCounters(seen: Seen, now: number, site?: string): CounterFact[] {
  const lots = lotsInUse(seen);
  return seen.products().flatMap(({ id, serialPattern: pattern, code }) => {
    // Without a site, no units of this product can be made.
    if (pattern === null || (site === undefined && hasSite(pattern))) return [];
    const contexts = pattern.includes('{lot}')
      ? [...(lots.get(id) ?? [])].map((lot) => ({ site, code, lot }))
      : [{ site, code }];
    return contexts.flatMap((context) => {
      const { prefix } = openSerial(pattern, now, context);
      const used = seen.counter(id, prefix);
      if (used === 0) return [];
      return [
        { product: id, prefix, used, capacity: counterCapacity(pattern), pattern, period: counterPeriod(pattern, now) },
      ];
    });
  });
}

/**
 * Returns the lots of the stations' current work orders. Closed orders are not read, because their number grows for
 * years.
 */
function lotsInUse(seen: Seen): Map<string, Set<string>> {
  const lots = new Map<string, Set<string>>();
  for (const { workOrders } of seen.stations()) {
    for (const [product, id] of Object.entries(workOrders)) {
      const lot = seen.workOrder(id)?.lot;
      if (lot !== undefined) lots.set(product, (lots.get(product) ?? new Set()).add(lot));
    }
  }
  return lots;
}

/** The percentages of the counter at which each level begins (model/serial.ts). */
const LEVEL_AT = { 50: 'notice', 80: 'warning', 95: 'critical' } as const;

const DAY_MS = 24 * 60 * 60 * 1000;

/** A rate is calculated only after this part of the counter has been used, because earlier it would be too inexact. */
const RATE_FROM_PART = 0.1;

export function counterForecast(fact: CounterFact, now: number): Forecast | undefined {
  const { product, prefix, used, capacity, pattern } = fact;
  if (fact.pool) return poolForecast(fact);
  const runsOutAt = runsOut(fact, now);
  const percent = counterWarning(counterCapacity(pattern), used);
  const step = percent === undefined ? undefined : LEVEL_AT[percent];
  const byRate = runsOutAt !== undefined;
  if (step === undefined && !byRate) return undefined;
  return {
    code: 'serial-counter',
    subject: `${product} ${prefix}`,
    level: byRate && step !== 'critical' ? 'warning' : (step ?? 'warning'),
    remaining: capacity - used,
    ...(byRate ? { runsOutAt } : {}),
    says: used >= capacity ? 'serial-counter.empty' : byRate ? 'serial-counter.rate' : 'serial-counter',
    values: { product, prefix, used, capacity },
  };
}

/** Pools have no dates, so the level of a pool's forecast depends only on how many numbers have been used. */
function poolForecast({ product, prefix: property, used, capacity }: CounterFact): Forecast | undefined {
  const percent = counterWarning(capacity, used);
  if (percent === undefined) return undefined;
  return {
    code: 'number-pool',
    subject: `${product} ${property}`,
    level: LEVEL_AT[percent],
    remaining: capacity - used,
    says: used < capacity ? 'number-pool' : 'number-pool.empty',
    values: { product, property, used, capacity },
  };
}

/**
 * Returns the time at which the counter will be used up if it continues at the average rate of its period so far.
 * Returns undefined if the period ends earlier. The average over the entire period includes nights, and a restart of
 * the service does not lose this average.
 */
function runsOut({ used, capacity, period }: CounterFact, now: number): number | undefined {
  if (period === undefined || used < RATE_FROM_PART * capacity) return undefined;
  const { from, until } = period;
  const passed = now - from;
  // The rate of one shift says little about a week, so at least a day of the period must have passed. If the period is
  // shorter than four days, a quarter of it is enough.
  if (passed < Math.min(DAY_MS, (until - from) / 4)) return undefined;
  const at = from + (passed * capacity) / used;
  return at < until ? Math.max(at, now) : undefined;
}
