import { refusal } from '../platform/error.ts';
import { valueWords } from '../platform/refusal-words.ts';
import { check } from '../platform/validation-words.ts';
import type { Happening } from '../model/event.ts';
import {
  firstShared,
  lookalikeProblems,
  numberingOf,
  Product,
  settingsOf,
  withPattern,
  type ProductAsSet,
  type ProductEntry,
} from '../model/product.ts';
import { hasSite, siteMissing, type Numbering } from '../model/serial.ts';
import { mergePatch, type Patch } from '../model/settings.ts';
import { refuseUnapproved } from './labels/approve-template.ts';
import { refuseImportingProduct } from './imports/claims.ts';
import { formerPoolsOf, refusePools } from './pools/check-pools.ts';
import type { AtSite } from './new-unit.ts';
import type { Decision, Seen } from './seen.ts';
import { isBusy, StationDefinition, unprovenProduct, type Station } from '../model/station.ts';
import { orderDefinition, purposeOf, WorkOrderDefinition } from '../model/work-order.ts';

/*
 * Commands for products, stations and work orders. If a command would leave every value of an entry unchanged, it adds
 * no event.
 */

/**
 * All settings of one entry, for example a product. If `merge` is set, the command contains only the settings that
 * change.
 */
export type SetOf<Thing extends string, Settings, Id extends keyof Settings> =
  | ({ [thing in Thing]: Settings } & { merge?: never })
  | ({ [thing in Thing]: Patch & Pick<Settings, Id> } & { merge: true });

export type SetProduct = AtSite &
  SetOf<'product', ProductEntry, 'id'> & {
    kind: 'set-product';
    /**
     * Other products that the same command changes. The check of S/N patterns uses the new settings of these products.
     */
    together?: ProductEntry[];
    actor: string;
  };

export function setProduct(seen: Seen, command: SetProduct): Decision<ProductAsSet> {
  return settleProduct(seen, command, (others, product) => refuseTogether(seen, [...others, product]));
}

/** Like `setProduct`, but the caller calls `refuseTogether` after it has set all products. */
export function setOneOfProducts(seen: Seen, command: SetProduct): Decision<ProductAsSet> {
  return settleProduct(seen, command, () => {});
}

/** Throws if S/Ns of one of these products can be mistaken for a Claim ID, or if a station needs a device code. */
export function refuseTogether(seen: Pick<Seen, 'stations'>, products: Product[]): void {
  const problems = lookalikeProblems(products);
  if (problems.length > 0) throw refusal('serial-like-claim-id', 'pattern', { problems: problems.map(valueWords) });
  for (const station of seen.stations()) refuseUnproven(station, products);
}

function settleProduct(
  seen: Seen,
  command: SetProduct,
  checkAll: (others: Product[], product: Product) => void,
): Decision<ProductAsSet> {
  const { together = [], site, actor } = command;
  const known = seen.product(command.product.id);
  const entry = command.merge
    ? check(Product, mergePatch(known ? settingsOf(known) : {}, command.product))
    : command.product;
  const others = othersOf(seen, entry.id, together);
  if (known === undefined && entry.serialPattern === undefined) refuseLongCode(entry);
  // In a merge, null restores the default pattern.
  const product = withPattern(entry, { known: command.merge ? undefined : known, others, site });
  // Claim IDs with former lengths still exist, so the check includes these lengths.
  const lengths = known?.lengths ?? [];
  checkAll(others, { ...product, lengths });
  if (known && same(settingsOf(known), product)) return { events: [], answer: product };
  const former = formerOf(known, product);
  const formerPools = formerPoolsOf(seen, known, product);
  if (product.pools !== undefined || product.poolAnswers !== undefined) refusePools(seen, product, formerPools, others);
  if (known === undefined || !same(numberingOf(known), numberingOf(product))) refuseNumbering(product, others, site);
  refuseUnapproved(seen, product);
  const data: Product = {
    ...product,
    ...(former.length > 0 ? { former } : {}),
    ...(formerPools.length > 0 ? { formerPools } : {}),
  };
  return { events: [{ type: 'product-set', actor, data }], answer: product };
}

/**
 * Returns the other products. If the same command changes one of these products, the result has the product's new
 * settings.
 */
function othersOf(seen: Seen, id: string, together: ProductEntry[]): Product[] {
  if (together.length === 0) return seen.products().filter((other) => other.id !== id);
  const changing = together.flatMap((entry) => plannedProduct(seen, entry) ?? []);
  const unchanged = seen.products().filter((other) => !together.some((entry) => entry.id === other.id));
  return [...unchanged, ...changing].filter((other) => other.id !== id);
}

/**
 * Returns a product as it will be after the command. Returns undefined for a new product without a pattern: it is
 * checked later, when it is added and gets a pattern.
 */
export function plannedProduct(seen: Pick<Seen, 'product'>, entry: ProductEntry): Product | undefined {
  const known = seen.product(entry.id);
  if (known) return { ...known, ...withPattern(entry, { known, others: [], site: undefined }) };
  const { serialPattern } = entry;
  return serialPattern === undefined ? undefined : { ...entry, serialPattern };
}

/** Returns the patterns and codes that the product has used for S/Ns so far. */
function formerOf(known: Product | undefined, product: ProductAsSet): Numbering[] {
  if (known === undefined) return [];
  const { former = [] } = known;
  const isNew = known.used && !same(numberingOf(known), numberingOf(product));
  const all = isNew ? [...former, ...numberingOf(known)] : former;
  return all.filter((one, i) => !all.slice(0, i).some((earlier) => same(earlier, one)));
}

/**
 * If the product's code is at most this long, a default S/N fits in the bar code of the default label (62 mm wide, 203
 * dpi).
 */
const MAX_DEFAULT_CODE = 5;

function refuseLongCode({ code }: ProductEntry): void {
  if (code === undefined || code.length <= MAX_DEFAULT_CODE) return;
  throw refusal('invalid', 'longCode', { code, max: MAX_DEFAULT_CODE });
}

/**
 * Throws if the product's new pattern needs a site but no site is set. Also throws if the pattern could make S/Ns of
 * another product.
 */
function refuseNumbering(product: ProductAsSet, others: Product[], site: string | undefined): void {
  for (const numbering of numberingOf(product)) {
    const { pattern } = numbering;
    if (site === undefined && hasSite(pattern)) throw siteMissing(pattern);
    const shared = firstShared(numbering, others);
    if (shared === undefined) continue;
    throw refusal('serials-shared', 'pattern', {
      product: product.id,
      pattern,
      other: shared.other.id,
      otherPattern: shared.pattern,
      code: '{code}',
    });
  }
}

export interface RemoveProduct {
  kind: 'remove-product';
  id: string;
  actor: string;
}

/**
 * Removes a product if it has no unit and nothing refers to it. If a product with units were removed, its Claim IDs
 * would have no product.
 */
export function removeProduct(seen: Seen, { id, actor }: RemoveProduct): Decision<null> {
  const product = seen.product(id);
  if (!product) throw refusal('not-found', 'product', { product: id });
  refuseImportingProduct(seen, id);
  if (product.used) throw refusal('product-in-use', 'units', { product: id });
  const station = seen.stations().find((one) => one.product === id || Object.hasOwn(one.workOrders, id));
  if (station) throw refusal('product-in-use', 'station', { product: id, station: station.name });
  const workOrder = seen.workOrderOf(id);
  if (workOrder) throw refusal('product-in-use', 'workOrder', { product: id, workOrder: workOrder.id });
  return { events: [{ type: 'product-removed', actor, data: { id } }], answer: null };
}

export type SetStation = SetOf<'station', StationDefinition, 'name'> & {
  kind: 'set-station';
  /**
   * If an address in `definition` belongs to another station, the other station loses it. Without `takeOver`, such an
   * address is refused.
   */
  takeOver?: true;
  /** Allows only the change-over of an existing station. Refuses settings that are not in CHANGE_OVER. */
  changeOver?: true;
  actor: string;
};

/** The station settings that a lead may change between two work orders. */
export const CHANGE_OVER = ['workOrders', 'product', 'printer', 'shippingList'] as const;

function refuseMore(before: Station | undefined, { station, actor }: SetStation): void {
  if (before === undefined) throw refusal('not-found', 'station', { station: station.name });
  const more = Object.keys(station).filter(
    (setting) => setting !== 'name' && !CHANGE_OVER.some((one) => one === setting),
  );
  if (more.length === 0) return;
  const settings = { settings: more.join(', '), allowed: CHANGE_OVER.join(', ') };
  throw refusal('beyond-own-rights', 'changeOver', { actor, ...settings });
}

export function setStation(seen: Seen, command: SetStation): Decision<StationDefinition> {
  const { takeOver, actor } = command;
  const before = seen.station(command.station.name);
  if (command.changeOver) refuseMore(before, command);
  const station = command.merge
    ? check(StationDefinition, mergePatch(before ? definitionOf(before) : {}, command.station))
    : command.station;
  if (Object.keys(station.printers ?? {}).length === 0) delete station.printers;
  for (const [product, id] of Object.entries(station.workOrders)) {
    const workOrder = seen.workOrder(id);
    if (!workOrder) throw refusal('not-found', 'workOrderSet', { workOrder: id });
    if (workOrder.product !== product) {
      throw refusal('wrong-product', 'workOrder', { workOrder: id, product: workOrder.product, other: product });
    }
  }
  refuseMissingPrinter(seen, station);
  refuseMissingList(seen, station);
  refuseUnproven(station, seen.products());
  for (const other of seen.stations()) {
    const shared = sharedSource(other, station);
    if (shared !== undefined && !takeOver)
      throw refusal('source-taken', 'station', { source: shared, station: other.name });
  }
  const overChange = before && (before.mode !== station.mode || !same(before.workOrders, station.workOrders));
  if (before && overChange && isBusy(before)) {
    throw refusal(before.armed ? 'station-armed' : 'station-busy', 'changeOver', { station: station.name });
  }
  const events = takeOver ? sourcesTaken(seen, station, actor) : [];
  if (!before || !same(definitionOf(before), station)) events.push({ type: 'station-set', actor, data: station });
  return { events, answer: station };
}

function sharedSource(other: StationDefinition, station: StationDefinition): string | undefined {
  return other.name === station.name ? undefined : other.sources.find((source) => station.sources.includes(source));
}

/**
 * If the configuration file gives this station addresses that another station has, removes them from the other station.
 */
function sourcesTaken(seen: Seen, station: StationDefinition, actor: string): Happening[] {
  return seen
    .stations()
    .filter((other) => sharedSource(other, station) !== undefined)
    .map((other) => {
      const sources = other.sources.filter((source) => !station.sources.includes(source));
      return { type: 'station-set', actor, data: { ...definitionOf(other), sources } };
    });
}

function definitionOf({ armed: _armed, slot: _slot, removed: _removed, ...definition }: Station): StationDefinition {
  return definition;
}

/** Refuses a printer that does not exist, so that someone notices the mistake before production starts. */
function refuseMissingPrinter(seen: Seen, { name, printer, printers, autoPrint }: StationDefinition): void {
  for (const one of [printer, ...Object.values(printers ?? {})])
    if (one !== undefined && !seen.printer(one)) throw refusal('not-found', 'printer', { printer: one });
  if (autoPrint && printer === undefined) throw refusal('no-printer', 'autoPrint', { station: name });
}

function refuseMissingList(seen: Seen, { shippingList }: StationDefinition): void {
  if (shippingList === undefined || seen.shippingList(shippingList)) return;
  throw refusal('not-found', 'shippingList', { list: shippingList });
}

/**
 * Refuses a station with several nests in open mode if one of its products has no device code. If there is no device
 * code, a scan of the label does not prove which of the devices in the nests has the label.
 */
function refuseUnproven(station: StationDefinition, products: Product[]): void {
  const product = unprovenProduct(station, products);
  if (product === undefined) return;
  const { name, nests = 1 } = station;
  throw refusal('device-code-needed', 'station', { station: name, nests, product });
}

export type SetWorkOrder = SetOf<'workOrder', WorkOrderDefinition, 'id'> & { kind: 'set-work-order'; actor: string };

export function setWorkOrder(seen: Seen, command: SetWorkOrder): Decision<WorkOrderDefinition> {
  const before = seen.workOrder(command.workOrder.id);
  const definition = before === undefined ? {} : orderDefinition(before);
  const workOrder = command.merge
    ? check(WorkOrderDefinition, mergePatch(definition, command.workOrder))
    : command.workOrder;
  if (!seen.product(workOrder.product)) {
    throw refusal('product-unknown', 'missing', { product: workOrder.product });
  }
  // A work order keeps its product even if it has no units, because stations and void units may still refer to the work
  // order.
  if (before && before.product !== workOrder.product) {
    throw refusal('wrong-product', 'rename', {
      workOrder: workOrder.id,
      product: before.product,
      other: workOrder.product,
    });
  }
  if (before && before.lot !== workOrder.lot && before.units > 0) {
    throw refusal('work-order-started', 'lot', { workOrder: workOrder.id, units: before.units });
  }
  if (before && purposeOf(before) !== purposeOf(workOrder) && before.units > 0) {
    throw refusal('work-order-started', 'purpose', { workOrder: workOrder.id, units: before.units });
  }
  if (before && same(definition, workOrder)) return { events: [], answer: workOrder };
  return { events: [{ type: 'work-order-set', actor: command.actor, data: workOrder }], answer: workOrder };
}

function same(a: object, b: object): boolean {
  return stable(a) === stable(b);
}

/** Returns JSON with sorted keys. Because the keys are sorted, equal settings give equal texts. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
