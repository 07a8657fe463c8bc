import type { AgentBody } from './body.ts';
import { ClaimstampError } from './error.ts';
import { isObject, type Happening, type Json } from './event.ts';
import { disarmEverywhere } from './floor.ts';
import { freeSerial, newUnit, overIssue, unknownProduct } from './issue.ts';
import { lookalikeProblems, type Product } from './product.ts';
import type { Decision, Seen } from './seen.ts';
import { isBusy, type StationDefinition } from './station.ts';
import { isCanonical, mask, type Random } from './uci.ts';
import { isEnded, type Unit } from './unit.ts';
import type { WorkOrder, WorkOrderDefinition } from './work-order.ts';

/*
 * What is done from a desk: units made by hand, reserved for pre-printed rolls or taken in from elsewhere, units that
 * end, and the products, stations and work orders that the line works by.
 */

/** One transaction makes this many at the most: about a quarter of a second in which agents wait for their turn. */
export const MAX_UNITS_AT_ONCE = 10_000;
export const MAX_IMPORT = 100_000;

/** New units without an agent: `issued` for files that go into firmware, `reserved` for labels printed beforehand. */
export interface Make {
  kind: 'make';
  as: 'issued' | 'reserved';
  product: string;
  count: number;
  workOrder?: string;
  /** Names the batch of reserved units. */
  reservation?: string;
  serial?: string;
  strict: boolean;
  actor: string;
}

export interface Made {
  units: { uci: string; serial?: string }[];
  over?: number;
}

/** A Claim ID made elsewhere, with its device section read as an agent's body is. */
export interface ImportedUnit extends AgentBody {
  /** Where it stands in the file, for messages: `units.csv line 7`. */
  place: string;
  uci: string;
  product: string;
}

export interface Import {
  kind: 'import';
  as: 'issued' | 'reserved';
  units: ImportedUnit[];
  strict: boolean;
  actor: string;
}

export interface EndUnit {
  kind: 'void' | 'scrap';
  uci: string;
  reason: string;
  actor: string;
}

export function make(seen: Seen, command: Make, now: number, random: Random): Decision<Made> {
  if (command.serial !== undefined && command.count !== 1) {
    throw new ClaimstampError('invalid', 'one S/N is for one unit: leave out the S/N or make one');
  }
  const { product, events } = productForDesk(seen, command.product, command.strict, command.actor);
  const workOrder = workOrderForDesk(seen, command, product);
  const over = overIssue(workOrder, command.count);
  const units: Made['units'] = [];
  const batch = countingAhead(seen, product);
  for (let i = 0; i < command.count; i++) {
    const unit = newUnit({ seen: batch.seen, now, random }, product, workOrder, command.serial);
    batch.add(unit);
    units.push(unit);
    events.push(madeEvent(command, product, unit));
  }
  return { events, answer: over > 0 ? { units, over } : { units } };
}

function madeEvent(command: Make, product: Product, unit: { uci: string; serial?: string }): Happening {
  const data: Happening['data'] = {};
  // A given S/N stands in the attributes, as it would in an agent's body: it counts nothing.
  const given =
    command.serial === undefined ? undefined : JSON.stringify({ product: product.id, serial: command.serial });
  if (given === undefined) data['product'] = product.id;
  if (unit.serial !== undefined) data['serial'] = unit.serial;
  if (command.reservation !== undefined) data['reservation'] = command.reservation;
  const event: Happening = { type: command.as, uci: unit.uci, actor: command.actor, data };
  if (command.workOrder !== undefined) event.workOrder = command.workOrder;
  if (given !== undefined) event.attributes = given;
  return event;
}

function workOrderForDesk(seen: Seen, command: Make, product: Product): WorkOrder | undefined {
  if (command.workOrder === undefined) return undefined;
  const workOrder = seen.workOrder(command.workOrder);
  if (!workOrder) throw new ClaimstampError('not-found', `there is no work order ${command.workOrder}`);
  if (workOrder.product !== product.id) {
    throw new ClaimstampError(
      'invalid',
      `work order ${workOrder.id} is for product ${workOrder.product}, not ${product.id}`,
    );
  }
  if (command.as === 'reserved') {
    throw new ClaimstampError(
      'invalid',
      'a reserved unit gets its work order when a device gets the unit: leave it out',
    );
  }
  return workOrder;
}

/** What is seen while several units are made in one go: the ledger, and the ones made so far. */
function countingAhead(
  seen: Seen,
  product: Product,
): { seen: Seen; add: (unit: { uci: string; serial?: string }) => void } {
  const ucis = new Set<string>();
  const serials = new Set<string>();
  const made = { facts: {} } as Unit;
  const counted = new Map<string, number>();
  let lastPrefix = '';
  return {
    seen: {
      ...seen,
      unit: (uci) => (ucis.has(uci) ? made : seen.unit(uci)),
      unitBySerial: (id, serial) => (id === product.id && serials.has(serial) ? made : seen.unitBySerial(id, serial)),
      counter: (id, prefix) => {
        lastPrefix = prefix;
        return counted.get(prefix) ?? seen.counter(id, prefix);
      },
    },
    add: ({ uci, serial }) => {
      ucis.add(uci);
      if (serial === undefined) return;
      serials.add(serial);
      const start = lastPrefix.indexOf('#');
      if (start >= 0) counted.set(lastPrefix, Number(serial.slice(start, lastPrefix.lastIndexOf('#') + 1)));
    },
  };
}

/** All of a file or nothing: the first line that cannot be taken refuses it, and is named. */
export function takeIn(seen: Seen, command: Import): Decision<Made> {
  const events: Happening[] = [];
  const products = new Map<string, Product>();
  const taken = new Map<string, string>();
  for (const unit of command.units) {
    at(unit.place, () => refuseMalformed(unit));
    if (!products.has(unit.product)) {
      const { product, events: added } = at(unit.place, () =>
        productForDesk(seen, unit.product, command.strict, command.actor),
      );
      products.set(unit.product, product);
      events.push(...added);
    }
    at(unit.place, () => refuseTaken(seen, unit, products.get(unit.product) as Product, taken));
    events.push(importedEvent(command, unit));
  }
  return {
    events,
    answer: { units: command.units.map(({ uci, serial }) => (serial === undefined ? { uci } : { uci, serial })) },
  };
}

/** What would make the ledger say two things: the unit's own members and those of its device section must agree. */
function refuseMalformed({ uci, product, identity, attributes }: ImportedUnit): void {
  if (!isCanonical(uci)) throw new ClaimstampError('invalid', 'the Claim ID is malformed');
  if (attributes === undefined && identity.length === 0) return;
  const device = deviceSection(attributes ?? '{}');
  if (device['product'] !== product && attributes !== undefined) {
    throw new ClaimstampError('invalid', `the attributes must name the product ${product}`);
  }
  const other = identity.find(([property, value]) => {
    const held = device[property];
    return typeof held === 'number' ? String(held) !== value : held !== value;
  })?.[0];
  if (other !== undefined) throw new ClaimstampError('invalid', `"${other}" is not the one in the attributes`);
}

function deviceSection(attributes: string): { [key: string]: Json } {
  let device: unknown;
  try {
    device = /[\r\n]/.test(attributes) ? undefined : JSON.parse(attributes);
  } catch {
    device = undefined;
  }
  if (isObject(device)) return device;
  throw new ClaimstampError('invalid', 'the attributes must be one JSON object on one line');
}

function refuseTaken(seen: Seen, unit: ImportedUnit, product: Product, taken: Map<string, string>): void {
  const once = (key: string, what: string): void => {
    const first = taken.get(key);
    if (first !== undefined) throw new ClaimstampError('duplicate', `the ${what} stands in ${first} already`);
    taken.set(key, unit.place);
  };
  once(`uci ${unit.uci}`, `Claim ID ${mask(unit.uci)}`);
  if (seen.unit(unit.uci))
    throw new ClaimstampError('duplicate', `the Claim ID ${mask(unit.uci)} is in the ledger already`);
  if (unit.serial !== undefined) {
    once(`serial ${unit.product} ${unit.serial}`, `S/N ${unit.serial}`);
    freeSerial(seen, product, unit.serial);
  }
  for (const [property, value] of unit.identity) {
    once(`identity ${unit.product} ${property} ${value}`, `"${property}"`);
    const owner = seen.unitByIdentity(unit.product, property, value);
    if (owner) throw new ClaimstampError('duplicate', `the "${property}" is that of unit ${mask(owner.uci)} already`);
  }
}

function importedEvent(command: Import, unit: ImportedUnit): Happening {
  const data: Happening['data'] = { imported: true };
  if (unit.attributes === undefined) data['product'] = unit.product;
  if (unit.serial !== undefined) data['serial'] = unit.serial;
  if (unit.identity.length > 0) data['identity'] = unit.identity.map(([property]) => property);
  const event: Happening = { type: command.as, uci: unit.uci, actor: command.actor, data };
  if (unit.attributes !== undefined) event.attributes = unit.attributes;
  return event;
}

function at<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof ClaimstampError)
      throw new ClaimstampError(error.code, `${place}: ${error.message}; nothing was imported`);
    throw error;
  }
}

function productForDesk(
  seen: Seen,
  id: string,
  strict: boolean,
  actor: string,
): { product: Product; events: Happening[] } {
  const known = seen.product(id);
  if (known) return { product: known, events: [] };
  const product = unknownProduct(seen, id, strict);
  return { product, events: [{ type: 'product-set', actor, data: asData(product) }] };
}

/** Retires a Claim ID for ever and frees the identity (`void`), or records that the device is gone (`scrap`). */
export function endUnit(seen: Seen, command: EndUnit): Decision<{ uci: string }> {
  const unit = seen.unit(command.uci);
  if (!unit) throw new ClaimstampError('not-found', `there is no unit ${mask(command.uci)}`);
  const type = command.kind === 'void' ? 'void' : 'scrapped';
  // Scrapping what is void says nothing new; voiding what is scrapped frees its identity.
  if (unit.facts[type] !== undefined || (type === 'scrapped' && isEnded(unit))) {
    throw new ClaimstampError(
      'unit-ended',
      `unit ${mask(unit.uci)} is ${unit.facts.void ? 'void' : 'scrapped'} already`,
    );
  }
  const events = disarmEverywhere(seen, unit, command.actor, type);
  events.push({ type, uci: unit.uci, actor: command.actor, data: { reason: command.reason } });
  return { events, answer: { uci: unit.uci } };
}

/* Products, stations, work orders. Setting what is set already is no event. */

export interface SetProduct {
  kind: 'set-product';
  product: Product;
  actor: string;
}

export function setProduct(seen: Seen, { product, actor }: SetProduct): Decision<Product> {
  const others = seen.products().filter((other) => other.id !== product.id);
  const problems = lookalikeProblems([...others, product]);
  if (problems.length > 0) throw new ClaimstampError('invalid', problems.join('; '));
  return changed(seen.product(product.id), product, 'product-set', actor);
}

export interface SetStation {
  kind: 'set-station';
  station: StationDefinition;
  actor: string;
}

export function setStation(seen: Seen, { station, actor }: SetStation): Decision<StationDefinition> {
  for (const [product, id] of Object.entries(station.workOrders)) {
    const workOrder = seen.workOrder(id);
    if (!workOrder)
      throw new ClaimstampError('not-found', `there is no work order ${id}: claimstamp work-order set ${id}`);
    if (workOrder.product !== product) {
      throw new ClaimstampError('invalid', `work order ${id} is for product ${workOrder.product}, not ${product}`);
    }
  }
  for (const other of seen.stations()) {
    const shared =
      other.name === station.name ? undefined : other.sources.find((source) => station.sources.includes(source));
    if (shared !== undefined)
      throw new ClaimstampError('invalid', `the source ${shared} is station ${other.name} already`);
  }
  const before = seen.station(station.name);
  const overChange = before && (before.mode !== station.mode || !same(before.workOrders, station.workOrders));
  if (before && overChange && isBusy(before)) {
    throw new ClaimstampError(
      'station-busy',
      `a unit is ${before.armed ? 'armed' : 'open'} at ${station.name}: verify it, press Next or cancel before the change-over`,
    );
  }
  const { armed: _armed, slot: _slot, ...definition } = before ?? ({} as never);
  return changed(before && definition, station, 'station-set', actor);
}

export interface SetStationKey {
  kind: 'set-station-key';
  station: string;
  /** SHA-256 of the key. */
  hash: Uint8Array;
  actor: string;
}

export function setStationKey(seen: Seen, { station, hash, actor }: SetStationKey): Decision<{ station: string }> {
  if (!seen.station(station))
    throw new ClaimstampError('not-found', `there is no station ${station}: claimstamp station set ${station}`);
  const events: Happening[] = [{ type: 'station-key-set', actor, station, data: {} }];
  return { events, answer: { station }, stationKey: { station, hash } };
}

export interface SetWorkOrder {
  kind: 'set-work-order';
  workOrder: WorkOrderDefinition;
  actor: string;
}

export function setWorkOrder(seen: Seen, { workOrder, actor }: SetWorkOrder): Decision<WorkOrderDefinition> {
  if (!seen.product(workOrder.product)) {
    throw new ClaimstampError(
      'product-unknown',
      `there is no product ${workOrder.product}: claimstamp product set ${workOrder.product}`,
    );
  }
  const before = seen.workOrder(workOrder.id);
  // Its void units, and the stations that work on it, name it too.
  if (before && before.product !== workOrder.product) {
    throw new ClaimstampError(
      'invalid',
      `work order ${workOrder.id} is for product ${before.product}: give the one for ${workOrder.product} another name`,
    );
  }
  if (before && before.lot !== workOrder.lot && before.units > 0) {
    throw new ClaimstampError(
      'invalid',
      `work order ${workOrder.id} has ${before.units} units: its lot stays as it is`,
    );
  }
  const { units: _units, ...definition } = before ?? ({} as never);
  return changed(before && definition, workOrder, 'work-order-set', actor);
}

function changed<T extends object>(
  before: T | undefined,
  after: T,
  type: Happening['type'],
  actor: string,
): Decision<T> {
  if (before !== undefined && same(before, after)) return { events: [], answer: after };
  return { events: [{ type, actor, data: asData(after) }], answer: after };
}

function asData(value: object): { [key: string]: Json } {
  return JSON.parse(JSON.stringify(value));
}

function same(a: object, b: object): boolean {
  return stable(a) === stable(b);
}

/** JSON with its keys in order, so that the same settings compare equal however they were written. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
