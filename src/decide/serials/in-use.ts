import { firstShared, numberingOf, type Product } from '../../model/product.ts';
import { refusal } from '../../platform/error.ts';
import { lastOf, renderSerial, type SerialSlot } from '../../model/serial.ts';
import { serialClaim } from '../../model/imports/importing.ts';
import type { Unit } from '../../model/unit.ts';
import type { Seen } from '../seen.ts';

/*
 * No two units have the same S/N, even across products (promise 9). The exception is two products whose patterns can
 * make the same S/N. Older versions allowed such patterns, so units of both products may already have the same S/Ns.
 * For such products, one product's counter must not skip S/Ns that the other product has used. docs/decisions/0017
 * gives the reasons.
 */

/** True if the S/Ns of these two products must differ. False if the products' patterns can make the same S/N. */
export function areCompared(one: Product, other: Product): boolean {
  const numberings = [...numberingOf(one), ...(one.former ?? [])];
  return numberings.every((numbering) => firstShared(numbering, [other]) === undefined);
}

/**
 * Returns the units that have this S/N, compared case-insensitively. If there are such units, no other unit of
 * `product` can get the S/N. Case is ignored because a scanner may change the case, and then the two S/Ns could not be
 * told apart.
 */
export function ownersOf(seen: Seen, product: Product, serial: string): Unit[] {
  return seen.unitsBySerial(serial).filter(({ product: id }) => id === product.id || isOther(seen, product, id));
}

/** True if an import has claimed this S/N for another product. A unit of `product` then cannot get the S/N. */
export function isClaimedElsewhere(seen: Seen, product: Product, serial: string): boolean {
  return seen.claimantsOf(serial).some((id) => isOther(seen, product, id));
}

function isOther(seen: Seen, product: Product, id: string): boolean {
  if (id === product.id) return false;
  const other = seen.product(id);
  return other === undefined || areCompared(product, other);
}

function isFree(seen: Seen, product: Product, serial: string): boolean {
  if (seen.claimed(serialClaim(product.id, serial)) || isClaimedElsewhere(seen, product, serial)) return false;
  return ownersOf(seen, product, serial).length === 0;
}

/**
 * The counter tries this many S/Ns one by one, and then takes larger steps. A step takes about 10 µs, and agents wait
 * until a free S/N is found.
 */
const MAX_STEPS = 1000;

/**
 * Returns the first S/N after the counter value `last` that is not in use. Throws `serials-exhausted` if there is none.
 */
export function nextFree(seen: Seen, product: Product, slot: SerialSlot, last: number): string {
  const isUsed = (count: number): boolean => !isFree(seen, product, renderSerial(slot, count));
  const free = firstFree(last, lastOf(slot), isUsed);
  if (free === undefined) throw refusal('serials-exhausted', 'atEnd', exhausted(product, slot));
  return renderSerial(slot, free);
}

/** Returns the pattern with one more digit in its counter, or undefined if the counter already has nine digits. */
function widerPattern(pattern: string): string | undefined {
  const wider = pattern.replace(/\{seq:([1-8])\}/, (_, digits) => `{seq:${Number(digits) + 1}}`);
  return wider === pattern ? undefined : wider;
}

interface Exhausted {
  product: string;
  prefix: string;
  pattern: string;
  /** The number of S/Ns that the counter can make. */
  used: number;
  /** An example of a pattern that allows more S/Ns. */
  wider: string;
}

/** Returns the values for a refusal about an S/N counter that is used up or nearly used up. */
export function exhausted({ id, serialPattern }: Product, slot: SerialSlot): Exhausted {
  const pattern = serialPattern ?? '';
  // A counter has at most nine digits. Beyond that, a date in the pattern helps, because counting restarts when the
  // date changes.
  const wider = widerPattern(pattern) ?? `{yy}${pattern}`;
  return { product: id, prefix: slot.prefix, pattern, used: lastOf(slot), wider };
}

/**
 * Returns the first counter value after `last` that is not in use, or undefined if all values up to `end` are in use.
 * If 1,000 values in a row are in use, the search doubles its step each time until it finds a free value. Then it goes
 * back to find a used value that is followed by a free one. So even if a million S/Ns that match the pattern were
 * imported, the search needs only a few dozen more steps. But the counter may skip a free value that lies between used
 * ones.
 */
export function firstFree(last: number, end: number, isUsed: (count: number) => boolean): number | undefined {
  let used = last;
  for (let step = 0; step < MAX_STEPS; step++) {
    if (used >= end) return undefined;
    if (!isUsed(used + 1)) return used + 1;
    used++;
  }
  let free = used + 1;
  for (let step = 1; free <= end && isUsed(free); step *= 2) {
    used = free;
    free += step;
  }
  // The last step may have gone beyond the end. Not all values between `used` and `free` have been checked.
  free = Math.min(free, end + 1);
  while (free - used > 1) {
    const middle = Math.floor((used + free) / 2);
    if (isUsed(middle)) used = middle;
    else free = middle;
  }
  return free > end ? undefined : free;
}
