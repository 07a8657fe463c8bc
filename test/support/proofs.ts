import { nodeHash, rootOf } from '../../src/proof/tree.ts';

/* Checks of tree proofs, as an auditor makes them: the service only gives proofs. */

/** RFC 9162, section 2.1.3.2: whether the proof leads from this leaf to this root. */
export function provesInclusion(
  { index, size, root }: { index: number; size: number; root: Uint8Array },
  leaf: Uint8Array,
  proof: Uint8Array[],
): boolean {
  if (!(index >= 0 && index < size)) return false;
  let [at, last] = [index, size - 1];
  let node = leaf;
  for (const hash of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(hash, node);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, half(last)];
    } else node = nodeHash(node, hash);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(node, root);
}

/** RFC 9162, section 2.1.4.2: whether the proof shows that the tree `to` begins with the tree `from`. */
export function provesConsistency(
  from: { size: number; root: Uint8Array },
  to: { size: number; root: Uint8Array },
  proof: Uint8Array[],
): boolean {
  if (!(from.size >= 0 && from.size <= to.size)) return false;
  if (from.size === to.size) return proof.length === 0 && same(from.root, to.root);
  if (from.size === 0) return proof.length === 0 && same(from.root, rootOf({ size: 0, hashes: [] }));
  let [at, last] = [from.size - 1, to.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // A power of two is a node of the newer tree itself.
  const [first, ...rest] = at === 0 ? [from.root, ...proof] : proof;
  if (first === undefined) return false;
  let [older, newer] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      older = nodeHash(hash, older);
      newer = nodeHash(hash, newer);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, half(last)];
    } else newer = nodeHash(newer, hash);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(older, from.root) && same(newer, to.root);
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
