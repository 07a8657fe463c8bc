import { existing } from './existing.ts';
import type Database from 'better-sqlite3';
import { append, nodeHash, type CompactRange, type Subtree, type SubtreeHash } from '../proof/tree.ts';

/**
 * Only subtrees with at least this many leaves are stored. For a proof, the leaves of one block of this size are read
 * and hashed, which takes about a millisecond. The stored hashes take up 0.1 bytes per event. The CHECK constraint of
 * the table `subtree` contains the same number.
 */
export const KEPT_LEAVES = 1024;

/** The hashes of complete subtrees, which are computed from the events. */
export interface Subtrees {
  /** Stores a subtree. `append` calls this function for each subtree that an event completes. */
  keep: (subtree: Subtree) => void;
  /** Adds the hashes that earlier versions did not store. */
  catchUp: (size: number) => void;
}

const SELECT_LEAVES = `SELECT leaf FROM event WHERE seq > ? AND seq <= ? ORDER BY seq`;

export function openSubtrees(db: Database.Database): Subtrees {
  const insert = db.prepare(`INSERT INTO subtree (last, size, hash) VALUES (?, ?, ?)`);
  const lastKept = db.prepare<[], number>(`SELECT coalesce(max(last), 0) FROM subtree`).pluck();
  const block = db.prepare<[number, number], Uint8Array>(SELECT_LEAVES).pluck();
  const keep = ({ last, size, hash }: Subtree): void => {
    if (size >= KEPT_LEAVES) insert.run(last, size, hash);
  };
  return {
    keep,
    catchUp(size) {
      const complete = size - (size % KEPT_LEAVES);
      if (existing(lastKept.get()) >= complete) return;
      db.transaction(() => {
        db.prepare(`DELETE FROM subtree`).run();
        let range: CompactRange = { size: 0, hashes: [] };
        for (let begin = 0; begin < complete; begin += KEPT_LEAVES) {
          const leaves = block.all(begin, begin + KEPT_LEAVES);
          for (const leaf of leaves) range = append(range, leaf, keep);
        }
      }).immediate();
    },
  };
}

/**
 * Call the returned function once for each answer that contains proofs. All proofs of the answer are made in one
 * snapshot, and each block is read only once.
 */
export function openSubtreeHashes(db: Database.Database): () => SubtreeHash {
  const kept = db.prepare(`SELECT hash FROM subtree WHERE last = ? AND size = ?`).pluck();
  const leaves = db.prepare<[number, number], Uint8Array>(SELECT_LEAVES).pluck();
  return () => {
    /**
     * For each block (by the number of its first leaf), the hashes of its leaves, then those of pairs of leaves, and so
     * on.
     */
    const blocks = new Map<number, Uint8Array[][]>();
    const block = (begin: number): Uint8Array[][] => {
      const known = blocks.get(begin) ?? levelsOf(leaves.all(begin, begin + KEPT_LEAVES));
      blocks.set(begin, known);
      return known;
    };
    return (begin, end) => {
      const size = end - begin;
      if (size >= KEPT_LEAVES) return present(kept.get(end, size), begin, end);
      const offset = begin % KEPT_LEAVES;
      return present(block(begin - offset)[Math.log2(size)]?.[offset / size], begin, end);
    };
  };
}

function levelsOf(leaves: Uint8Array[]): Uint8Array[][] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1;) {
    const pairs = Math.floor(level.length / 2);
    level = Array.from({ length: pairs }, (_, i) => nodeHash(existing(level[2 * i]), existing(level[2 * i + 1])));
    levels.push(level);
  }
  return levels;
}

function present(hash: unknown, begin: number, end: number): Uint8Array {
  if (hash instanceof Uint8Array) return hash;
  throw new Error(
    `the ledger lacks the hash over events ${begin + 1} to ${end}: find the fault with claimstamp verify`,
  );
}
