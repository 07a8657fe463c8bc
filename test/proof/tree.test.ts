import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  append,
  appendSubtree,
  consistencyProof,
  growTree,
  inclusionProof,
  leafHash,
  nodeHash,
  packRange,
  rootAt,
  rootOf,
  unpackRange,
  type CompactRange,
  type Subtree,
  type SubtreeHash,
} from '../../src/proof/tree.ts';
import { provesConsistency, provesInclusion } from '../support/proofs.ts';

const EMPTY: CompactRange = { size: 0, hashes: [] };

const rangeOf = (leaves: Uint8Array[]): CompactRange => leaves.reduce((range, leaf) => append(range, leaf), EMPTY);

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Leaves and roots of the Certificate Transparency reference implementation's test data. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** RFC 6962, section 2.1, as it is written there. */
function merkleTreeHash(leaves: Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return Buffer.from(leaves[0]!);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), merkleTreeHash(leaves.slice(0, k)), merkleTreeHash(leaves.slice(k)));
}

describe('the tree', () => {
  test('has the roots of the reference test data, size by size', () => {
    let range = EMPTY;
    expect(rootOf(range).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    LEAVES.forEach((leaf, i) => {
      range = append(range, sha256(Buffer.of(0), Buffer.from(leaf, 'hex')));
      expect(rootOf(range).toString('hex')).toBe(ROOTS[i]);
    });
  });

  test('is that of RFC 6962 for any lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 150 }), (lines) => {
        const leaves = lines.map(leafHash);
        const range = rangeOf(leaves);
        expect(range.size).toBe(lines.length);
        expect(rootOf(range).equals(merkleTreeHash(leaves))).toBe(true);
      }),
    );
  });

  test('is carried as one hash for each 1-bit of its size, and survives being stored', () => {
    let range = EMPTY;
    for (let size = 1; size <= 130; size++) {
      range = append(range, leafHash(`line ${size}`));
      expect(range.hashes).toHaveLength(size.toString(2).replaceAll('0', '').length);
      const stored = unpackRange(size, packRange(range));
      expect(rootOf(stored).equals(rootOf(range))).toBe(true);
      expect(rootOf(append(stored, leafHash('x'))).equals(rootOf(append(range, leafHash('x'))))).toBe(true);
    }
  });

  test('appended to leaves the former tree as it was', () => {
    const before = rangeOf([1, 2, 3].map((n) => leafHash(`line ${n}`)));
    const root = rootOf(before);
    append(before, leafHash('line 4'));
    expect(before.size).toBe(3);
    expect(rootOf(before).equals(root)).toBe(true);
  });

  test('is not read from bytes that are no tree of its size', () => {
    const bytes = packRange(rangeOf([1, 2, 3].map((n) => leafHash(`line ${n}`))));
    expect(() => unpackRange(3, bytes)).not.toThrow();
    expect(() => unpackRange(2, bytes)).toThrow();
    expect(() => unpackRange(3, bytes.subarray(1))).toThrow();
    expect(() => unpackRange(0, bytes)).toThrow();
    expect(() => unpackRange(7, bytes)).toThrow();
  });
});

/* RFC 6962, sections 2.1.1 and 2.1.2, as they are written there. */

function path(m: number, leaves: Uint8Array[]): Buffer[] {
  const n = leaves.length;
  if (n <= 1) return [];
  let k = 1;
  while (k * 2 < n) k *= 2;
  return m < k
    ? [...path(m, leaves.slice(0, k)), merkleTreeHash(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), merkleTreeHash(leaves.slice(0, k))];
}

function subproof(m: number, leaves: Uint8Array[], known: boolean): Buffer[] {
  const n = leaves.length;
  if (m === n) return known ? [] : [merkleTreeHash(leaves)];
  let k = 1;
  while (k * 2 < n) k *= 2;
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), known), merkleTreeHash(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), merkleTreeHash(leaves.slice(0, k))];
}

/** Looks up complete subtrees only, as a store does. */
function hashesOf(leaves: Uint8Array[]): SubtreeHash {
  return (begin, end) => {
    const size = end - begin;
    if (!Number.isInteger(Math.log2(size)) || begin % size !== 0 || end > leaves.length)
      throw new Error(`${begin} to ${end} is no complete subtree of ${leaves.length} leaves`);
    return merkleTreeHash(leaves.slice(begin, end));
  };
}

const hex = (hashes: Uint8Array[]): string[] => hashes.map((hash) => Buffer.from(hash).toString('hex'));

describe('a proof', () => {
  const reference = LEAVES.map((leaf) => sha256(Buffer.of(0), Buffer.from(leaf, 'hex')));
  const rootFor = (size: number): Buffer => merkleTreeHash(reference.slice(0, size));

  /* Paths of the same reference implementation's tests, leaves counted from 1 there. */
  test.each([
    [0, 1, []],
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [
      1,
      5,
      [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('that leaf %i is among %i is the one of the reference', (index, size, expected) => {
    expect(hex(inclusionProof(index, size, hashesOf(reference)))).toEqual(expected);
  });

  test.each([
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [
      2,
      5,
      [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('that a tree of %i grew into one of %i is the one of the reference', (from, to, expected) => {
    expect(hex(consistencyProof(from, to, hashesOf(reference)))).toEqual(expected);
  });

  test('is that of RFC 6962, for every leaf and every pair of sizes of small trees, and holds', () => {
    const leaves = Array.from({ length: 40 }, (_, i) => leafHash(`line ${i}`));
    for (let size = 1; size <= leaves.length; size++) {
      const some = leaves.slice(0, size);
      const hashOf = hashesOf(some);
      const root = merkleTreeHash(some);
      expect(Buffer.from(rootAt(size, hashOf)).equals(root)).toBe(true);
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(index, size, hashOf);
        expect(hex(proof)).toEqual(hex(path(index, some)));
        expect(provesInclusion({ index, size, root }, leaves[index] as Buffer, proof)).toBe(true);
      }
      for (let from = 1; from <= size; from++) {
        const proof = consistencyProof(from, size, hashOf);
        expect(hex(proof)).toEqual(hex(subproof(from, some, true)));
        const older = { size: from, root: merkleTreeHash(leaves.slice(0, from)) };
        expect(provesConsistency(older, { size, root }, proof)).toBe(true);
      }
    }
  });

  const someTree = fc
    .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 1 << 20 }), fc.integer({ min: 0, max: 1 << 20 }))
    .map(([size, a, b]) => ({ size, index: a % size, from: (b % size) + 1 }));
  const leaves = Array.from({ length: 200 }, (_, i) => leafHash(`line ${i}`));
  const roots = new Map<number, Buffer>();
  const root = (size: number): Buffer => {
    const known = roots.get(size) ?? merkleTreeHash(leaves.slice(0, size));
    roots.set(size, known);
    return known;
  };

  test('of inclusion holds for its leaf at its place in its tree, and for no other', () => {
    fc.assert(
      fc.property(someTree, fc.nat(), fc.nat(), ({ size, index }, other, bit) => {
        const proof = inclusionProof(index, size, hashesOf(leaves));
        const leaf = leaves[index] as Buffer;
        const at = { index, size, root: root(size) };
        expect(provesInclusion(at, leaf, proof)).toBe(true);
        const elsewhere = other % 220;
        if (elsewhere !== index) expect(provesInclusion({ ...at, index: elsewhere }, leaf, proof)).toBe(false);
        expect(provesInclusion(at, leafHash('another'), proof)).toBe(false);
        expect(provesInclusion({ ...at, root: leafHash('another') }, leaf, proof)).toBe(false);
        expect(provesInclusion(at, leaf, [...proof, leafHash('one more')])).toBe(false);
        if (proof.length === 0) return;
        expect(provesInclusion(at, leaf, proof.slice(1))).toBe(false);
        expect(provesInclusion(at, leaf, proof.slice(0, -1))).toBe(false);
        expect(provesInclusion(at, leaf, flipped(proof, bit))).toBe(false);
      }),
    );
  });

  test('of consistency holds for its two trees, and for no others', () => {
    fc.assert(
      fc.property(someTree, fc.nat(), fc.nat(), ({ size, from }, other, bit) => {
        const proof = consistencyProof(from, size, hashesOf(leaves));
        const older = { size: from, root: root(from) };
        const newer = { size, root: root(size) };
        expect(provesConsistency(older, newer, proof)).toBe(true);
        expect(provesConsistency({ ...older, root: leafHash('another') }, newer, proof)).toBe(false);
        expect(provesConsistency(older, { ...newer, root: leafHash('another') }, proof)).toBe(false);
        expect(provesConsistency(older, newer, [...proof, leafHash('one more')])).toBe(false);
        const wrong = 1 + (other % 200);
        if (wrong !== from) expect(provesConsistency({ size: wrong, root: root(wrong) }, newer, proof)).toBe(false);
        if (proof.length === 0) return;
        expect(provesConsistency(older, newer, proof.slice(1))).toBe(false);
        expect(provesConsistency(older, newer, proof.slice(0, -1))).toBe(false);
        expect(provesConsistency(older, newer, flipped(proof, bit))).toBe(false);
      }),
    );
  });

  test('is not made, and does not hold, for leaves and trees that are not there', () => {
    const hashOf = hashesOf(reference);
    for (const index of [-1, 8, NaN]) expect(() => inclusionProof(index, 8, hashOf)).toThrow('is not in a tree of 8');
    for (const from of [-1, 9, NaN]) expect(() => consistencyProof(from, 8, hashOf)).toThrow('does not begin with');
    const leaf = reference[0] as Buffer;
    for (const index of [-1, 1, NaN]) expect(provesInclusion({ index, size: 1, root: leaf }, leaf, [])).toBe(false);
    expect(provesInclusion({ index: 0, size: 0, root: rootFor(0) }, leaf, [])).toBe(false);
    expect(provesConsistency({ size: 9, root: rootFor(8) }, { size: 8, root: rootFor(8) }, [])).toBe(false);
    expect(provesConsistency({ size: -1, root: rootFor(0) }, { size: 8, root: rootFor(8) }, [])).toBe(false);
  });

  test('that a tree grew from nothing is empty, and asks for the root of nothing', () => {
    const newer = { size: 8, root: rootFor(8) };
    expect(consistencyProof(0, 8, hashesOf(reference))).toEqual([]);
    expect(provesConsistency({ size: 0, root: rootFor(0) }, newer, [])).toBe(true);
    expect(provesConsistency({ size: 0, root: rootFor(1) }, newer, [])).toBe(false);
    expect(provesConsistency({ size: 0, root: rootFor(0) }, newer, [rootFor(1)])).toBe(false);
    expect(Buffer.from(rootAt(0, hashesOf([]))).equals(rootFor(0))).toBe(true);
  });

  test('counts leaves beyond what 32 bits hold', () => {
    // Every leaf alike: the hash of a complete subtree depends on its size alone.
    const perfect = [leafHash('x')];
    const hashOf: SubtreeHash = (begin, end) => {
      const level = Math.log2(end - begin);
      for (let l = perfect.length; l <= level; l++)
        perfect.push(nodeHash(perfect[l - 1] as Buffer, perfect[l - 1] as Buffer));
      return perfect[level] as Buffer;
    };
    const [from, size] = [2 ** 40 + 12_345, 2 ** 44 + 1_234_567];
    const newer = { size, root: rootAt(size, hashOf) };
    for (const index of [0, from - 1, 2 ** 44 - 1, 2 ** 44, size - 1]) {
      expect(provesInclusion({ ...newer, index }, leafHash('x'), inclusionProof(index, size, hashOf))).toBe(true);
    }
    const older = { size: from, root: rootAt(from, hashOf) };
    expect(provesConsistency(older, newer, consistencyProof(from, size, hashOf))).toBe(true);
  });
});

/** The proof with one bit of it turned over. */
function flipped(proof: Uint8Array[], bit: number): Uint8Array[] {
  const bytes = Buffer.concat(proof);
  const at = bit % (bytes.length * 8);
  bytes[at >> 3]! ^= 1 << (at & 7);
  return proof.map((_, i) => bytes.subarray(i * 32, i * 32 + 32));
}

describe('what a leaf completes', () => {
  test('is told, smallest first: each complete subtree once, with its hash', () => {
    const leaves = Array.from({ length: 70 }, (_, i) => leafHash(`line ${i}`));
    const told: Subtree[] = [];
    let range = EMPTY;
    for (const leaf of leaves) range = append(range, leaf, (subtree) => told.push(subtree));
    const expected = leaves.flatMap((_, i) =>
      [1, 2, 4, 8, 16, 32, 64].filter((size) => (i + 1) % size === 0).map((size) => ({ last: i + 1, size })),
    );
    expect(told.map(({ last, size }) => ({ last, size }))).toEqual(expected);
    for (const { last, size, hash } of told)
      expect(Buffer.from(hash).equals(merkleTreeHash(leaves.slice(last - size, last)))).toBe(true);
  });

  test('may be a complete subtree at once', () => {
    const leaves = Array.from({ length: 96 }, (_, i) => leafHash(`line ${i}`));
    let range = EMPTY;
    for (let begin = 0; begin < 96; begin += 32)
      range = appendSubtree(range, 32, merkleTreeHash(leaves.slice(begin, begin + 32)));
    expect(range).toEqual(rangeOf(leaves));
    expect(() => appendSubtree(rangeOf(leaves.slice(0, 33)), 32, leafHash('x'))).toThrow('no complete subtree of 32');
  });
});

test('leaves may come many at a time, and the roots on the way are remembered', () => {
  const leaves = Array.from({ length: 5000 }, (_, i) => leafHash(`line ${i}`));
  let range = EMPTY;
  const roots = new Map<number, string>();
  for (const leaf of leaves) {
    range = append(range, leaf);
    roots.set(range.size, rootOf(range).toString('hex'));
  }
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 5000 })),
      (counts, sizes) => {
        const tree = growTree(sizes);
        let told = 0;
        let begin = 0;
        for (const count of counts) {
          tree.add(Buffer.concat(leaves.slice(begin, begin + count)), ({ size, last }) => (told += last % size));
          begin = Math.min(begin + count, leaves.length);
        }
        const reached = sizes.filter((size) => size <= begin);
        for (const size of [...reached, ...(begin > 0 ? [begin] : [])])
          expect(tree.roots().get(size)).toBe(roots.get(size));
        expect(tree.roots().size).toBe(new Set([...reached, begin]).size);
        expect(tree.range()).toEqual(rangeOf(leaves.slice(0, begin)));
        expect(told).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

test('a leaf is the hash of a zero byte and the line, and never that of a node', () => {
  const line = '{"seq":1,"name":"Gerät"}';
  expect(leafHash(line).equals(sha256(Buffer.of(0), Buffer.from(line, 'utf8')))).toBe(true);
  const [left, right] = [leafHash('a'), leafHash('b')];
  expect(nodeHash(left, right).equals(sha256(Buffer.of(1), left, right))).toBe(true);
});
