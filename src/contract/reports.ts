import type { Scope } from '../decide/reconcile.ts';
import type { Spooled } from '../platform/spool.ts';

/** Reconciliations, drawn up beside the line: by a child process, from one snapshot. */
export interface Reports {
  /** Throws `not-found` where there is no such work order or roll. */
  draw(scope: Scope, format: 'json' | 'pdf', limit?: number): Promise<Spooled<ReportMade>>;
}

/* The task of the child process, and its result. */

export interface ReportTask {
  ledger: string;
  out: string;
  scope: Scope;
  format: 'json' | 'pdf';
  /** Units that each list holds at most; else all. */
  limit?: number;
  at: number;
}

/** The child's result: how many Claim IDs the file holds. */
export interface ReportMade {
  count: number;
}
