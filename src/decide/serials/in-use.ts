import { firstShared, numberingOf, type Product } from '../../model/product.ts';
import { renderSerial, type SerialSlot } from '../../model/serial.ts';
import { serialClaim } from '../../model/imports/importing.ts';
import type { Unit } from '../../model/unit.ts';
import type { Seen } from '../seen.ts';

/*
 * An S/N belongs to one unit of all products (promise 9). Two products whose patterns can make the same S/N are an
 * exception: older versions allowed such patterns, so their units may already have the same S/Ns, and one counter must
 * not skip the S/Ns of the other. docs/decisions/0017 says why.
 */

/** True if the S/Ns of these products are compared: false for two products whose patterns can make the same S/N. */
export function areCompared(one: Product, other: Product): boolean {
  const numberings = [...numberingOf(one), ...(one.former ?? [])];
  return numberings.every((numbering) => firstShared(numbering, [other]) === undefined);
}

/**
 * Returns the units that have this S/N, in any case of its letters, so that another unit of `product` cannot get it. A
 * scanner may change the case of a label, so two such S/Ns could not be told apart.
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
 * A counter tries this many S/Ns one by one. A step takes about 10 µs, and agents wait until the counter has found a
 * free S/N.
 */
const MAX_STEPS = 1000;

/**
 * Returns the first free S/N after the count `last`. After 1,000 S/Ns in use, doubles the step and then goes back to an
 * S/N in use that a free S/N follows. So an import with a million S/Ns of the pattern costs a few dozen steps more. The
 * counter then may pass over a free S/N between S/Ns in use.
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
  // The count after the last one has too many digits. Nothing is known of the counts before it.
  free = Math.min(free, end + 1);
  while (free - used > 1) {
    const middle = Math.floor((used + free) / 2);
    if (isUsed(middle)) used = middle;
    else free = middle;
  }
  return renderSerial(slot, free);
}
