import * as crypto from 'node:crypto';
import { defined } from '../platform/own.ts';

/*
 * The Merkle tree of RFC 6962, section 2.1, over the ledger's lines. The tree is stored as a compact range, which
 * consists of the roots of its perfect subtrees, largest first. For each 1-bit of the tree's size, there is one perfect
 * subtree. The roots of the perfect subtrees are all that is needed to append leaves.
 */

export const HASH_BYTES = 32;

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/**
 * Returns the digest as Latin-1 text. If each digest were a Buffer, it would need new memory and take twice as long.
 */
function digest(data: Uint8Array | string): string {
  return crypto.hash('sha256', data, 'binary');
}

function sha256(data: Uint8Array | string): Buffer {
  return Buffer.from(digest(data), 'latin1');
}

/** Returns SHA-256(0x00 ‖ line). Anyone can check the leaf hash of a line with `printf '\0%s' "$line" | sha256sum`. */
export function leafHash(line: string | Uint8Array): Buffer {
  return sha256(typeof line === 'string' ? `\0${line}` : Buffer.concat([LEAF, line]));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([NODE, left, right]));
}

export interface CompactRange {
  /** The number of leaves so far. */
  size: number;
  /** For each 1-bit of `size`, a hash of 32 bytes. The hash of the largest subtree is first. */
  hashes: Uint8Array[];
}

/**
 * A complete subtree that has `size` leaves (a power of two). `last` is the number of the subtree's last leaf, counted
 * from 1.
 */
export interface Subtree {
  last: number;
  size: number;
  hash: Uint8Array;
}

/**
 * Returns the compact range after one leaf has been added. Calls `completed` for each subtree that this leaf completes,
 * smallest first.
 */
export function append(range: CompactRange, leaf: Uint8Array, completed?: (subtree: Subtree) => void): CompactRange {
  return appendSubtree(range, 1, leaf, completed);
}

/**
 * Appends a complete subtree of `size` leaves at once. The number of leaves in the range must be a multiple of `size`.
 */
export function appendSubtree(
  range: CompactRange,
  size: number,
  hash: Uint8Array,
  completed?: (subtree: Subtree) => void,
): CompactRange {
  if (range.size % size !== 0) throw new Error(`no complete subtree of ${size} leaves begins after leaf ${range.size}`);
  const hashes = range.hashes.slice();
  const last = range.size + size;
  let node = { last, size, hash };
  completed?.(node);
  // For each 1-bit at the end of the old size, an old subtree joins the new one to form a larger complete subtree.
  for (let before = range.size / size; before % 2 === 1; before = (before - 1) / 2) {
    node = { last, size: node.size * 2, hash: nodeHash(defined(hashes.pop()), node.hash) };
    completed?.(node);
  }
  hashes.push(node.hash);
  return { size: last, hashes };
}

/** How many leaves form a block that is hashed in place. The number is a power of two. */
const BLOCK_LEAVES = 1024;

/**
 * Returns the compact range after many leaves have been added. `leaves` contains the hashes of these leaves, one after
 * another. Adding a million leaves takes about a second.
 */
export function appendLeaves(
  range: CompactRange,
  leaves: Uint8Array,
  completed?: (subtree: Subtree) => void,
): CompactRange {
  let grown = range;
  for (let at = 0; at < leaves.length;) {
    const size = grown.size % BLOCK_LEAVES === 0 && leaves.length - at >= BLOCK_LEAVES * HASH_BYTES ? BLOCK_LEAVES : 1;
    const block = leaves.subarray(at, at + size * HASH_BYTES);
    grown = appendSubtree(grown, size, size === 1 ? block : foldBlock(block), completed);
    at += block.length;
  }
  return grown;
}

/** A tree to which many leaves are added at a time. The tree remembers its root at certain sizes. */
export interface GrowingTree {
  add: (leaves: Uint8Array, completed?: (subtree: Subtree) => void) => void;
  range: () => CompactRange;
  /** For each of these sizes that the tree has reached, returns the root in hexadecimal. */
  roots: () => Map<number, string>;
}

export function growTree(sizes: number[]): GrowingTree {
  const wanted = sizes.toSorted((a, b) => a - b);
  const roots = new Map<number, string>();
  let range: CompactRange = { size: 0, hashes: [] };
  const note = (one: CompactRange): void => void roots.set(one.size, rootOf(one).toString('hex'));
  return {
    add(leaves, completed) {
      const end = range.size + leaves.length / HASH_BYTES;
      for (let size = wanted[0]; size !== undefined && size < end; size = wanted[0]) {
        note(appendLeaves(range, leaves.subarray(0, (size - range.size) * HASH_BYTES)));
        wanted.shift();
      }
      range = appendLeaves(range, leaves, completed);
    },
    range: () => range,
    roots() {
      note(range);
      return roots;
    },
  };
}

/** Returns the root of a complete block. The root is computed level by level, in a copy of the block. */
function foldBlock(leaves: Uint8Array): Buffer {
  const level = Buffer.from(leaves);
  const node = Buffer.alloc(NODE.length + 2 * HASH_BYTES, NODE);
  for (let nodes = level.length / HASH_BYTES; nodes > 1; nodes /= 2) {
    for (let i = 0; i < nodes / 2; i++) {
      level.copy(node, NODE.length, 2 * i * HASH_BYTES, 2 * (i + 1) * HASH_BYTES);
      level.write(digest(node), i * HASH_BYTES, 'latin1');
    }
  }
  return Buffer.from(level.subarray(0, HASH_BYTES));
}

/**
 * Returns the root of the tree. The root of an empty tree is the SHA-256 of no bytes. For any other tree, the hashes of
 * all its subtrees are combined, smallest first.
 */
export function rootOf(range: CompactRange): Buffer {
  if (range.size === 0) return sha256(new Uint8Array());
  return range.hashes.map((hash): Buffer => Buffer.from(hash)).reduceRight((right, left) => nodeHash(left, right));
}

export function packRange(range: CompactRange): Buffer {
  return Buffer.concat(range.hashes);
}

/** Reads a stored compact range. Throws if the bytes are not the range of a tree with `size` leaves. */
export function unpackRange(size: number, bytes: Uint8Array): CompactRange {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.slice(at, at + HASH_BYTES));
  const ones = size.toString(2).replaceAll('0', '').length;
  if (hashes.length !== ones || bytes.length % HASH_BYTES !== 0) {
    throw new Error(
      `a tree of ${size} leaves has ${ones} subtrees, but the ledger has ${bytes.length} bytes of subtree hashes`,
    );
  }
  return { size, hashes };
}

/*
 * Proofs (RFC 6962, sections 2.1.1 and 2.1.2). Leaves are counted from 0, as in RFC 6962. The caller looks up the
 * hashes of complete subtrees. In a tree of ten million leaves, computing these hashes for a proof would take too long.
 */

/**
 * Returns the hash of the complete subtree that has the leaves from `begin` to `end` (exclusive). `begin` is a multiple
 * of the subtree's size.
 */
export type SubtreeHash = (begin: number, end: number) => Uint8Array;

/** Returns the root that the tree had when it had `size` leaves. */
export function rootAt(size: number, hashOf: SubtreeHash): Uint8Array {
  return size === 0 ? rootOf({ size: 0, hashes: [] }) : hashOver(0, size, hashOf);
}

/**
 * Returns the hashes that lead from leaf `index` to the root of a tree with `size` leaves. The hash next to the leaf is
 * first.
 */
export function inclusionProof(index: number, size: number, hashOf: SubtreeHash): Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new Error(`leaf ${index} is not in a tree of ${size} leaves`);
  return descend(size, index, ([begin, end]) => end - begin > 1, hashOf).proof.toReversed();
}

/**
 * Computes the root from a leaf and its proof (RFC 9162, section 2.1.3.2). Throws if the proof cannot belong to leaf
 * `index` of a tree with `size` leaves.
 */
export function rootFromInclusion(index: number, size: number, leaf: Uint8Array, proof: Uint8Array[]): Uint8Array {
  if (!(index >= 0 && index < size))
    throw new Error(`names event ${index + 1}, but its checkpoint covers only ${size} events`);
  let [at, last] = [index, size - 1];
  let node = leaf;
  for (const hash of proof) {
    if (last === 0) throw new Error('has too many hashes');
    if (at % 2 === 1 || at === last) {
      node = nodeHash(hash, node);
      // Divide instead of shifting bits, because bit shifts fail for numbers above 2^32.
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else node = nodeHash(node, hash);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new Error('has too few hashes');
  return node;
}

/** Returns the hashes that prove that the tree with `to` leaves begins with the tree with `from` leaves. */
export function consistencyProof(from: number, to: number, hashOf: SubtreeHash): Uint8Array[] {
  if (!(from >= 0 && from <= to))
    throw new Error(`a tree of ${to} leaves does not begin with a tree of ${from} leaves`);
  // Every tree begins with the empty tree and with itself, so these two cases need no proof.
  if (from === 0 || from === to) return [];
  const { proof, begin, end } = descend(to, from - 1, (span) => span[1] > from, hashOf);
  // The older root can be a node of the newer tree. In that case, the proof leaves out the older root, because the
  // caller already knows that root.
  if (begin > 0) proof.push(hashOver(begin, end, hashOf));
  return proof.toReversed();
}

/**
 * Goes down from the root towards leaf `index` until `goesOn` returns false. Returns the hashes of the siblings on the
 * way down, and the subtree that was reached.
 */
function descend(size: number, index: number, goesOn: (span: [number, number]) => boolean, hashOf: SubtreeHash) {
  const proof: Uint8Array[] = [];
  let [begin, end] = [0, size];
  while (goesOn([begin, end])) {
    const middle = begin + split(end - begin);
    const isLeft = index < middle;
    proof.push(isLeft ? hashOver(middle, end, hashOf) : hashOver(begin, middle, hashOf));
    if (isLeft) end = middle;
    else begin = middle;
  }
  return { proof, begin, end };
}

/**
 * Returns the hash over the leaves under one node of the tree (RFC 6962). The node may be the root of an incomplete
 * subtree.
 */
function hashOver(begin: number, end: number, hashOf: SubtreeHash): Uint8Array {
  const size = end - begin;
  const left = split(size);
  if (left * 2 === size || size === 1) return hashOf(begin, end);
  return nodeHash(hashOf(begin, begin + left), hashOver(begin + left, end, hashOf));
}

/** Returns the largest power of two that is smaller than `size`, or 1 if `size` is 1. */
function split(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}
