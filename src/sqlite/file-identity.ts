import { statSync } from 'node:fs';

/*
 * A file that is open can be moved, deleted or replaced. After that, SQLite writes to a file that no one can find
 * anymore, and reports no error. Only comparing the paths reveals this. This code does not open the files, because
 * closing a second handle of a file drops SQLite's locks on it (POSIX).
 */

/** The device and inode of each of the ledger's files. A missing file has no number. */
export type FileIdentity = string;

export function identityOf(file: string): FileIdentity {
  return [file, `${file}-wal`, `${file}-shm`].map(numberOf).join(' ');
}

/**
 * The size of the file in bytes, or 0 if it is missing. SQLite never makes an open ledger smaller, so a ledger that lost
 * bytes was emptied or overwritten by another program.
 */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function numberOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? 'missing' : `${found.dev}:${found.ino}`;
}
