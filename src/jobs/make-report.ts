import type { ReportMade, Reports, ReportTask } from '../contract/reports.ts';
import type { Spool } from '../platform/spool.ts';

export function openReports(
  ledger: string,
  spool: Spool,
  now: () => number,
  siteName: () => string | undefined,
): Reports {
  return {
    draw(scope, format, by, options) {
      const task = (out: string): ReportTask => ({
        ledger,
        out,
        scope,
        format,
        at: now(),
        by,
        site: siteName(),
        ...options,
      });
      return spool.make<ReportMade>({ by, entry: 'jobs/make-report-child.js', ending: format, task });
    },
  };
}
