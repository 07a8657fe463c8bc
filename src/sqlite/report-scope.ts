import type Database from 'better-sqlite3';
import type { PrintJob } from '../model/print-job.ts';
import type { Scope } from '../decide/reconcile.ts';
import type { Unit } from '../model/unit.ts';
import { jobFrom, SELECT_JOB, type JobRow } from './job-row.ts';
import type { Names } from './named-rows.ts';
import { SELECT_UNIT, unitFrom, type UnitRow } from './unit-row.ts';

/** Reads the units in a scope, in the order in which they were made, and their print jobs. */
export interface Scopes {
  unitsIn: (scope: Scope) => Iterable<Unit>;
  jobsIn: (scope: Scope) => PrintJob[];
}

const WHERE = {
  workOrder: 'unit.work_order = ?',
  reservation: 'unit.reservation = ?',
  // There is no index for the times of units. Such an index would take 15 bytes per unit, but would be used only for
  // about one report a day.
  time: 'unit.issued_at >= ? AND unit.issued_at < ?',
} as const;
type Kind = keyof typeof WHERE;

export function openScopes(db: Database.Database, names: Names): Scopes {
  const statements = <R>(select: (where: string) => string): Record<Kind, Database.Statement<number[], R>> => ({
    workOrder: db.prepare(select(WHERE.workOrder)),
    reservation: db.prepare(select(WHERE.reservation)),
    time: db.prepare(select(WHERE.time)),
  });
  const units = statements<UnitRow>((where) => `${SELECT_UNIT} WHERE ${where} ORDER BY unit.id`);
  const jobs = statements<JobRow>((where) => `${SELECT_JOB} WHERE ${where} ORDER BY print_job.id`);
  // An unknown name has no row, so its number is 0. The number 0 matches nothing, because no row has the id 0.
  const bound = (scope: Scope): [Kind, number[]] => {
    if ('workOrder' in scope) return ['workOrder', [names.workOrders.idOf(scope.workOrder) ?? 0]];
    if ('reservation' in scope) return ['reservation', [names.reservations.idOf(scope.reservation) ?? 0]];
    return ['time', [scope.from, scope.to]];
  };
  return {
    *unitsIn(scope) {
      const [kind, values] = bound(scope);
      for (const row of units[kind].iterate(...values)) yield unitFrom(row, names);
    },
    jobsIn(scope) {
      const [kind, values] = bound(scope);
      return jobs[kind].all(...values).map(jobFrom);
    },
  };
}
