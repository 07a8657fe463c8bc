import type Database from 'better-sqlite3';
import { ClaimstampError, messageOf } from '../platform/error.ts';
import { append, leafHash, packRange, rootOf, unpackRange, type CompactRange } from '../proof/tree.ts';
import { openSubtrees } from './subtrees.ts';

/** The Merkle tree over the events of the ledger. The tree head is saved in the transaction that appends the events. */
export interface TreeHead {
  range: () => CompactRange;
  append: (leaf: Uint8Array) => void;
  /** Marks the current state of the tree. `undo` restores the marked state. */
  begin: () => void;
  save: () => void;
  undo: () => void;
}

export function openTreeHead(db: Database.Database): TreeHead {
  const saveHead = db.prepare(`UPDATE tree_head SET size = ?, range = ? WHERE one = 1`);
  const subtrees = openSubtrees(db);
  let range = readHead(db);
  let before = range;
  subtrees.catchUp(range.size);
  return {
    range: () => range,
    append: (leaf) => void (range = append(range, leaf, subtrees.keep)),
    begin: () => void (before = range),
    save() {
      if (range !== before) saveHead.run(range.size, packRange(range));
    },
    undo: () => void (range = before),
  };
}

/** The row that stores the tree head, with the compact range as bytes. */
export interface HeadRow {
  size: number;
  range: Uint8Array;
}
export const SELECT_HEAD = `SELECT size, range FROM tree_head WHERE one = 1`;

function readHead(db: Database.Database): CompactRange {
  const head = db.prepare<[], HeadRow>(SELECT_HEAD).get();
  try {
    return head === undefined ? { size: 0, hashes: [] } : unpackRange(head.size, head.range);
  } catch (error) {
    throw new ClaimstampError('ledger-unavailable', `${messageOf(error)}: restore a backup`);
  }
}

/**
 * How many of the last lines are rehashed when the file is opened. The group of commands that can get lost in a crash
 * has fewer lines than this.
 */
const CHECKED_LINES = 1000;

/**
 * Throws if the tree does not cover all events, or if one of the last lines does not match its hash. Also throws if the
 * last hash in the tree does not match the last event.
 */
export function checkTail(db: Database.Database, range: CompactRange): void {
  const last = db.prepare<[], number>(`SELECT coalesce(max(seq), 0) FROM event`).pluck().get();
  if (last !== range.size)
    throw new ClaimstampError(
      'ledger-unavailable',
      `the tree covers ${range.size} events, but the ledger has ${last}: restore a backup`,
    );
  rootOf(range);
  const lines = db.prepare<[number], { seq: number; line: string; leaf: Uint8Array }>(
    `SELECT seq, line, leaf FROM event WHERE seq > ? ORDER BY seq`,
  );
  for (const { seq, line, leaf } of lines.iterate(last - CHECKED_LINES)) {
    if (leafHash(line).equals(leaf)) continue;
    throw new ClaimstampError('ledger-unavailable', `event ${seq} does not match its hash: restore a backup`);
  }
  // If the size of the tree is odd, the last hash in it is a leaf. The last leaf must match the last event.
  if (range.size % 2 === 0) return;
  const lastLeaf = db.prepare<[number], Uint8Array>(`SELECT leaf FROM event WHERE seq = ?`).pluck().get(last);
  const inTree = range.hashes.at(-1);
  if (lastLeaf === undefined || inTree === undefined || !Buffer.from(lastLeaf).equals(inTree))
    throw new ClaimstampError('ledger-unavailable', 'the tree head does not match the last event: restore a backup');
}
