import { existing } from './existing.ts';
import { openForReading } from './open.ts';

/**
 * Returns the work orders that events after the event `after` changed, and the work orders of the units that these
 * events changed. Without `after`, or if the ledger was restored to an older state, returns the work orders that are
 * not closed. Also returns the number of the last event that was read.
 */
export function changedOrders(file: string, after: number | undefined): { ids: string[]; upto: number } {
  const db = openForReading(file);
  try {
    return db
      .transaction(() => {
        const upto = existing(db.prepare<[], number>('SELECT size FROM tree_head').pluck().get());
        const ids =
          after === undefined || after > upto
            ? db.prepare<[], string>(OPEN).pluck().all()
            : db.prepare<[{ after: number }], string>(CHANGED).pluck().all({ after });
        return { ids, upto };
      })
      .deferred();
  } finally {
    db.close();
  }
}

const OPEN = `SELECT name FROM work_order WHERE settings ->> '$.closed' IS NULL ORDER BY name`;

/** Some events of a unit do not name a work order, so the work order of the unit counts too. */
const CHANGED = `
  SELECT DISTINCT name FROM (
    SELECT CASE WHEN line ->> '$.type' = 'work-order-set' THEN line ->> '$.data.id' ELSE line ->> '$.work_order' END AS name
    FROM event WHERE seq > @after
    UNION
    SELECT work_order.name
    FROM event JOIN unit ON unit.uci = line ->> '$.uci' JOIN work_order ON work_order.id = unit.work_order
    WHERE event.seq > @after)
  WHERE name IN (SELECT name FROM work_order) ORDER BY name`;
