import { createWriteStream, writeFileSync } from 'node:fs';
import { drawReport } from '../report/pdf.ts';
import type { ReportMade, ReportTask } from '../contract/reports.ts';
import { reportOf, type Report } from '../decide/report.ts';
import { workInChild } from '../platform/spool.ts';
import { gather } from '../sqlite/report-data.ts';

/* This child process makes a reconciliation report. */

workInChild(async ({ ledger, out, scope, format, limit, at }: ReportTask): Promise<ReportMade> => {
  const report = reportOf(gather(ledger, scope), at, limit);
  if (format === 'json') writeFileSync(out, JSON.stringify(report), { flag: 'wx', mode: 0o600 });
  else await drawReport(report, createWriteStream(out, { flags: 'wx', mode: 0o600 }));
  return { count: unitsIn(report) };
});

function unitsIn({ lists, signedOff = [] }: Report): number {
  return Object.values(lists).reduce((sum, list) => sum + list.length, signedOff.length);
}
