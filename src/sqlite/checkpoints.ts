import type Database from 'better-sqlite3';
import type { Kept } from '../decide/seen.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';

/** The table of signed checkpoints. The table contains at most one checkpoint for each tree size. */
export interface CheckpointTable {
  newest: () => KeptCheckpoint[];
  find: (size?: number) => KeptCheckpoint | undefined;
  keep: (row: Extract<Kept, { table: 'checkpoint' | 'dropped-checkpoint' }>) => void;
}

const SELECT = `SELECT size, note, at FROM checkpoint`;

export function openCheckpoints(db: Database.Database): CheckpointTable {
  const newest = db.prepare<[], KeptCheckpoint>(`${SELECT} ORDER BY size DESC LIMIT 2`);
  const bySize = db.prepare<[number], KeptCheckpoint>(`${SELECT} WHERE size = ?`);
  // After a change of the key, the service re-signs the same tree. The new note then replaces the one that was signed
  // with the former key.
  const insert = db.prepare(`INSERT INTO checkpoint (size, note, at) VALUES (@size, @note, @at)
    ON CONFLICT (size) DO UPDATE SET note = excluded.note, at = excluded.at`);
  const drop = db.prepare(`DELETE FROM checkpoint WHERE size = ?`);
  return {
    newest: () => newest.all(),
    find: (size) => (size === undefined ? newest.get() : bySize.get(size)),
    keep(row) {
      if (row.table === 'checkpoint') insert.run(row.checkpoint);
      else drop.run(row.size);
    },
  };
}
