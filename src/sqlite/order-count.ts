import type { PrintJob } from '../model/print-job.ts';
import type { Unit } from '../model/unit.ts';
import type { OrderCounted } from '../decide/orders/close-order.ts';
import type { Snapshot } from '../model/event-data.ts';
import { refusal } from '../platform/error.ts';
import { rootOf, unpackRange } from '../proof/tree.ts';
import { existing } from './existing.ts';
import { jobFrom, SELECT_JOB, type JobRow } from './job-row.ts';
import { openForReading } from './open.ts';
import { openTables } from './tables.ts';
import { SELECT_HEAD, type HeadRow } from './tree-head.ts';

/** The units and print jobs of a work order in a snapshot. The snapshot can be moved forward to the newest events. */
export interface OrderCount {
  /**
   * Reads, in one snapshot, everything that has changed since the last call. The first call reads all units of the work
   * order. Throws `not-found` if there is no such work order.
   */
  catchUp: () => OrderCounted & { snapshot: Snapshot };
  /** Returns how many events were added since the last call of `catchUp`. */
  behind: () => number;
  close: () => void;
}

/**
 * `onRow` is called for each unit and each event that is read, so that this process can pause to let other processes
 * run.
 */
export function openOrderCount(file: string, workOrder: string, onRow: () => void): OrderCount {
  const db = openForReading(file);
  const { seen, scopes, forget } = openTables(db);
  const head = db.prepare<[], HeadRow>(SELECT_HEAD);
  const changed = db
    .prepare<[number], string>(
      `SELECT DISTINCT line ->> '$.uci' FROM event WHERE seq > ? AND line ->> '$.uci' NOT NULL`,
    )
    .pluck();
  const jobsOf = db.prepare<[number], JobRow>(`${SELECT_JOB} WHERE print_job.unit = ? ORDER BY print_job.id`);
  const units = new Map<number, Unit>();
  const jobs = new Map<number, PrintJob[]>();
  let size = 0;

  const readAll = (): void => {
    const ids = new Map<string, number>();
    for (const unit of scopes.unitsIn({ workOrder })) {
      units.set(unit.id, unit);
      ids.set(unit.uci, unit.id);
      onRow();
    }
    for (const job of scopes.jobsIn({ workOrder })) {
      const id = existing(ids.get(job.uci));
      jobs.set(id, [...(jobs.get(id) ?? []), job]);
    }
  };
  const readUnit = (uci: string): void => {
    const unit = seen.unit(uci);
    if (unit === undefined) return;
    units.delete(unit.id);
    jobs.delete(unit.id);
    if (unit.workOrder !== workOrder) return;
    units.set(unit.id, unit);
    jobs.set(unit.id, jobsOf.all(unit.id).map(jobFrom));
  };
  const read = (): OrderCounted & { snapshot: Snapshot } => {
    const order = seen.workOrder(workOrder);
    if (order === undefined) throw refusal('not-found', 'workOrder', { workOrder });
    const { size: newest, range } = existing(head.get());
    if (size === 0) readAll();
    else
      for (const uci of changed.all(size)) {
        readUnit(uci);
        onRow();
      }
    size = newest;
    return {
      units: [...units.values()].toSorted((a, b) => a.id - b.id),
      jobs: [...jobs.values()].flat().toSorted((a, b) => a.id - b.id),
      product: existing(seen.product(order.product)),
      order,
      snapshot: { size, root: Buffer.from(rootOf(unpackRange(size, range))).toString('hex') },
    };
  };
  return {
    catchUp() {
      forget();
      return db.transaction(read).deferred();
    },
    behind: () => existing(head.get()).size - size,
    close: () => db.close(),
  };
}
