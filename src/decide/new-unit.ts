import { refusal, type ClaimstampError } from '../platform/error.ts';
import { phrase, valueWords, type Words } from '../platform/refusal-words.ts';
import { lookalikeProblems, newProduct, serialLooksLikeClaimId, type Product } from '../model/product.ts';
import { refuseClosed } from './orders/close-order.ts';
import { skipNumbers } from './pools/draw.ts';
import type { Decision, Kept, Seen } from './seen.ts';
import { exhausted, isClaimedElsewhere, nextFree, ownersOf } from './serials/in-use.ts';
import { clockPassed, clockWasRight, timesIn } from './clock/accept-clock.ts';
import { judgeClock, rightAfter, type Clock, type Times } from '../model/clock.ts';
import { hasDate, isOfPattern, lastOf, narrowerPrefixes, openSerial, type SerialSlot } from '../model/serial.ts';
import { generate, mask, type Random } from '../model/claim-id.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/* Functions that make or check the parts of a new unit: the Claim ID, the S/N, the product and the work order. */

/** A command that may need the site of the service (`CLAIMSTAMP_SITE`). */
export interface AtSite {
  site?: string | undefined;
}

export interface Making {
  seen: Seen;
  now: number;
  site: string | undefined;
  random: Random;
  replaced?: Unit | undefined;
}

/** Returns the Claim ID and S/N for a unit that does not exist yet. */
export function newUnit(
  { seen, now, site, random, replaced }: Making,
  product: Product,
  workOrder: WorkOrder | undefined,
  given: string | undefined,
): { uci: string } & DatedSerial {
  const uci = freshUci(seen, product.claimIdLength, random);
  if (given !== undefined) return { uci, serial: broughtSerial(seen, product, given, replaced) };
  return { uci, ...nextSerial({ seen, now, site }, product, workOrder) };
}

/**
 * If this many drawn IDs in a row are already in use, the random source has failed. With 10^9 units and IDs of 50
 * bits, the probability that a working source draws this many used IDs in a row is about 10^-48.
 */
const MAX_DRAWS = 8;

export function freshUci(seen: Seen, length: number, random: Random): string {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const uci = generate(length, random);
    if (seen.unit(uci) === undefined) return uci;
  }
  throw refusal('random-failed', 'repeats');
}

interface DatedSerial {
  serial?: string;
  /** How many ms the clock is behind the last events. Set only if the S/N has the date of these events. */
  behindMs?: number;
  after?: number;
  /** The row that says when the clock was right. Set for the first dated S/N of each day. */
  clock?: Kept;
}

type Numbered = Pick<Making, 'seen' | 'now' | 'site'>;

function nextSerial(making: Numbered, product: Product, workOrder: WorkOrder | undefined): DatedSerial {
  if (product.serialPattern === null) return {};
  const { seen } = making;
  const { slot, ...clock } = slotFor(making, product, product.serialPattern, workOrder);
  return { serial: nextFree(seen, product, slot, lastCount(seen, product.id, slot)), ...clock };
}

/**
 * Returns the last value that a counter has used. If the pattern was changed to a counter with more digits, counting
 * continues after the S/Ns with fewer digits.
 */
export function lastCount({ counter }: Pick<Seen, 'counter'>, product: string, slot: SerialSlot): number {
  const last = counter(product, slot.prefix);
  return last > 0 ? last : Math.max(0, ...narrowerPrefixes(slot).map((prefix) => counter(product, prefix)));
}

/** Throws `clock-wrong` if this pattern's S/Ns contain a date and the clock is certainly wrong. */
function slotFor(
  { seen, now, site }: Numbered,
  product: Product,
  pattern: string,
  workOrder: WorkOrder | undefined,
): { slot: SerialSlot } & Omit<DatedSerial, 'serial'> {
  const context = { site, code: product.code, lot: lotFor(product, workOrder) };
  if (!hasDate(pattern)) return { slot: openSerial(pattern, now, context) };
  const times = timesIn(seen);
  const clock = judgeClock(now, times);
  if ('wrong' in clock) throw clockWrong(clock, now);
  const { date, ...behind } = clock;
  return { slot: openSerial(pattern, date, context), ...behind, ...clockRow(now, times, clock.after) };
}

function clockRow(now: number, times: Times, after: number | undefined): { clock?: Kept } {
  const right = rightAfter(now, times);
  if (right !== undefined) return { clock: clockWasRight(right) };
  return after === undefined || after === times.passed ? {} : { clock: clockPassed(after) };
}

const minuteOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;

/** Returns the refusal for a clock that is certainly wrong. */
export function clockWrong({ wrong, compared }: Extract<Clock, { wrong: unknown }>, now: number): ClaimstampError {
  const values = { now: minuteOf(now), compared: minuteOf(compared), date: minuteOf(now).slice(0, 10) };
  return refusal('clock-wrong', wrong, values);
}

/** Returns why the clock is wrong or in doubt. Returns undefined if the clock is right. */
export function clockDoubt(clock: Clock, now: number): ClaimstampError | undefined {
  if ('wrong' in clock) return clockWrong(clock, now);
  return clock.after === undefined ? undefined : clockAhead(clock.after, now);
}

/**
 * Returns the alarm that is raised if the clock is many days past the day on which it was last known to be right. S/Ns
 * still get the date of this clock.
 */
export function clockAhead(after: number, now: number): ClaimstampError {
  const days = Math.floor((now - after) / DAY_MS);
  const values = { now: minuteOf(now), compared: minuteOf(after), date: minuteOf(now).slice(0, 10), days };
  return refusal('clock-wrong', 'early', values);
}

function lotFor(product: Product, workOrder: WorkOrder | undefined): string | undefined {
  if (workOrder?.lot === undefined && product.serialPattern?.includes('{lot}')) {
    throw refusal('lot-missing', 'workOrder', { product: product.id, lot: '{lot}' });
  }
  return workOrder?.lot;
}

/**
 * A restore may lose events. Moves each counter past the S/Ns and pool numbers that the units of lost events may have.
 * Only S/N counters with today's prefixes are moved, because the service will make no more S/Ns with earlier dates.
 */
export interface SkipSerials extends AtSite {
  kind: 'skip-serials';
  /** The number of events that are known to be lost. Each lost event used up at most one S/N. */
  lost: number;
  /** How many margins (`MARGIN`) are skipped in addition to `lost`. By default, one. */
  margins?: number;
  /**
   * The root of the checkpoint that shows which events are lost. When the ledger is accepted, nothing is skipped again.
   */
  root?: string;
  actor: string;
}

/**
 * Returns the name of the row that records that the numbers of lost events were skipped for the checkpoint with this
 * root.
 */
const skippedFor = (root: string): string => `skipped ${root}`;

/** True if the numbers of lost events have already been skipped for the checkpoint with this root. */
export function hasSkipped(seen: Seen, root: string): boolean {
  return seen.introduced(skippedFor(root)) !== undefined;
}

/**
 * How many S/Ns can be used up, at most, in the last seconds before a crash. No backup contains the events of these
 * seconds. A reservation makes at most 1,000 units, and a fast line makes 100 devices a second for ten seconds, so
 * together they need 2,000.
 */
const MARGIN = 2000;

/**
 * Only slow production uses a pattern with few digits. So the margin is at most the number of S/Ns that the pattern
 * allows, divided by this number.
 */
const MARGIN_PART = 10;

export function skipSerials(
  seen: Seen,
  { lost, margins = 1, root, site, actor }: SkipSerials,
  now: number,
): Decision<{ products: string[] }> {
  const slots = seen
    .products()
    .flatMap((product) => slotsOf({ seen, now, site }, product).map((slot) => ({ product, slot })));
  const marginOf = (size: number): number => margins * Math.min(MARGIN, Math.floor(size / MARGIN_PART)) + lost;
  const serials = slots.map(({ product: { id: product }, slot }) => {
    const { prefix, digits } = slot;
    const end = 10 ** digits - 1;
    return { product, prefix, count: Math.min(end, lastCount(seen, product, slot) + marginOf(end)) };
  });
  const numbers = seen.products().flatMap((product) => skipNumbers(seen, product, marginOf));
  const events = [...serials, ...numbers].map((data) => ({ type: 'serials-skipped' as const, actor, data }));
  const answer = { products: [...new Set(events.map(({ data }) => data.product))] };
  if (root === undefined) return { events, answer };
  return { events, answer, kept: [{ table: 'introduced', what: skippedFor(root), at: now, upgraded: false }] };
}

/**
 * Returns the S/N counters that the product uses now: one for each lot of its open work orders, or a single one if its
 * pattern has no lot.
 */
function slotsOf({ seen, now, site }: Numbered, { id, serialPattern, code }: Product): SerialSlot[] {
  if (serialPattern === null) return [];
  if (!serialPattern.includes('{lot}')) return [openSerial(serialPattern, now, { site, code })];
  const open = seen.workOrders().filter(({ product, closed }) => product === id && closed === undefined);
  const lots = new Set(open.flatMap(({ lot }) => lot ?? []));
  return [...lots].map((lot) => openSerial(serialPattern, now, { site, code, lot }));
}

/** Throws if the S/N counter has too few S/Ns left for all units that will be made. */
export function refuseBeyondPattern(
  making: Numbered,
  product: Product,
  workOrder: WorkOrder | undefined,
  wanted: number,
): void {
  if (product.serialPattern === null) return;
  const { slot } = slotFor(making, product, product.serialPattern, workOrder);
  const left = lastOf(slot) - lastCount(making.seen, product.id, slot);
  if (wanted <= left) return;
  throw refusal('serials-exhausted', 'room', { ...exhausted(product, slot), left, wanted });
}

/**
 * Checks an S/N that comes from a device or a person. The S/N must not match the product's own pattern, because only
 * the counter may make such S/Ns. If devices could send S/Ns that match this pattern, one device could use up all of
 * them. Later devices would then get no S/N.
 */
export function broughtSerial(seen: Seen, product: Product, serial: string, replaced?: Unit): string {
  const { id, serialPattern, code } = product;
  freeSerial(seen, product, serial, replaced);
  if (serialPattern !== null && serial !== replaced?.serial && isOfPattern(serialPattern, serial, code))
    throw refusal('serial-of-pattern', 'brought', { serial, pattern: serialPattern, product: id });
  return serial;
}

/**
 * Returns the S/N from a device or a person if it is free. Throws if a unit of any product has this S/N, or if the S/N
 * can be mistaken for a Claim ID.
 */
export function freeSerial(seen: Seen, product: Product, serial: string, replaced?: Unit): string {
  const owner = seen.unitBySerial(product.id, serial);
  if (owner && owner.uci !== replaced?.uci) {
    throw refusal('serial-taken', owner.facts.issued === undefined ? 'reserved' : 'issued', {
      serial,
      unit: mask(owner.uci),
    });
  }
  const like = ownersOf(seen, product, serial).find(({ uci }) => uci !== replaced?.uci);
  if (like !== undefined) {
    const unit = mask(like.uci);
    if (like.serial !== serial)
      throw refusal('serial-taken', 'otherCase', { serial, unit, held: like.serial ?? '', product: like.product });
    throw refusal('serial-taken', 'otherProduct', { serial, unit, other: like.product });
  }
  if (isClaimedElsewhere(seen, product, serial)) throw refusal('importing', 'unit');
  if (serialLooksLikeClaimId(serial, [product, ...seen.products()])) {
    throw refusal('serial-like-claim-id', 'change', { serial: mask(serial) });
  }
  return serial;
}

/**
 * Returns how many units will be above the plan if `more` units are made. Throws if the order is closed or does not
 * allow more units than planned.
 */
export function overIssue(workOrder: WorkOrder | undefined, more: number): number {
  if (workOrder === undefined) return 0;
  refuseClosed(workOrder);
  const over = workOrder.units + more - workOrder.planned;
  if (over > 0 && workOrder.overIssue === 'refuse') {
    throw refusal('over-issue', 'plan', {
      workOrder: workOrder.id,
      units: workOrder.units,
      planned: workOrder.planned,
      more,
    });
  }
  return Math.max(0, over);
}

/**
 * The maximum number of products that agents' requests may add. Without this limit, unknown devices could make the
 * ledger grow forever.
 */
export const MAX_PRODUCTS = 1000;

/**
 * Records an unknown product with the default settings. Throws if the service's settings do not allow unknown products.
 */
export function unknownProduct(seen: Seen, id: string, { strict, site }: { strict: boolean } & AtSite): Product {
  const others = strict ? [] : seen.products();
  const isAllowed = !strict && others.length < MAX_PRODUCTS;
  const product = isAllowed ? newProduct(id, others, site) : undefined;
  const why: Words | undefined =
    product !== undefined
      ? lookalikeProblems([...others, product]).map(valueWords)[0]
      : strict
        ? phrase('strict')
        : phrase('manyProducts', { max: MAX_PRODUCTS });
  if (product !== undefined && why === undefined) return product;
  throw refusal('product-unknown', 'notSetUp', { product: id, why: why ?? phrase('strict') });
}

/** Returns the refusal for a source that has already added its allowed number of products today. */
export function manyProducts(product: string, limit: { max: number; source: string }): ClaimstampError {
  return refusal('product-unknown', 'notSetUp', { product, why: phrase('manyToday', limit) });
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Adds one to the number of products that agents from this source have added on the current day (UTC). Throws if this
 * number then exceeds the limit, unless the limit only warns.
 */
export function countInvented(
  seen: Seen,
  { id, source, cap }: { id: string; source: string; cap: { most: number; advise?: true } },
  now: number,
): { kept: Kept; isOver: boolean } {
  const day = Math.floor(now / DAY_MS);
  const known = seen.invented(source);
  const count = (known?.day === day ? known.count : 0) + 1;
  const isOver = count > cap.most;
  if (isOver && !cap.advise) throw manyProducts(id, { max: cap.most, source });
  return { kept: { table: 'invented', source, day, count }, isOver };
}
