import * as crypto from 'node:crypto';

/*
 * The Merkle tree of RFC 6962, section 2.1, over the ledger's lines, kept as a compact range: the roots of the perfect
 * subtrees that make up the tree, largest first, one for each 1-bit of its size. Appending needs nothing else.
 */

export const HASH_BYTES = 32;

const NODE = Buffer.of(1);

function sha256(bytes: Uint8Array): Buffer {
  return crypto.hash('sha256', bytes, 'buffer');
}

/** SHA-256(0x00 ‖ line): anyone can check it with `printf '\0%s' "$line" | sha256sum`. */
export function leafHash(line: string): Buffer {
  return sha256(Buffer.from(`\0${line}`, 'utf8'));
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

/** The range after one more leaf. Each trailing 1-bit of the old size is a subtree that the leaf completes. */
export function append(range: CompactRange, leaf: Uint8Array): CompactRange {
  const hashes = range.hashes.slice();
  let node = leaf;
  for (let size = range.size; size % 2 === 1; size = (size - 1) / 2) node = nodeHash(hashes.pop() as Uint8Array, node);
  hashes.push(node);
  return { size: range.size + 1, hashes };
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
