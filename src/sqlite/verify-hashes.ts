import { existing } from './existing.ts';
import * as crypto from 'node:crypto';
import type Database from 'better-sqlite3';
import { growTree, HASH_BYTES, leafHash, packRange, type Subtree } from '../proof/tree.ts';
import { openFindings, type Finding, type Found } from '../proof/verification.ts';
import { openForReading } from './open.ts';
import { KEPT_LEAVES } from './subtrees.ts';

/*
 * Hashes all lines and remakes the tree over the first `size` events. The snapshot of this thread may be newer than
 * that of its caller. Events never change, so the first `size` events are the same in both.
 */

export interface HashOrder {
  file: string;
  size: number;
  /** The sizes of checkpoints. For each of these sizes, the check returns the root of the tree. */
  sizes: number[];
}

export interface Hashed extends Found {
  /** The compact range of the tree over `size` events. Undefined if events are missing. */
  range?: Uint8Array;
  /** Pairs of a tree size and the tree's root at that size (in hexadecimal). */
  roots: [number, string][];
}

export function hashAll({ file, size, sizes }: HashOrder): Hashed {
  const db = openForReading(file);
  const block = openBlocks(db);
  const compareSubtrees = openSubtreeCompare(db);
  const findings = openFindings(true);
  const tree = growTree(sizes);
  let whole = true;
  for (let begin = 0; begin < size;) {
    const { count, leaves, wrong } = block(begin, Math.min(KEPT_LEAVES, size - begin));
    for (const one of wrong) findings.add(one);
    whole &&= leaves !== undefined;
    begin += count;
    // If a leaf is missing, the tree cannot be computed. The missing leaf has already been reported.
    if (leaves === undefined || !whole) continue;
    const completed: Subtree[] = [];
    tree.add(leaves, (subtree) => completed.push(subtree));
    for (const one of compareSubtrees(begin, completed)) findings.add(one);
  }
  db.close();
  const found = { findings: findings.list(), found: findings.count() };
  return { ...found, roots: [...tree.roots()], ...(whole ? { range: packRange(tree.range()) } : {}) };
}

interface Block {
  /** The number of events in the block. If the block is a gap, the number of missing events. */
  count: number;
  /** The hashes that are stored. Undefined if one of the hashes is missing. */
  leaves?: Buffer;
  wrong: Finding[];
}

/** Reads a thousand events at a time, as a single text. */
function openBlocks(db: Database.Database): (begin: number, count: number) => Block {
  const lines = db
    .prepare<[number, number], string>(`SELECT line FROM event WHERE seq > ? AND seq <= ? ORDER BY seq`)
    .pluck();
  const leaves = db
    .prepare<[number, number], string | null>(
      `SELECT lower(group_concat(hex(leaf), '')) FROM (SELECT leaf FROM event WHERE seq > ? AND seq <= ? ORDER BY seq)`,
    )
    .pluck();
  const slowly = openSlowBlocks(db);
  const next = db.prepare<[number], number>(`SELECT min(seq) FROM event WHERE seq > ?`).pluck();
  /**
   * Reports consecutive missing events as one gap. Someone may have changed the number of an event to a very high one.
   * Reporting each missing number up to such a high number would take far too long.
   */
  const gap = (begin: number): Block => {
    const there = existing(next.get(begin));
    const what = `events ${begin + 1} to ${there - 1} are missing`;
    return { count: there - 1 - begin, wrong: [{ what, seq: begin + 1, table: 'event' }] };
  };
  return (begin, count) => {
    const text = lines.all(begin, begin + count);
    const stored = leaves.get(begin, begin + count) ?? '';
    let computed = '';
    for (const line of text) computed += crypto.hash('sha256', `\0${line}`, 'hex');
    // If the number of rows is `count`, no row is missing. A line that is not UTF-8 must be read as bytes, which the
    // function `slowly` does.
    if (text.length === count && computed === stored && !text.some((line) => line.includes('\uFFFD')))
      return { count, leaves: Buffer.from(stored, 'hex'), wrong: [] };
    if (text.length === 0) return gap(begin);
    return slowly(begin, count);
  };
}

/** Reads a block row by row and as bytes, to find the event that is wrong. */
function openSlowBlocks(db: Database.Database): (begin: number, count: number) => Block {
  const row = db.prepare<[number], { line: Buffer; leaf: Buffer }>(
    `SELECT CAST(line AS BLOB) AS line, leaf FROM event WHERE seq = ?`,
  );
  return (begin, count) => {
    const wrong: Finding[] = [];
    const leaves: Buffer[] = [];
    for (let seq = begin + 1; seq <= begin + count; seq++) {
      const found = row.get(seq);
      if (found === undefined) wrong.push({ what: `event ${seq} is missing`, seq, table: 'event' });
      else if (!leafHash(found.line).equals(found.leaf))
        wrong.push({ what: `event ${seq} was changed: its line does not match its hash`, seq, table: 'event' });
      if (found?.leaf.length === HASH_BYTES) leaves.push(found.leaf);
    }
    return { count, wrong, ...(leaves.length === count ? { leaves: Buffer.concat(leaves) } : {}) };
  };
}

/** Checks those stored subtrees whose last leaf is `last`. */
function openSubtreeCompare(db: Database.Database): (last: number, completed: Subtree[]) => Finding[] {
  const rows = db.prepare<[number], { size: number; hash: Buffer }>(`SELECT size, hash FROM subtree WHERE last = ?`);
  return (last, completed) => {
    if (last % KEPT_LEAVES !== 0) return [];
    const stored = new Map(rows.all(last).map(({ size, hash }) => [size, hash]));
    return completed
      .filter(({ size }) => size >= KEPT_LEAVES)
      .flatMap(({ size, hash }) => {
        const about = { seq: last, table: 'subtree' };
        const found = stored.get(size);
        if (found === undefined)
          return [{ what: `the hash over events ${last - size + 1} to ${last} is missing`, ...about }];
        if (found.equals(hash)) return [];
        const what = `the hash over events ${last - size + 1} to ${last} does not match these events`;
        return [{ what, ...about, column: 'hash' }];
      });
  };
}
