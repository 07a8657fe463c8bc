import { existing } from './existing.ts';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Checkpoint, KeptCheckpoint } from '../proof/checkpoint.ts';
import { rootOf, unpackRange } from '../proof/tree.ts';
import { openCheckpoints } from './checkpoints.ts';
import { openForReading } from './open.ts';
import { SELECT_HEAD, type HeadRow } from './tree-head.ts';

export interface Copied {
  head: Omit<Checkpoint, 'origin'>;
  units: number;
}

/**
 * Copies the current state of the ledger to a file. Returns only after the copy is safely on disk. The copy is made
 * with VACUUM INTO, because it reads a single snapshot. SQLite's backup API copies page by page and restarts after each
 * commit, so the copy might never be complete.
 */
export function copyLedger(file: string, out: string): Copied {
  const db = openForReading(file);
  try {
    db.prepare('VACUUM INTO ?').run(out);
  } finally {
    db.close();
  }
  // SQLite does not sync the copy to disk, so this code does it.
  sync(out);
  return countIn(out);
}

/**
 * Stores the checkpoint in a copy of the ledger. The copy must not be in use by a service. Returns only after the
 * checkpoint is safely on disk.
 */
export function signCopy(file: string, checkpoint: KeptCheckpoint): void {
  const db = new Database(file);
  try {
    // No write-ahead log is used, so that the copy remains a single file.
    db.pragma('journal_mode = MEMORY');
    openCheckpoints(db).keep({ table: 'checkpoint', checkpoint });
  } finally {
    db.close();
  }
  sync(file);
}

function sync(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function countIn(file: string): Copied {
  const db = openForReading(file);
  try {
    const { size, range } = existing(db.prepare<[], HeadRow>(SELECT_HEAD).get());
    const units = existing(db.prepare<[], number>(`SELECT count(*) FROM unit`).pluck().get());
    return { head: { size, root: rootOf(unpackRange(size, range)) }, units };
  } finally {
    db.close();
  }
}
