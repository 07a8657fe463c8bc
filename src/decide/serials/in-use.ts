import { firstShared, numberingOf, type Product } from '../../model/product.ts';
import { renderSerial, type SerialSlot } from '../../model/serial.ts';
import { serialClaim } from '../../model/imports/importing.ts';
import type { Unit } from '../../model/unit.ts';
import type { Seen } from '../seen.ts';

/*
 * No two units have the same S/N, even across products (promise 9). Two products whose patterns can make the same S/N
 * are an exception. Older versions allowed such patterns, so units of both products may already have the same S/Ns, and
 * the counter of one must not skip the S/Ns of the other. docs/decisions/0017 says why.
 */

/** True if the S/Ns of these two products must differ; false if the products' patterns can make the same S/N. */
export function areCompared(one: Product, other: Product): boolean {
  const numberings = [...numberingOf(one), ...(one.former ?? [])];
  return numberings.every((numbering) => firstShared(numbering, [other]) === undefined);
}

/**
 * Returns the units that have this S/N, in any case of its letters, so that another unit of `product` cannot get it. A
 * scanner may change the case of letters, so two such S/Ns could not be told apart.
 */
export function ownersOf(seen: Seen, product: Product, serial: string): Unit[] {
  return seen.unitsBySerial(serial).filter(({ product: id }) => id === product.id || isOther(seen, product, id));
}

/** True if an import claims this S/N for another product, so that a unit of `product` cannot get the S/N. */
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
 * A counter tries this many S/Ns one by one before it takes larger steps. A step takes about 10 µs, and agents wait
 * until the counter has found a free S/N.
 */
const MAX_STEPS = 1000;

/**
 * Returns the first free S/N after the count `last`. After 1,000 S/Ns that are in use, doubles the step, and then goes
 * back to an S/N in use that is followed by a free one. So after an import of a million S/Ns that fit the pattern, the
 * search takes only a few dozen more steps. The counter may then skip a free S/N that is between S/Ns in use.
 */
export function nextFree(seen: Seen, product: Product, slot: SerialSlot, last: number): string {
  const isUsed = (count: number): boolean => !isFree(seen, product, renderSerial(slot, count));
  let used = last;
  for (let step = 0; step < MAX_STEPS; step++) {
    if (!isUsed(used + 1)) return renderSerial(slot, used + 1);
    used++;
  }
  const end = 10 ** slot.digits - 1;
  let free = used + 1;
  for (let step = 1; free <= end && isUsed(free); step *= 2) {
    used = free;
    free += step;
  }
  // The count after the last S/N in use has too many digits. Nothing is known about the counts before it.
  free = Math.min(free, end + 1);
  while (free - used > 1) {
    const middle = Math.floor((used + free) / 2);
    if (isUsed(middle)) used = middle;
    else free = middle;
  }
  return renderSerial(slot, free);
}
