import { existing } from './existing.ts';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { openForReading } from './open.ts';

/**
 * Copies the ledger's current state to a file that is on disk when this returns. VACUUM INTO reads one snapshot; the
 * page-wise backup restarts at every commit and would never end on a busy line.
 */
export function copyLedger(file: string, out: string): { treeSize: number; units: number } {
  const db = openForReading(file);
  try {
    db.prepare('VACUUM INTO ?').run(out);
  } finally {
    db.close();
  }
  // SQLite does not sync the copy.
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
