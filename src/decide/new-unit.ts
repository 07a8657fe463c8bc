import { ClaimstampError } from '../platform/error.ts';
import { lookalikeProblems, newProduct, serialLooksLikeClaimId, type Product } from '../model/product.ts';
import { refuseClosed } from './reconcile.ts';
import type { Seen } from './seen.ts';
import { openSerial, renderSerial } from '../model/serial.ts';
import { generate, mask, type Random } from '../model/claim-id.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/* What a unit is made of, whoever asks for it: a Claim ID, an S/N, a product, a place in its work order. */

/** Claim ID and S/N for a unit that does not exist yet. */
export function newUnit(
  { seen, now, random, replaced }: { seen: Seen; now: number; random: Random; replaced?: Unit | undefined },
  product: Product,
  workOrder: WorkOrder | undefined,
  given: string | undefined,
): { uci: string; serial?: string } {
  const uci = freshUci(seen, product.claimIdLength, random);
  const serial =
    given === undefined ? nextSerial(seen, product, workOrder, now) : freeSerial(seen, product, given, replaced);
  return serial === undefined ? { uci } : { uci, serial };
}

/** With 10^9 units in use, eight draws in a row of taken 50-bit IDs happen once in 10^48: the source has failed. */
const MAX_DRAWS = 8;

export function freshUci(seen: Seen, length: number, random: Random): string {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const uci = generate(length, random);
    if (seen.unit(uci) === undefined) return uci;
  }
  throw new ClaimstampError(
    'random-failed',
    'the random source repeats itself: no Claim ID is given out until it is mended',
  );
}

/** Skipped S/Ns are those that came in bodies; more than this in a row is a pattern that collides with them for good. */
const MAX_SKIPPED = 1000;

function nextSerial(seen: Seen, product: Product, workOrder: WorkOrder | undefined, now: number): string | undefined {
  if (product.serialPattern === null) return undefined;
  const slot = openSerial(product.serialPattern, now, { code: product.code, lot: lotFor(product, workOrder) });
  const last = seen.counter(product.id, slot.prefix);
  for (let count = last + 1; count <= last + MAX_SKIPPED; count++) {
    const serial = renderSerial(slot, count);
    if (seen.unitBySerial(product.id, serial) === undefined) return serial;
  }
  throw new ClaimstampError(
    'serials-exhausted',
    `the S/Ns after "${slot.prefix}" ${last} are taken: change the product's pattern`,
  );
}

function lotFor(product: Product, workOrder: WorkOrder | undefined): string | undefined {
  if (workOrder?.lot === undefined && product.serialPattern?.includes('{lot}')) {
    throw new ClaimstampError(
      'invalid',
      `the S/N pattern of ${product.id} needs {lot}: give the station a work order with a lot`,
    );
  }
  return workOrder?.lot;
}

/** Before the first of many units is made: throws where the S/N counter has no room for all of them. */
export function refuseBeyondPattern(
  seen: Seen,
  product: Product,
  workOrder: WorkOrder | undefined,
  now: number,
  wanted: number,
): void {
  if (product.serialPattern === null) return;
  const slot = openSerial(product.serialPattern, now, { code: product.code, lot: lotFor(product, workOrder) });
  const left = 10 ** slot.digits - 1 - seen.counter(product.id, slot.prefix);
  if (wanted <= left) return;
  throw new ClaimstampError(
    'serials-exhausted',
    `the S/N counter "${slot.prefix}" has room for ${left} more, ${wanted} are asked for: make fewer, or give the product a pattern with more digits`,
  );
}

/** An S/N from outside, once it is clear that it is free and cannot pass for a Claim ID. */
export function freeSerial(seen: Seen, product: Product, serial: string, replaced?: Unit): string {
  const owner = seen.unitBySerial(product.id, serial);
  if (owner && owner.uci !== replaced?.uci) {
    const hint = owner.facts.issued === undefined ? 'scan its label to arm the station' : 'no two units may have one';
    throw new ClaimstampError('serial-taken', `S/N ${serial} belongs to unit ${mask(owner.uci)}: ${hint}`);
  }
  if (serialLooksLikeClaimId(serial, [product, ...seen.products()])) {
    throw new ClaimstampError(
      'invalid',
      `S/N ${mask(serial)} can be read as a Claim ID: use another S/N, or give the product another Claim ID length`,
    );
  }
  return serial;
}

/** Units over the plan after `more`; throws where the order refuses them, or is closed. */
export function overIssue(workOrder: WorkOrder | undefined, more: number): number {
  if (workOrder === undefined) return 0;
  refuseClosed(workOrder);
  const over = workOrder.units + more - workOrder.planned;
  if (over > 0 && workOrder.overIssue === 'refuse') {
    throw new ClaimstampError(
      'over-issue',
      `work order ${workOrder.id} has ${workOrder.units} of ${workOrder.planned} units, ${more} more do not fit: plan more, or use another work order`,
    );
  }
  return Math.max(0, over);
}

/** How many products the line may add by itself: bounds what a stranger's requests can write. */
const MAX_PRODUCTS = 1000;

/** A product that nobody set up, as it is recorded when it first comes. Throws where that is not wanted. */
export function unknownProduct(seen: Seen, id: string, strict: boolean): Product {
  const others = strict ? [] : seen.products();
  const why = strict
    ? 'CLAIMSTAMP_PRODUCTS is strict'
    : others.length >= MAX_PRODUCTS
      ? `${MAX_PRODUCTS} products came by themselves`
      : lookalikeProblems([...others, newProduct(id)])[0];
  if (why === undefined) return newProduct(id);
  throw new ClaimstampError('product-unknown', `product ${id} is not set up (${why}): claimstamp product set ${id}`);
}
