import type { Scope } from '../decide/reconcile.ts';
import type { Spooled } from '../platform/spool.ts';

/** Makes reconciliation reports, in a child process and from one snapshot. */
export interface Reports {
  /** Throws `not-found` when there is no such work order or roll. */
  draw(scope: Scope, format: 'json' | 'pdf', limit?: number): Promise<Spooled<ReportMade>>;
}

export interface ReportTask {
  ledger: string;
  out: string;
  scope: Scope;
  format: 'json' | 'pdf';
  /** At most this many units in each list; default: all. */
  limit?: number;
  at: number;
}

export interface ReportMade {
  /** Claim IDs in the file. */
  count: number;
}
