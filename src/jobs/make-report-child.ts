import { createWriteStream, writeFileSync } from 'node:fs';
import type { ReportMade, ReportTask } from '../contract/reports.ts';
import { reportOf, type Gathered, type Report } from '../decide/report.ts';
import { beginningsIn, maskJson } from '../model/masking.ts';
import { workInChild } from '../platform/spool.ts';
import { openForReading } from '../sqlite/open.ts';
import { gather, notFound } from '../sqlite/report-data.ts';
import { openUnitNumbers } from '../sqlite/unit-numbers.ts';

/* This child process makes a reconciliation report. */

workInChild(
  async ({
    ledger,
    out,
    scope,
    format,
    limit,
    since = false,
    auditor,
    at,
    by,
    site,
  }: ReportTask): Promise<ReportMade> => {
    const gathered = gather(ledger, scope);
    const { since: later, ...atClosing } = reportOf(gathered, at, limit);
    const complete = since && later !== undefined ? { ...atClosing, since: later } : atClosing;
    const report = auditor === undefined ? complete : forAuditor(ledger, gathered, complete, auditor.products);
    if (format === 'json') writeFileSync(out, JSON.stringify(report), { flag: 'wx', mode: 0o600 });
    else {
      // Only a PDF needs pdfkit, and loading it takes two fifths of the time of a start.
      const { drawReport } = await import('../report/pdf.ts');
      await drawReport(report, createWriteStream(out, { flags: 'wx', mode: 0o600 }), { by, site });
    }
    return { count: unitsIn(report) };
  },
);

/**
 * Returns the report as an auditor may see it. The scope may name a roll or a work order of another product. An auditor
 * who asks for such a scope gets the same answer as for an unknown name. The report does not contain the root of the
 * tree, because with the root, an auditor could try all missing letters of a Claim ID offline.
 */
function forAuditor(ledger: string, { scope, units }: Gathered, complete: Report, products: readonly string[]): Report {
  const { root: _root, ...report } = complete;
  if (units.some(({ product }) => !products.includes(product))) throw notFound(scope);
  const db = openForReading(ledger);
  try {
    const masked = maskJson(report, openUnitNumbers(db)(beginningsIn(report), products));
    return JSON.parse(JSON.stringify(masked));
  } finally {
    db.close();
  }
}

function unitsIn({ lists, signedOff = [], since }: Report): number {
  const apart = signedOff.length + (since?.units.length ?? 0);
  return Object.values(lists).reduce((sum, list) => sum + list.length, apart);
}
