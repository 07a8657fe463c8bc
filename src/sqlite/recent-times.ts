import type Database from 'better-sqlite3';
import { COMPARED_EVENTS, medianOf, type Times } from '../model/clock.ts';
import { parseLine, type Event } from '../model/event.ts';

/** The median time of the last events. It is read once, and then kept up to date with each new event. */
export interface RecentTimes {
  times: () => Pick<Times, 'first' | 'median'>;
  add: (event: Pick<Event, 'at' | 'type'>) => void;
  /** Call this after a rollback. */
  forget: () => void;
}

export function openRecentTimes(db: Database.Database): RecentTimes {
  const newest = db.prepare<[number], string>(`SELECT line FROM event ORDER BY seq DESC LIMIT ?`).pluck();
  const oldest = db.prepare<[], string>(`SELECT line FROM event WHERE seq = 1`).pluck();
  let times: number[] | undefined;
  let first: number | undefined;
  let median: number | undefined;
  return {
    times() {
      if (times === undefined) times = timesOf(newest.all(COMPARED_EVENTS));
      if (first === undefined) [first] = oldest.all().map((line) => parseLine(line).at);
      median ??= medianOf(times);
      return { first, median };
    },
    add({ at, type }) {
      if (times === undefined) return;
      times = type === 'clock-accepted' ? [at] : [...times.slice(1 - COMPARED_EVENTS), at];
      median = undefined;
    },
    forget() {
      times = undefined;
      first = undefined;
      median = undefined;
    },
  };
}

/** Returns the times of the lines, the newest line last. Events before the clock was accepted do not count. */
function timesOf(newestFirst: string[]): number[] {
  const events = newestFirst.map(parseLine);
  const accepted = events.findIndex(({ type }) => type === 'clock-accepted');
  return events
    .slice(0, accepted === -1 ? undefined : accepted + 1)
    .map(({ at }) => at)
    .toReversed();
}
