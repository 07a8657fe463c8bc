import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ClaimstampError, errorCode } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';

/**
 * The ownership of the data folder, which lasts until `close`. If the process ends for any reason, the operating system
 * ends the ownership.
 */
export interface Ownership {
  close: () => void;
}

/**
 * Makes the folder if it is missing, and becomes its only owner. While this process works with the ledger, it keeps an
 * exclusive lock on `<data>/lock.db`. Returns undefined if another process owns the folder.
 */
export function ownData(data: string): Ownership | undefined {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
  } catch (error) {
    const isFile = errorCode(error) === 'EEXIST';
    const why = isFile ? 'it is a file' : fileError(error);
    throw new ClaimstampError('invalid', `CLAIMSTAMP_DATA: ${data} cannot be the data folder: ${why}`);
  }
  const db = new Database(join(data, 'lock.db'), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
  return { close: () => db.close() };
}
