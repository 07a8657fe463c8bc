import { DRILLS } from '../../model/event-data.ts';
import type { DrillFact, Forecast } from './forecast.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A drill that is due does not stop the line, so the level of its forecast is always `notice`. */
export function drillForecasts({ days, heldAt }: DrillFact, now: number): Forecast[] {
  return DRILLS.flatMap((drill): Forecast[] => {
    const about = { code: 'drill', subject: drill, level: 'notice', remaining: 0 } as const;
    const at = heldAt[drill];
    if (at === undefined) return [{ ...about, says: 'drill.never', values: { drill } }];
    const dueAt = at + days * DAY_MS;
    if (now < dueAt) return [];
    const age = Math.floor((now - at) / DAY_MS);
    return [{ ...about, runsOutAt: dueAt, says: 'drill', values: { drill, age, days } }];
  });
}
