import { existing } from './existing.ts';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { openForReading } from './open.ts';

/**
 * The ledger as it is at this moment, in a file of its own, on disk when this returns. VACUUM INTO reads one snapshot; the
 * page-wise backup begins anew whenever the writer commits, and on a line it never ends.
 */
export function copyLedger(file: string, out: string): { treeSize: number; units: number } {
  const db = openForReading(file);
  try {
    db.prepare('VACUUM INTO ?').run(out);
  } finally {
    db.close();
  }
  // SQLite leaves it to the system when the copy reaches the disk.
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
