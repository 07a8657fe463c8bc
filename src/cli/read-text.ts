import { readFileSync } from 'node:fs';
import { ClaimstampError } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';

/**
 * Reads a file that the user named. The number 0 means standard input. If the file cannot be read, throws `invalid`
 * with a message that begins with `what`.
 */
export function readText(file: string | 0, what = String(file)): string {
  return readFileBytes(file, what).toString('utf8');
}

/** Like `readText`, for a file that is not text. */
export function readFileBytes(file: string | 0, what = String(file)): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ClaimstampError('invalid', `${what} cannot be read: ${fileError(error)}`);
  }
}
