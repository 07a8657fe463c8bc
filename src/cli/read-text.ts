import { readFileSync } from 'node:fs';
import { ClaimstampError } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';

/**
 * Reads a file that the user named. The number 0 means standard input. If the file cannot be read, throws `invalid`
 * with a message that begins with `what`.
 */
export function readText(file: string | 0, what = String(file)): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ClaimstampError('invalid', `${what} cannot be read: ${fileError(error)}`);
  }
}
