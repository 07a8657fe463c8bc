import type { Decision, Seen } from '../seen.ts';
import { LEVELS, type Forecast, type Snooze } from './forecast.ts';

export interface SnoozeForecast extends Omit<Snooze, 'at'> {
  kind: 'snooze-forecast';
}

export function snoozeForecast(
  _seen: Seen,
  { kind: _kind, ...snooze }: SnoozeForecast,
  at: number,
): Decision<{ until: number }> {
  return { events: [], answer: { until: snooze.until }, kept: [{ table: 'snooze', snooze: { ...snooze, at } }] };
}

/** Returns the snooze that currently hides this forecast, or undefined. */
export function snoozeOf(snoozes: readonly Snooze[], forecast: Forecast, now: number): Snooze | undefined {
  return snoozes.find(
    ({ code, subject, level, until }) =>
      code === forecast.code &&
      subject === forecast.subject &&
      now < until &&
      LEVELS.indexOf(forecast.level) <= LEVELS.indexOf(level),
  );
}
