import { createHash } from 'node:crypto';
import type { PrintJob } from '../model/print-job.ts';

/**
 * The name of a print job at its printer. Several services may share a printer and use the same job numbers, so the
 * name ends with a mark that no other job has. Everyone on the network can read the name, so the mark is not derived
 * from the Claim ID.
 */
export function jobName({ id, at }: Pick<PrintJob, 'id' | 'at'>): string {
  const mark = createHash('sha256').update(`${id} ${at}`).digest('hex').slice(0, MARK_LETTERS);
  return `Claimstamp label ${id} (${mark})`;
}

/**
 * Only a few jobs at a printer can have the same number. A mark of 32 bits is long enough that practically no two of
 * these jobs get the same mark.
 */
const MARK_LETTERS = 8;
