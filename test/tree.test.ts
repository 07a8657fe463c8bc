import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { append, leafHash, nodeHash, packRange, rootOf, unpackRange, type CompactRange } from '../src/tree.ts';

const EMPTY: CompactRange = { size: 0, hashes: [] };

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
        const range = leaves.reduce(append, EMPTY);
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
    const before = [1, 2, 3].map((n) => leafHash(`line ${n}`)).reduce(append, EMPTY);
    const root = rootOf(before);
    append(before, leafHash('line 4'));
    expect(before.size).toBe(3);
    expect(rootOf(before).equals(root)).toBe(true);
  });

  test('is not read from bytes that are no tree of its size', () => {
    const bytes = packRange([1, 2, 3].map((n) => leafHash(`line ${n}`)).reduce(append, EMPTY));
    expect(() => unpackRange(3, bytes)).not.toThrow();
    expect(() => unpackRange(2, bytes)).toThrow();
    expect(() => unpackRange(3, bytes.subarray(1))).toThrow();
    expect(() => unpackRange(0, bytes)).toThrow();
    expect(() => unpackRange(7, bytes)).toThrow();
  });
});

test('a leaf is the hash of a zero byte and the line, and never that of a node', () => {
  const line = '{"seq":1,"name":"Gerät"}';
  expect(leafHash(line).equals(sha256(Buffer.of(0), Buffer.from(line, 'utf8')))).toBe(true);
  const [left, right] = [leafHash('a'), leafHash('b')];
  expect(nodeHash(left, right).equals(sha256(Buffer.of(1), left, right))).toBe(true);
});
