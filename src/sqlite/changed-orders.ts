import { parseLine } from '../model/event.ts';
import { existing } from './existing.ts';
import { openForReading } from './open.ts';

/** A position in the ledger: directly after the event `upto`, which happened at `at` (ms since 1970). */
export interface ToldUpto {
  upto: number;
  /** Absent if version 1.0 stored the position, or if there is no event yet. */
  at?: number | undefined;
}

/**
 * Returns the work orders that events after the position `after` changed, and the work orders of the units that these
 * events changed. Without `after`, returns the work orders that are not closed. If the ledger was restored to an older
 * state and the event at the position is another one, returns all work orders: closed ones may have changed too. Also
 * returns the position after the last event that was read.
 */
export function changedOrders(file: string, after: ToldUpto | undefined): { ids: string[] } & ToldUpto {
  const db = openForReading(file);
  try {
    return db
      .transaction(() => {
        const upto = existing(db.prepare<[], number>('SELECT size FROM tree_head').pluck().get());
        const lineOf = db.prepare<[number], string>('SELECT line FROM event WHERE seq = ?').pluck();
        const timeOf = (seq: number): number | undefined => {
          const line = lineOf.get(seq);
          return line === undefined ? undefined : parseLine(line).at;
        };
        const place = { upto, at: timeOf(upto) };
        if (after === undefined) return { ids: db.prepare<[], string>(OPEN).pluck().all(), ...place };
        const isRestored = after.upto > upto || (after.at !== undefined && timeOf(after.upto) !== after.at);
        if (isRestored) return { ids: db.prepare<[], string>(ALL).pluck().all(), ...place };
        const changed = db.prepare<[{ after: number }], string>(CHANGED).pluck();
        return { ids: changed.all({ after: after.upto }), ...place };
      })
      .deferred();
  } finally {
    db.close();
  }
}

/** The row of a removed work order stays in the table. */
const ALL = `SELECT name FROM work_order WHERE settings ->> '$.removed' IS NULL ORDER BY name`;
const OPEN = `SELECT name FROM (${ALL}) JOIN work_order USING (name) WHERE settings ->> '$.closed' IS NULL ORDER BY name`;

/** Some events of a unit do not name a work order, so this statement also returns the unit's own work order. */
const CHANGED = `
  SELECT DISTINCT name FROM (
    SELECT CASE WHEN line ->> '$.type' = 'work-order-set' THEN line ->> '$.data.id' ELSE line ->> '$.work_order' END AS name
    FROM event WHERE seq > @after
    UNION
    SELECT work_order.name
    FROM event JOIN unit ON unit.uci = line ->> '$.uci' JOIN work_order ON work_order.id = unit.work_order
    WHERE event.seq > @after)
  WHERE name IN (${ALL}) ORDER BY name`;
