import type { PrintJob } from '../model/print-job.ts';
import type { Value } from './unit-row.ts';

/**
 * Selects print jobs. `index` is the name of the index that SQLite must use. Without this index, SQLite would read all
 * jobs of a printer to find the open ones. With a million jobs, this takes half a second.
 */
export const selectJob = (
  index?: string,
): string => `SELECT print_job.id, unit.uci, printer.name AS printer, station.name AS station, print_job.state,
  print_job.reason, print_job.copies, print_job.first_copy AS firstCopy, print_job.reprint, print_job.at, print_job.render_set AS "set", print_job.role
  FROM print_job ${index === undefined ? '' : `INDEXED BY ${index}`} JOIN unit ON unit.id = print_job.unit JOIN printer ON printer.id = print_job.printer
  LEFT JOIN station ON station.id = print_job.station`;

export const SELECT_JOB = selectJob();

export type JobRow = Omit<PrintJob, OptionalColumn | 'set'> &
  Record<OptionalColumn, string | null> & { set: number | null };
type OptionalColumn = 'station' | 'reason' | 'reprint' | 'role';

/** The columns of a print job's row, in the same order as in `jobValues`. */
export const JOB_COLUMNS = `id, unit, printer, station, state, reason, copies, first_copy, reprint, at, render_set, role`;

/** Looks up the row ids of the names in a print job. */
export interface JobIdsOf {
  unit: (uci: string) => number | undefined;
  printer: (name: string) => number | undefined;
  station: (name: string) => number | undefined;
}

/** Returns the values for the row of a job. */
export function jobValues(job: PrintJob, ids: JobIdsOf): Value[] {
  return [
    job.id,
    ids.unit(job.uci),
    ids.printer(job.printer),
    job.station === undefined ? null : ids.station(job.station),
    job.state,
    job.reason ?? null,
    job.copies,
    job.firstCopy,
    job.reprint ?? null,
    job.at,
    job.set ?? null,
    job.role ?? null,
  ];
}

/**
 * Makes a print job from a row of SELECT_JOB. The columns have the same names as the members of a print job. A member
 * is absent if its column is NULL.
 */
export function jobFrom({ station, reason, reprint, set, role, ...row }: JobRow): PrintJob {
  const job: PrintJob = row;
  if (station !== null) job.station = station;
  if (reason !== null) job.reason = reason;
  if (reprint !== null) job.reprint = reprint;
  if (set !== null) job.set = set;
  if (role !== null) job.role = role;
  return job;
}
