import { createHash } from 'node:crypto';
import type { PrintJob } from '../model/print-job.ts';

/**
 * The name of a job at its printer. Several services may share a printer, and their numbers of jobs may be equal, so the
 * name ends with a mark that only this job has. Everyone on the network may read the name, so the mark is not made from
 * the Claim ID.
 */
export function jobName({ id, at }: Pick<PrintJob, 'id' | 'at'>): string {
  const mark = createHash('sha256').update(`${id} ${at}`).digest('hex').slice(0, MARK_LETTERS);
  return `Claimstamp label ${id} (${mark})`;
}

/** With 32 bits, the few jobs with one number at one printer do not get the same mark by chance. */
const MARK_LETTERS = 8;
