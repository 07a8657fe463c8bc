import { LEVELS, type Forecast } from './forecast.ts';

/*
 * Some measures go up and down around a bound. A forecast that ends and begins again each minute teaches people to ignore
 * it, so such a forecast stays until it was away for some minutes.
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

/** A forecast with the monotonic time in ms when its level was last reached. */
export interface Steady {
  forecast: Forecast;
  at: number;
}

export function keyOf({ code, subject }: Pick<Forecast, 'code' | 'subject'>): string {
  return `${code} ${subject}`;
}

/** Returns what is shown now, from what was shown before and what was found now. A higher level is shown at once. */
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
