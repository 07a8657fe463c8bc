import { createHash } from 'node:crypto';
import type { PrintJob } from '../model/print-job.ts';

/**
 * The name of a job at its printer. Several services may share a printer, and their numbers of jobs may be equal, so the
 * name ends with a mark that only this job has. The mark does not tell the Claim ID.
 */
export function jobName({ id, uci, at }: Pick<PrintJob, 'id' | 'uci' | 'at'>): string {
  const mark = createHash('sha256').update(`${id} ${uci} ${at}`).digest('hex').slice(0, MARK_LETTERS);
  return `Claimstamp label ${id} (${mark})`;
}

/** 32 bits: the few jobs with one number at one printer do not meet by chance. */
const MARK_LETTERS = 8;
