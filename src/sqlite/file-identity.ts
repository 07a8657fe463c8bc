import { statSync } from 'node:fs';

/*
 * While a file is open, it can be moved, deleted or replaced. SQLite then writes to a file that no longer has this
 * path, and reports no error. The only way to notice this problem is to check which file is at the path. This check
 * does not open the files, because SQLite's locks on a file are lost when a second handle of the file is closed
 * (POSIX).
 */

/** The device number and inode number of each file of the ledger. A missing file has no number. */
export type FileIdentity = string;

export function identityOf(file: string): FileIdentity {
  return [file, `${file}-wal`, `${file}-shm`].map(numberOf).join(' ');
}

/**
 * Returns the size of the file in bytes, or 0 if it is missing. SQLite never makes an open ledger smaller. So if a
 * ledger becomes smaller, another program has emptied or overwritten the file.
 */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Returns the time at which the content of the file was last written, or 0 if the file is missing. While a ledger is
 * open, only checkpoints write to its file. So if the time changes without a checkpoint, another program has written to
 * the file.
 */
export function writtenAt(file: string): bigint {
  return statSync(file, { throwIfNoEntry: false, bigint: true })?.mtimeNs ?? 0n;
}

function numberOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? 'missing' : `${found.dev}:${found.ino}`;
}
