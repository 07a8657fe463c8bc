import { existing } from './existing.ts';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { openForReading } from './open.ts';

/**
 * Copies the ledger's current state to a file. Returns when the copy is safely on disk. The statement VACUUM INTO reads
 * one snapshot. SQLite's backup API copies page by page, but begins again at every commit, so the copy may never end.
 */
export function copyLedger(file: string, out: string): { treeSize: number; units: number } {
  const db = openForReading(file);
  try {
    db.prepare('VACUUM INTO ?').run(out);
  } finally {
    db.close();
  }
  // SQLite does not sync the copy to disk, so this function syncs the copy.
  const handle = openSync(out, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return countIn(out);
}

function countIn(file: string): { treeSize: number; units: number } {
  const db = openForReading(file);
  try {
    const treeSize = existing(db.prepare<[], number>(`SELECT size FROM tree_head`).pluck().get());
    return { treeSize, units: existing(db.prepare<[], number>(`SELECT count(*) FROM unit`).pluck().get()) };
  } finally {
    db.close();
  }
}
