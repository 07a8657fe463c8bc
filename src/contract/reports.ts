import type { Scope } from '../decide/reconcile.ts';
import type { ShiftFigures } from '../decide/shift-figures.ts';
import type { Shift } from '../platform/day.ts';
import type { Spooled } from '../platform/spool.ts';

/** Makes reconciliation reports. A child process reads the data for each report from one snapshot of the ledger. */
export interface Reports {
  /** Makes the report of a work order, a day or a roll. Throws `not-found` if there is no such work order or roll. */
  draw(scope: Scope, format: 'json' | 'pdf', by: string, options?: ReportOptions): Promise<Spooled<ReportMade>>;
}

/** The figures of one day for each shift, and the name of the person who asked for them. */
export interface DayReport {
  /** The day, such as 2026-11-25. */
  day: string;
  at: number;
  by: string;
  site: string | undefined;
  shifts: (Shift & ShiftFigures)[];
}

/** Computes the figures of a day's shifts in a child process. If a PDF is wanted, the child process also draws it. */
export interface DayReports {
  count: (day: string, shifts: readonly Shift[], by: string) => Promise<(Shift & ShiftFigures)[]>;
  draw: (day: string, shifts: readonly Shift[], by: string) => Promise<Spooled<null>>;
}

export interface DayTask extends Omit<DayReport, 'shifts'> {
  ledger: string;
  shifts: readonly Shift[];
  /** The path of the PDF. If `out` is absent, the child process only counts. */
  out?: string;
}

export interface ReportOptions {
  /** The maximum number of units in each list of the report. If `limit` is absent, the lists contain all units. */
  limit?: number;
  /**
   * If true, the report of a closed work order also says what happened after the closing. If absent, the report of a
   * closed work order always stays the same, so that people can sign it.
   */
  since?: boolean;
  /**
   * Set if an auditor asks: Claim IDs are then masked, and a scope that contains units of other products is
   * `not-found`.
   */
  auditor?: { products: readonly string[] };
}

export interface ReportTask extends ReportOptions {
  ledger: string;
  out: string;
  scope: Scope;
  format: 'json' | 'pdf';
  at: number;
  /** For the PDF: who asked for the report, and the name of the site. */
  by: string;
  site: string | undefined;
}

export interface ReportMade {
  /** The number of Claim IDs in the file. */
  count: number;
}
