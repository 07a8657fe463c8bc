import type Database from 'better-sqlite3';
import { COMPARED_EVENTS, medianOf } from '../model/clock.ts';
import { parseLine, type Event } from '../model/event.ts';

/**
 * The median time of the newest events. The times are read from the ledger once. After that, each new event updates the
 * median.
 */
export interface RecentTimes {
  median: () => number | undefined;
  add: (event: Pick<Event, 'at'>) => void;
  /** Must be called after a rollback. */
  forget: () => void;
}

export function openRecentTimes(db: Database.Database): RecentTimes {
  const newest = db.prepare<[number], string>(`SELECT line FROM event ORDER BY seq DESC LIMIT ?`).pluck();
  let times: number[] | undefined;
  let median: number | undefined;
  return {
    median() {
      times ??= newest
        .all(COMPARED_EVENTS)
        .map((line) => parseLine(line).at)
        .toReversed();
      median ??= medianOf(times);
      return median;
    },
    add({ at }) {
      if (times === undefined) return;
      times = [...times.slice(1 - COMPARED_EVENTS), at];
      median = undefined;
    },
    forget() {
      times = undefined;
      median = undefined;
    },
  };
}
