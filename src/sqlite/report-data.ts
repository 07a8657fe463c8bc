import { existing } from './existing.ts';
import { type ClaimstampError, refusal } from '../platform/error.ts';
import type { Event } from '../model/event.ts';
import { readEvent } from '../model/event-check.ts';
import type { Scope } from '../decide/reconcile.ts';
import type { Gathered, UnitEnd } from '../decide/report.ts';
import { rootOf, unpackRange } from '../proof/tree.ts';
import { isEnded } from '../model/unit.ts';
import { openForReading } from './open.ts';
import { openTables } from './tables.ts';
import { SELECT_HEAD, type HeadRow } from './tree-head.ts';

export function notFound(scope: Scope): ClaimstampError {
  if ('workOrder' in scope) return refusal('not-found', 'workOrder', { workOrder: scope.workOrder });
  return refusal('not-found', 'reservation', { reservation: 'reservation' in scope ? scope.reservation : '' });
}

/**
 * Reads the data of a report in one snapshot, on a new connection. Throws `not-found` if the work order or the
 * reservation is unknown.
 */
export function gather(file: string, scope: Scope): Gathered {
  const db = openForReading(file);
  const tables = openTables(db);
  const head = db.prepare<[], HeadRow>(SELECT_HEAD);
  const line = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const reservation = db.prepare(`SELECT 1 FROM reservation WHERE name = ?`);
  const ending = db
    .prepare<[number], string>(
      `WITH RECURSIVE chain (seq, line, prev) AS (
         SELECT seq, line, prev FROM event WHERE seq = ?
         UNION ALL SELECT event.seq, event.line, event.prev FROM event JOIN chain ON event.seq = chain.prev)
       SELECT line FROM chain`,
    )
    .pluck();

  /**
   * For a unit that ended: the event that ended the unit. If a scrapped unit was made void later, the void event
   * counts.
   */
  const endOf = (lastSeq: number): UnitEnd | undefined => {
    for (const text of ending.all(lastSeq)) {
      const event = readEvent(text);
      if (event.type === 'void' || event.type === 'scrapped') return event;
    }
    return undefined;
  };
  const closingAt = (seq: number): Event<'work-order-closed'> => {
    const event = readEvent(existing(line.get(seq)));
    if (event.type !== 'work-order-closed') throw new Error(`event ${seq} does not close a work order`);
    return event;
  };
  const read = (): Gathered => {
    const workOrder = 'workOrder' in scope ? tables.seen.workOrder(scope.workOrder) : undefined;
    if ('workOrder' in scope && !workOrder) throw notFound(scope);
    if ('reservation' in scope && reservation.get(scope.reservation) === undefined) throw notFound(scope);
    const units = [...tables.scopes.unitsIn(scope)];
    const { size, range } = existing(head.get());
    return {
      scope,
      units,
      jobs: tables.scopes.jobsIn(scope),
      products: tables.seen.products(),
      workOrder,
      closing: workOrder?.closed && closingAt(workOrder.closed.seq),
      endings: new Map(
        units.filter(isEnded).flatMap(({ uci, lastSeq }) => {
          const event = endOf(lastSeq);
          return event === undefined ? [] : [[uci, event]];
        }),
      ),
      head: { size, root: rootOf(unpackRange(size, range)) },
    };
  };
  try {
    return db.transaction(read).deferred();
  } finally {
    db.close();
  }
}
