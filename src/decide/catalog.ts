import { ClaimstampError } from '../platform/error.ts';
import type { Happening, Json } from '../model/event.ts';
import { lookalikeProblems, type Product } from '../model/product.ts';
import type { Decision, Seen } from './seen.ts';
import { isBusy, type Station, type StationDefinition } from '../model/station.ts';
import type { WorkOrderDefinition } from '../model/work-order.ts';

/* Products, stations, work orders. Setting what is set already is no event. */

export interface SetProduct {
  kind: 'set-product';
  product: Product;
  /** Products that are set in the same go: they are judged as they will be, not as they are. */
  together?: Product[];
  actor: string;
}

export function setProduct(seen: Seen, { product, together = [], actor }: SetProduct): Decision<Product> {
  const final = [product, ...together.filter(({ id }) => id !== product.id)];
  const others = seen.products().filter((other) => !final.some(({ id }) => id === other.id));
  // Lengths stay in use as long as there are Claim IDs of them.
  const used = final.map((one) => ({ ...one, lengths: seen.product(one.id)?.lengths ?? [] }));
  const problems = lookalikeProblems([...others, ...used]);
  if (problems.length > 0) throw new ClaimstampError('invalid', problems.join('; '));
  const { lengths: _lengths, ...before } = seen.product(product.id) ?? ({} as Product);
  return changed(before.id === undefined ? undefined : before, product, 'product-set', actor);
}

export interface SetStation {
  kind: 'set-station';
  station: StationDefinition;
  /** Source addresses that other stations have are taken from them, not refused. */
  takeOver?: true;
  actor: string;
}

export function setStation(seen: Seen, { station, takeOver, actor }: SetStation): Decision<StationDefinition> {
  for (const [product, id] of Object.entries(station.workOrders)) {
    const workOrder = seen.workOrder(id);
    if (!workOrder)
      throw new ClaimstampError('not-found', `there is no work order ${id}: claimstamp work-order set ${id}`);
    if (workOrder.product !== product) {
      throw new ClaimstampError('invalid', `work order ${id} is for product ${workOrder.product}, not ${product}`);
    }
  }
  refuseMissingPrinter(seen, station);
  for (const other of seen.stations()) {
    const shared = sharedSource(other, station);
    if (shared !== undefined && !takeOver)
      throw new ClaimstampError('invalid', `the source ${shared} is station ${other.name} already`);
  }
  const before = seen.station(station.name);
  const overChange = before && (before.mode !== station.mode || !same(before.workOrders, station.workOrders));
  if (before && overChange && isBusy(before)) {
    throw new ClaimstampError(
      'station-busy',
      before.armed
        ? `${station.name} is armed: claimstamp station cancel ${station.name} before the change-over`
        : `a unit is open at ${station.name}: verify it, or press Next (claimstamp station next ${station.name}), before the change-over`,
    );
  }
  const decision = changed(before && definitionOf(before), station, 'station-set', actor);
  return { ...decision, events: [...(takeOver ? sourcesTaken(seen, station, actor) : []), ...decision.events] };
}

function sharedSource(other: StationDefinition, station: StationDefinition): string | undefined {
  return other.name === station.name ? undefined : other.sources.find((source) => station.sources.includes(source));
}

/** An address moves to the station that the configuration file gives it to: the others no longer have it. */
function sourcesTaken(seen: Seen, station: StationDefinition, actor: string): Happening[] {
  return seen
    .stations()
    .filter((other) => sharedSource(other, station) !== undefined)
    .map((other) => {
      const sources = other.sources.filter((source) => !station.sources.includes(source));
      return { type: 'station-set', actor, data: asData({ ...definitionOf(other), sources }) };
    });
}

function definitionOf({ armed: _armed, slot: _slot, ...definition }: Station): StationDefinition {
  return definition;
}

/** Said here, while somebody is looking: on the line a label that nobody prints is missed too late. */
function refuseMissingPrinter(seen: Seen, { name, printer, autoPrint }: StationDefinition): void {
  if (printer !== undefined && !seen.printer(printer))
    throw new ClaimstampError('not-found', `there is no printer ${printer}: claimstamp printer set ${printer}`);
  if (autoPrint && printer === undefined)
    throw new ClaimstampError('invalid', `${name} cannot print by itself without a printer: name one`);
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
  const { units: _units, closed: _closed, ...definition } = before ?? ({} as never);
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

export function asData(value: object): { [key: string]: Json } {
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
