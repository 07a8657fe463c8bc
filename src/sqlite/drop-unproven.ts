import type Database from 'better-sqlite3';
import { CLOCK } from '../decide/clock/accept-clock.ts';
import { LIMITS } from '../decide/sources.ts';
import { readEvent } from '../model/event-check.ts';
import { settleImport } from './import-rows.ts';
import { openForWriting } from './open.ts';

/**
 * Removes the rows of a restored backup that no event proves, because someone may have added them to the file. Such
 * rows are answers to requests with an Idempotency-Key, data about the sources of agents, snoozed forecasts, and claims
 * of an import. If an import has begun, keeps the parts that the import's event proves. The day on which a person last
 * accepted the clock becomes the last day on which the clock was right. The next dated S/N moves this day forward
 * again. No event proves when the limits were introduced. So if this time is later than `now` (ms since 1970), it is
 * set to `now`.
 */
export function dropUnproven(draft: string, now: number): void {
  const db = openForWriting(draft);
  try {
    db.transaction(() => {
      db.exec(`DELETE FROM once; DELETE FROM sighting; DELETE FROM invented; DELETE FROM snooze`);
      db.prepare(`DELETE FROM introduced WHERE what <> ?`).run(LIMITS);
      db.prepare(`UPDATE introduced SET at = min(at, ?)`).run(now);
      settleImport(db, now);
      const accepted = clockAccepted(db);
      if (accepted !== undefined)
        db.prepare(`INSERT INTO introduced (what, at, upgraded) VALUES (?, ?, 0)`).run(CLOCK, accepted);
    })();
  } finally {
    db.close();
  }
}

/** Returns the time (ms since 1970) at which a person last accepted the clock, according to the events. */
function clockAccepted(db: Database.Database): number | undefined {
  const line = db
    .prepare<[], string>(
      `SELECT line FROM event WHERE instr(line, '"clock-accepted"') > 0 AND line ->> '$.type' = 'clock-accepted'
       ORDER BY seq DESC LIMIT 1`,
    )
    .pluck()
    .get();
  return line === undefined ? undefined : readEvent(line).at;
}
