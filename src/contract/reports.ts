import type { Scope } from '../decide/reconcile.ts';
import type { Spooled } from '../platform/spool.ts';

/** Reconciliations, drawn up beside the line: by a child process, from one snapshot. */
export interface Reports {
  /** Throws `not-found` where there is no such work order or roll. */
  draw(scope: Scope, format: 'json' | 'pdf', limit?: number): Promise<Spooled<ReportMade>>;
}

/* What the service orders of a child process. */

export interface ReportTask {
  ledger: string;
  out: string;
  scope: Scope;
  format: 'json' | 'pdf';
  /** Units that each list holds at most; else all. */
  limit?: number;
  at: number;
}

/** What the child says of it: Claim IDs that the file holds. */
export interface ReportMade {
  count: number;
}
