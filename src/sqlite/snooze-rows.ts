import type Database from 'better-sqlite3';
import type { Kept } from '../decide/seen.ts';
import type { Snooze } from '../decide/forecasts/forecast.ts';

/** The rows of snoozed forecasts, which are not made from events. */
export interface SnoozeRows {
  all: () => Snooze[];
  keep: (row: Extract<Kept, { table: 'snooze' }>) => void;
}

export function openSnoozeRows(db: Database.Database): SnoozeRows {
  const all = db.prepare<[], Snooze>(`SELECT code, subject, level, until, actor, at FROM snooze`);
  const save = db.prepare(`INSERT INTO snooze (code, subject, level, until, actor, at)
    VALUES (@code, @subject, @level, @until, @actor, @at)
    ON CONFLICT (code, subject) DO UPDATE SET level = excluded.level, until = excluded.until, actor = excluded.actor,
      at = excluded.at`);
  return {
    all: () => all.all(),
    keep: ({ snooze }) => void save.run(snooze),
  };
}
