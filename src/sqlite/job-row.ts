import type { PrintJob } from '../printing.ts';

export const SELECT_JOB = `SELECT print_job.id, unit.uci, printer.name AS printer, station.name AS station, print_job.state,
  print_job.reason, print_job.copies, print_job.first_copy AS firstCopy, print_job.reprint, print_job.at
  FROM print_job JOIN unit ON unit.id = print_job.unit JOIN printer ON printer.id = print_job.printer
  LEFT JOIN station ON station.id = print_job.station`;

/** A row of SELECT_JOB: its columns have the job's own names, NULL is absent. */
export function jobFrom(row: unknown): PrintJob | undefined {
  if (row === undefined) return undefined;
  return Object.fromEntries(Object.entries(row as object).filter(([, value]) => value !== null)) as unknown as PrintJob;
}
