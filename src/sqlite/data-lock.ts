import { mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';
import { fileProblem, folderProblem } from '../platform/file-error.ts';

/**
 * Shows that this process owns the data folder, until `close` is called. When the process exits for any reason, the
 * operating system releases the ownership.
 */
export interface Ownership {
  close: () => void;
}

/**
 * Creates the folder if it is missing, and makes this process its only owner. The process holds an exclusive lock on
 * `<data>/lock.db` as long as it works with the ledger. Returns undefined if another process owns the folder.
 */
export function ownData(data: string): Ownership | undefined {
  const own = lockFolder(data, `CLAIMSTAMP_DATA=${data}`);
  if (own === undefined || !isServed(data)) return own;
  own.close();
  return undefined;
}

/**
 * True if the service that `serve.json` names has the ledger open. People delete `lock.db` because they take it for the
 * lock of a process that has ended. The lock of the new file then proves nothing. Where the system has no `/proc`, this
 * check is left out.
 */
function isServed(data: string): boolean {
  try {
    const { pid }: { pid?: unknown } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8'));
    const ledger = join(realpathSync(data), 'ledger.db');
    const opened = `/proc/${Number(pid)}/fd`;
    return pid !== process.pid && readdirSync(opened).some((one) => linkOf(join(opened, one)) === ledger);
  } catch {
    return false;
  }
}

/** Returns undefined if the file was closed in the meantime. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Does the same as `ownData` for any folder. `named` is the name of the folder in messages. */
export function lockFolder(folder: string, named: string): Ownership | undefined {
  const file = join(folder, 'lock.db');
  const problem = folderProblem(resolve(folder)) ?? fileProblem(file);
  if (problem !== undefined) throw new ClaimstampError('invalid', `${named}: ${problem}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!(error instanceof Database.SqliteError)) throw error;
    if (error.code === 'SQLITE_BUSY') return undefined;
    throw new ClaimstampError('invalid', `${file} ${lockProblem(error.code)}`);
  }
  return { close: () => db.close() };
}

function lockProblem(code: string): string {
  if (code === 'SQLITE_FULL') return 'cannot be locked because its disk is full: free some space';
  if (code.startsWith('SQLITE_IOERR')) return `cannot be locked (${code}): check the disk that holds the file`;
  const why = code === 'SQLITE_NOTADB' ? 'is damaged' : `cannot be locked (${code})`;
  return `${why}: stop each Claimstamp process on this folder, and delete this file, which contains no data`;
}
