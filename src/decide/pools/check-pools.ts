import {
  counterName,
  overlap,
  parseRange,
  poolsOf,
  rangeProblem,
  rangeText,
  sizeOf,
  splitPool,
  type NumberRange,
} from '../../model/pools/pool.ts';
import type { Product, ProductAsSet } from '../../model/product.ts';
import { refusal } from '../../platform/error.ts';
import type { Seen } from '../seen.ts';

/*
 * Checks the pools of a product when the product is set. No two ranges may overlap, even if they belong to different
 * products. A range is never forgotten once a unit has a number from it.
 */

/**
 * The properties that no pool can fill: for example, the agent reads `id`, S/N patterns make `serial`, and the service
 * itself sets `link`.
 */
const NOT_POOLS = ['id', 'product', 'serial', 'link'];

/** Throws if a range cannot be used, or if two pools could give out the same number. */
export function refusePools(seen: Seen, product: ProductAsSet, former: readonly string[], others: Product[]): void {
  const { id, pools = [], poolAnswers = [] } = product;
  const taken: { range: NumberRange; other: string }[] = [];
  const properties = pools.map((pool) => refusePool(pool));
  const twice = properties.find((property, index) => properties.indexOf(property) !== index);
  if (twice !== undefined) throw refusal('pool-wrong', 'twice', { property: twice });
  const unknown = poolAnswers.find((property) => !properties.includes(property));
  if (unknown !== undefined) throw refusal('pool-wrong', 'answers', { property: unknown });
  if (pools.length === 0) return;
  const own = former.flatMap((text) => parseRange(text) ?? []).map((range) => ({ range, other: id }));
  for (const other of others) taken.push(...rangesOf(seen, other).map((range) => ({ range, other: other.id })));
  for (const range of poolsOf(product).flatMap(({ ranges }) => ranges)) {
    const shared =
      taken.find((one) => overlap(one.range, range)) ??
      own.find((one) => overlap(one.range, range) && counterName(one.range) !== counterName(range));
    if (shared !== undefined) {
      const values = { product: id, range: rangeText(range), other: shared.other, otherRange: rangeText(shared.range) };
      throw refusal('pools-shared', 'range', values);
    }
    taken.push({ range, other: id });
  }
}

/** Returns the property of the pool. Throws if a part of the pool cannot be used. */
function refusePool(text: string): string {
  const { property, ranges } = splitPool(text);
  if (NOT_POOLS.includes(property)) throw refusal('pool-wrong', 'property', { property });
  for (const written of ranges) {
    const range = parseRange(written);
    if (range === undefined)
      throw refusal('pool-wrong', 'range', { property, range: written, pattern: 'LIC-{seq:6}:1-5000' });
    const wrong = rangeProblem(range);
    if (wrong !== undefined) throw refusal('pool-wrong', wrong.problem, { range: written, number: wrong.number });
  }
  return property;
}

/**
 * Returns the ranges of another product, and the used parts of its former ranges. `other` may already have new settings
 * from the same command, so its former ranges are read from the ledger.
 */
function rangesOf(seen: Seen, other: Product): NumberRange[] {
  const inLedger = seen.product(other.id);
  const former = [...(other.formerPools ?? []), ...(inLedger === undefined ? [] : usedParts(seen, inLedger))];
  return [...poolsOf(other).flatMap(({ ranges }) => ranges), ...former.flatMap((text) => parseRange(text) ?? [])];
}

/** Returns the parts of the product's ranges from which numbers were given out. */
function usedParts(seen: Seen, product: Product): string[] {
  return poolsOf(product).flatMap(({ ranges }) =>
    ranges.flatMap((range) => {
      const used = Math.min(seen.counter(product.id, counterName(range)), sizeOf(range));
      return used === 0 ? [] : [rangeText(range, used)];
    }),
  );
}

/**
 * Returns the used parts of the ranges that the product no longer has. If only the end of a range changed, the range
 * keeps its counter, so its used part is returned only if the new range does not contain all numbers that were given
 * out.
 */
export function formerPoolsOf(seen: Seen, known: Product | undefined, product: ProductAsSet): string[] {
  if (known === undefined) return [];
  const ranges = poolsOf(product).flatMap((pool) => pool.ranges);
  const isKept = (text: string): boolean => {
    const former = parseRange(text);
    return ranges.some((range) => former && counterName(range) === counterName(former) && range.to >= former.to);
  };
  const all = [...(known.formerPools ?? []), ...usedParts(seen, known)];
  return [...new Set(all)].filter((text) => !isKept(text));
}
