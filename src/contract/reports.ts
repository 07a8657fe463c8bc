import type { Scope } from '../decide/reconcile.ts';
import type { Spooled } from '../platform/spool.ts';

/** Makes reconciliation reports. For each report, a child process reads the data from one snapshot of the ledger. */
export interface Reports {
  /** Throws `not-found` if there is no such work order or roll. */
  draw(scope: Scope, format: 'json' | 'pdf', by: string, options?: ReportOptions): Promise<Spooled<ReportMade>>;
}

export interface ReportOptions {
  /** The maximum number of units in each list of the report. If no limit is given, each list has all units. */
  limit?: number;
  /** Is set if an auditor asks: Claim IDs are then masked, and a scope with units of other products is `not-found`. */
  auditor?: { products: readonly string[] };
}

export interface ReportTask extends ReportOptions {
  ledger: string;
  out: string;
  scope: Scope;
  format: 'json' | 'pdf';
  at: number;
}

export interface ReportMade {
  /** The number of Claim IDs in the file. */
  count: number;
}
