import { LEVELS, type Forecast } from './forecast.ts';

/*
 * Some measured values keep rising above a limit and falling below it. People learn to ignore a forecast that appears
 * and disappears every minute. So a forecast remains visible until its condition has been absent for several minutes.
 */

const SWINGING = new Set<Forecast['code']>([
  'hourly-cap',
  'disk',
  'backup-room',
  'print-queue',
  'postgres-connections',
  'not-measured',
]);

const STAYS_MS = 10 * 60 * 1000;

/** A forecast, with the time at which its level was last reached (monotonic clock, in ms). */
export interface Steady {
  forecast: Forecast;
  at: number;
}

export function keyOf({ code, subject }: Pick<Forecast, 'code' | 'subject'>): string {
  return `${code} ${subject}`;
}

/**
 * Returns the forecasts to show, from those that were shown before and those that have just been found. A higher
 * level is shown at once.
 */
export function steady(
  before: ReadonlyMap<string, Steady>,
  found: readonly Forecast[],
  at: number,
): Map<string, Steady> {
  const shown = new Map(found.map((forecast): [string, Steady] => [keyOf(forecast), { forecast, at }]));
  for (const [key, former] of before) {
    if (!SWINGING.has(former.forecast.code) || at - former.at >= STAYS_MS) continue;
    const present = shown.get(key)?.forecast;
    if (present === undefined) shown.set(key, former);
    else if (isHigher(former.forecast, present))
      shown.set(key, { forecast: { ...present, level: former.forecast.level }, at: former.at });
  }
  return shown;
}

function isHigher(a: Forecast, b: Forecast): boolean {
  return rank(a) > rank(b);
}

export function rank({ level }: Pick<Forecast, 'level'>): number {
  return LEVELS.indexOf(level);
}
