import type { Identity } from '../../model/body.ts';
import type { UnitData } from '../../model/event-data.ts';
import { identityClaim } from '../../model/imports/importing.ts';
import {
  counterName,
  identityOfNumber,
  numberAt,
  placeIn,
  poolsOf,
  sizeOf,
  type NumberRange,
  type Pool,
} from '../../model/pools/pool.ts';
import type { Product } from '../../model/product.ts';
import type { Unit } from '../../model/unit.ts';
import { refusal } from '../../platform/error.ts';
import { boundNames } from '../identity/same-device.ts';
import type { Decision, Seen } from '../seen.ts';
import { firstFree } from '../serials/in-use.ts';

/*
 * Numbers from the product's pools, such as MACs. A number becomes an identity property of its unit, in the transaction
 * that makes the unit. So a unit is found by its number, and no other unit of the product can get the number.
 */

/** The numbers of a unit, each under the name of its property. */
export interface Numbers {
  [property: string]: string;
}

/**
 * Returns the event data for a unit that a device gets: the identity properties that the device brought and that the
 * unit lacks. For the unit's first device, also returns numbers from pools. No number is drawn for a property that the
 * device or the unit already has.
 */
export function boundNumbers(
  seen: Seen,
  product: Product,
  identity: Identity[],
  unit?: { facts: Unit['facts']; own: ReadonlyMap<string, string> },
): Pick<UnitData, 'identity' | 'drawn'> {
  const added = identity.filter(([property]) => !unit?.own.has(property));
  const names = boundBrought(seen, product, added);
  if (unit?.facts.issued !== undefined) return names;
  const held = [...identity.map(([property]) => property), ...(unit?.own.keys() ?? [])];
  return { ...names, ...drawNumbers(seen, product, held) };
}

/**
 * Returns the names of the properties that a device brought. Throws if a value is a number of the product's own pool,
 * but has not been given out yet. Otherwise, a later device could get the same number.
 */
export function boundBrought(seen: Seen, product: Product, identity: Identity[]): Pick<UnitData, 'identity'> {
  for (const one of identity) {
    const [property, value, key] = one;
    for (const pool of poolsOf(product)) {
      if (pool.property !== property && key === undefined) continue;
      if (!pool.ranges.some((range) => isAhead(seen, product, range, value))) continue;
      // Units that are older than the pool may have numbers in its ranges. A device whose unit is void keeps its
      // number.
      if (seen.unitsByIdentity(product.id, one).length > 0 || seen.wasIdentity(property, value)) continue;
      throw refusal('number-of-pool', 'brought', { property, value, product: product.id });
    }
  }
  return boundNames(identity);
}

function isAhead(seen: Seen, { id }: Product, range: NumberRange, value: string): boolean {
  const place = placeIn(range, value);
  return place !== undefined && place > seen.counter(id, counterName(range));
}

/**
 * Draws a number from each pool whose property the unit does not have yet. Throws `pool-exhausted` if a pool has no
 * number left.
 */
export function drawNumbers(seen: Seen, product: Product, held: readonly string[] = []): { drawn?: Numbers } {
  const pools = poolsOf(product).filter(({ property }) => !held.includes(property));
  if (pools.length === 0) return {};
  return { drawn: Object.fromEntries(pools.map((pool) => [pool.property, nextNumber(seen, product, pool)])) };
}

/** Returns the pool's next number. The ranges are used in the order in which they are written. */
function nextNumber(seen: Seen, { id }: Product, { property, ranges }: Pool): string {
  for (const range of ranges) {
    const isTaken = (place: number): boolean => isUsed(seen, property, numberAt(range, place));
    const place = firstFree(seen.counter(id, counterName(range)), sizeOf(range), isTaken);
    if (place !== undefined) return numberAt(range, place);
  }
  throw refusal('pool-exhausted', 'atEnd', { property, product: id });
}

/** True if a unit of any product has or had this number, or if an unfinished import has claimed it. */
function isUsed(seen: Seen, property: string, value: string): boolean {
  const one = identityOfNumber(property, value);
  if (seen.unitsByIdentity(undefined, one).length > 0 || seen.wasIdentity(property, value)) return true;
  const row = seen.importing();
  if (row === undefined || row.ended !== undefined) return false;
  const spellings: Identity[] = [one, [property, value]];
  return seen.products().some(({ id }) => spellings.some((each) => seen.claimed(identityClaim(id, each))));
}

/** Throws if a pool does not have enough numbers for all units that will be made. */
export function refuseBeyondPools(seen: Seen, product: Product, wanted: number): void {
  for (const { property, ranges } of poolsOf(product)) {
    const left = ranges.reduce((sum, range) => sum + freeIn(seen, product.id, property, range), 0);
    if (wanted > left) throw refusal('pool-exhausted', 'room', { property, product: product.id, left, wanted });
  }
}

/**
 * Returns how many numbers of the range are left for new units. Numbers that devices already had are not included,
 * because the counter skips them.
 */
export function freeIn(
  seen: Pick<Seen, 'counter' | 'countIdentities'>,
  product: string,
  property: string,
  range: NumberRange,
): number {
  const left = leftIn(seen, product, range);
  if (left === 0) return 0;
  const [from, to] = [numberAt(range, sizeOf(range) - left + 1), numberAt(range, sizeOf(range))];
  return left - seen.countIdentities(property, from, to);
}

function leftIn(seen: Pick<Seen, 'counter'>, product: string, range: NumberRange): number {
  return Math.max(0, sizeOf(range) - seen.counter(product, counterName(range)));
}

export interface PoolCount {
  product: string;
  prefix: string;
  count: number;
}

/**
 * Returns the counters after an event that made a unit with these drawn numbers. All ranges before the range of a drawn
 * number are then used up, because the ranges are used in order.
 */
export function countDrawn({ id, pools }: Pick<Product, 'id' | 'pools'>, drawn: Numbers): PoolCount[] {
  return poolsOf({ pools }).flatMap(({ property, ranges }) => {
    const value = drawn[property];
    if (value === undefined) return [];
    const at = ranges.findIndex((range) => placeIn(range, value) !== undefined);
    return ranges.slice(0, at + 1).map((range, index) => ({
      product: id,
      prefix: counterName(range),
      count: index === at ? (placeIn(range, value) ?? 0) : sizeOf(range),
    }));
  });
}

/** True if one of these values is in a number pool of the product. */
export function isInPool(product: Pick<Product, 'pools'>, identity: readonly Identity[]): boolean {
  return poolsOf(product).some((pool) =>
    identity.some(([name, value]) => name === pool.property && pool.ranges.some((range) => placeIn(range, value))),
  );
}

/**
 * Returns the counters after an import event of an earlier version, which moved the counters past the numbers of the
 * imported units. Import events of this version have `inPool` and do not move the counters: the numbers are skipped one
 * by one.
 */
export function countImported({ id, pools }: Pick<Product, 'id' | 'pools'>, identity: [string, string][]): PoolCount[] {
  return poolsOf({ pools }).flatMap(({ property, ranges }) => {
    const value = identity.find(([name]) => name === property)?.[1];
    if (value === undefined) return [];
    return ranges.flatMap((range) => {
      const place = placeIn(range, value);
      return place === undefined ? [] : [{ product: id, prefix: counterName(range), count: place }];
    });
  });
}

/** Moves the counters of a product's pools forward by `margin` numbers. Returns the counters that change. */
export function skipNumbers(seen: Seen, product: Product, marginOf: (size: number) => number): PoolCount[] {
  return poolsOf(product).flatMap(({ ranges }) => {
    let left = marginOf(ranges.reduce((sum, range) => sum + sizeOf(range), 0));
    return ranges.flatMap((range) => {
      const more = Math.min(left, leftIn(seen, product.id, range));
      left -= more;
      const prefix = counterName(range);
      return more === 0 ? [] : [{ product: product.id, prefix, count: seen.counter(product.id, prefix) + more }];
    });
  });
}

/**
 * Adds to the answer the numbers that the agent gets with the Claim ID (`poolAnswers`). A repeated request gets the
 * same numbers.
 */
export function withNumbers<Answer extends { uci: string; numbers?: Numbers }>(
  seen: Seen,
  { poolAnswers = [] }: Product,
  decision: Decision<Answer>,
): Decision<Answer> {
  if (poolAnswers.length === 0) return decision;
  const { answer, events } = decision;
  const made = events.find(({ type, uci }) => type === 'issued' && uci === answer.uci);
  const drawn = { ...seen.unit(answer.uci)?.extra?.drawn, ...(made?.type === 'issued' ? made.data.drawn : {}) };
  const sent = Object.entries(drawn).filter(([property]) => poolAnswers.includes(property));
  return sent.length === 0 ? decision : { ...decision, answer: { ...answer, numbers: Object.fromEntries(sent) } };
}
