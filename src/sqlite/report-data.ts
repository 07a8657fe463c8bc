import { existing } from './existing.ts';
import { type ClaimstampError, refusal } from '../platform/error.ts';
import type { Event } from '../model/event.ts';
import { readEvent } from '../model/event-check.ts';
import { counted, type Scope } from '../decide/reconcile.ts';
import type { Gathered, UnitEnd } from '../decide/report.ts';
import type { Seen } from '../decide/seen.ts';
import { rootAt, rootOf, unpackRange } from '../proof/tree.ts';
import { firstLifeEnd } from '../model/returns/lives.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';
import { openForReading } from './open.ts';
import { endedSince, rewound } from './rewind.ts';
import { openSubtreeHashes } from './subtrees.ts';
import { openTables } from './tables.ts';
import { SELECT_HEAD, type HeadRow } from './tree-head.ts';

function ordersOf(units: Unit[], { workOrder }: Pick<Seen, 'workOrder'>): Map<string, WorkOrder> {
  const names = new Set(units.flatMap(({ workOrder: name }) => name ?? []));
  return new Map([...names].map((name) => [name, existing(workOrder(name))]));
}

export function notFound(scope: Scope): ClaimstampError {
  if ('workOrder' in scope) return refusal('not-found', 'workOrder', { workOrder: scope.workOrder });
  return refusal('not-found', 'reservation', { reservation: 'reservation' in scope ? scope.reservation : '' });
}

/**
 * Reads the data of a report in one snapshot, over a new connection. For a closed work order, reads the data as it was
 * at the closing, so that signed figures never change, and also reads the events that have ended units since then.
 * Throws `not-found` if there is no such work order or reservation.
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
   * For a unit that has ended, returns the event that ended it. If a scrapped unit was voided later, this is the void
   * event.
   */
  const endOf = (lastSeq: number, before = Infinity): UnitEnd | undefined => {
    for (const text of ending.all(lastSeq)) {
      const event = readEvent(text);
      if (event.seq > before) continue;
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
    const closing = workOrder?.closed && closingAt(workOrder.closed.seq);
    const now = { units: [...tables.scopes.unitsIn(scope)], jobs: tables.scopes.jobsIn(scope) };
    const all = closing === undefined ? now : rewound(db, now, closing.seq);
    const { units, jobs } = counted(all.units, all.jobs);
    const { size, range } = existing(head.get());
    return {
      scope,
      units,
      jobs,
      products: tables.seen.products(),
      orders: ordersOf(units, tables.seen),
      workOrder,
      closing,
      now,
      ...(closing === undefined ? {} : { later: endedSince(db, now.units, closing.seq) }),
      endings: new Map(
        units.filter(isEnded).flatMap((unit) => {
          const event = endOf(unit.lastSeq, firstLifeEnd(unit));
          return event === undefined ? [] : [[unit.uci, event]];
        }),
      ),
      head:
        closing === undefined
          ? { size, root: rootOf(unpackRange(size, range)) }
          : { size: closing.seq, root: rootAt(closing.seq, openSubtreeHashes(db)()) },
    };
  };
  try {
    return db.transaction(read).deferred();
  } finally {
    db.close();
  }
}
