import * as crypto from 'node:crypto';

/*
 * The Merkle tree of RFC 6962, section 2.1, over the ledger's lines, kept as a compact range: the roots of the perfect
 * subtrees that make up the tree, largest first, one for each 1-bit of its size. Appending needs nothing else.
 */

export const HASH_BYTES = 32;

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The digest as Latin-1 text: a Buffer allocates memory for each digest, and takes twice as long. */
function digest(data: Uint8Array | string): string {
  return crypto.hash('sha256', data, 'binary');
}

function sha256(data: Uint8Array | string): Buffer {
  return Buffer.from(digest(data), 'latin1');
}

/** SHA-256(0x00 ‖ line): anyone can check it with `printf '\0%s' "$line" | sha256sum`. */
export function leafHash(line: string | Uint8Array): Buffer {
  return sha256(typeof line === 'string' ? `\0${line}` : Buffer.concat([LEAF, line]));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([NODE, left, right]));
}

export interface CompactRange {
  /** Leaves so far. */
  size: number;
  /** One 32-byte hash for each 1-bit of `size`, largest subtree first. */
  hashes: Uint8Array[];
}

/** A complete subtree: `size` leaves, a power of two, of which the last is leaf number `last`, counted from 1. */
export interface Subtree {
  last: number;
  size: number;
  hash: Uint8Array;
}

/** The range after one more leaf. Calls `completed` for every subtree that ends with it, smallest first. */
export function append(range: CompactRange, leaf: Uint8Array, completed?: (subtree: Subtree) => void): CompactRange {
  return appendSubtree(range, 1, leaf, completed);
}

/** The same for many leaves at once: a complete subtree of `size` leaves, where the range ends at a multiple of it. */
export function appendSubtree(
  range: CompactRange,
  size: number,
  hash: Uint8Array,
  completed?: (subtree: Subtree) => void,
): CompactRange {
  if (range.size % size !== 0) throw new Error(`no subtree of ${size} begins after leaf ${range.size}`);
  const hashes = range.hashes.slice();
  const last = range.size + size;
  let node = { last, size, hash };
  completed?.(node);
  // Each trailing 1-bit of the old size is a subtree that this one completes.
  for (let before = range.size / size; before % 2 === 1; before = (before - 1) / 2) {
    node = { last, size: node.size * 2, hash: nodeHash(hashes.pop() as Uint8Array, node.hash) };
    completed?.(node);
  }
  hashes.push(node.hash);
  return { size: last, hashes };
}

/** Leaves of a block that is hashed in place. A power of two. */
const BLOCK_LEAVES = 1024;

/** The range after many more leaves, concatenated in `leaves`: a million take about a second. */
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

/** A tree that grows by many leaves at a time, and notes its root at chosen sizes. */
export interface GrowingTree {
  add: (leaves: Uint8Array, completed?: (subtree: Subtree) => void) => void;
  range: () => CompactRange;
  /** Size → root, hexadecimal: of the chosen sizes that were reached. */
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

/** The root of a complete block, level by level over a copy of it. */
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

/** The tree head: SHA-256 of nothing for an empty tree, else the subtrees folded from the smallest up. */
export function rootOf(range: CompactRange): Buffer {
  if (range.size === 0) return sha256(new Uint8Array());
  return range.hashes.reduceRight<Buffer | undefined>(
    (right, left) => (right ? nodeHash(left, right) : Buffer.from(left)),
    undefined,
  ) as Buffer;
}

export function packRange(range: CompactRange): Buffer {
  return Buffer.concat(range.hashes);
}

/** Throws where the bytes are not a range of that size. */
export function unpackRange(size: number, bytes: Uint8Array): CompactRange {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.slice(at, at + HASH_BYTES));
  const ones = size.toString(2).replaceAll('0', '').length;
  if (hashes.length !== ones || bytes.length % HASH_BYTES !== 0) {
    throw new Error(`a tree of ${size} leaves has ${ones} subtrees, the ledger holds ${bytes.length} bytes of them`);
  }
  return { size, hashes };
}

/*
 * Proofs (RFC 6962, sections 2.1.1 and 2.1.2); leaves are counted from 0, as there. The caller looks up the hashes of
 * complete subtrees: a proof must not hash ten million leaves.
 */

/** The hash over leaves `begin` to `end` (not included): a complete subtree, `begin` a multiple of its size. */
export type SubtreeHash = (begin: number, end: number) => Uint8Array;

/** The root of the tree as it was when it had `size` leaves. */
export function rootAt(size: number, hashOf: SubtreeHash): Uint8Array {
  return size === 0 ? rootOf({ size: 0, hashes: [] }) : hashOver(0, size, hashOf);
}

/** The hashes that lead from leaf `index` to the root of a tree of `size` leaves, from the leaf upwards. */
export function inclusionProof(index: number, size: number, hashOf: SubtreeHash): Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new Error(`leaf ${index} is not in a tree of ${size}`);
  return descend(size, index, ([begin, end]) => end - begin > 1, hashOf).proof.toReversed();
}

/** The hashes that show that the tree of `to` leaves begins with that of `from` leaves. */
export function consistencyProof(from: number, to: number, hashOf: SubtreeHash): Uint8Array[] {
  if (!(from >= 0 && from <= to)) throw new Error(`a tree of ${to} leaves does not begin with ${from}`);
  // Every tree begins with the empty one, and with itself.
  if (from === 0 || from === to) return [];
  const { proof, begin, end } = descend(to, from - 1, (span) => span[1] > from, hashOf);
  // The caller knows the older root: it is left out where it is a node of the newer tree.
  if (begin > 0) proof.push(hashOver(begin, end, hashOf));
  return proof.toReversed();
}

/** From the root towards leaf `index` while `goesOn`: the hashes of the siblings passed, and the subtree reached. */
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

/** Over any leaves that RFC 6962 puts under one node. */
function hashOver(begin: number, end: number, hashOf: SubtreeHash): Uint8Array {
  const size = end - begin;
  const left = split(size);
  if (left * 2 === size || size === 1) return hashOf(begin, end);
  return nodeHash(hashOf(begin, begin + left), hashOver(begin + left, end, hashOf));
}

/** The largest power of two smaller than `size`; 1 for 1. */
function split(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}
