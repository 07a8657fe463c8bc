import { auditedAs } from '../model/audit/kinds.ts';
import { advanceStation, advanceUnit, movedJob, queuedJob } from '../model/advance.ts';
import { propertyOf } from '../model/body.ts';
import { bodyOf, type Event } from '../model/event.ts';
import { LINK } from '../model/link/link.ts';
import { formerQrs, lengthsOf, type Product } from '../model/product.ts';
import { counterOf } from '../model/serial.ts';
import { newStation, type Station, type StationDefinition } from '../model/station.ts';
import { inFirstLife } from '../model/returns/lives.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import { orderDefinition, type WorkOrder, type WorkOrderDefinition } from '../model/work-order.ts';
import { labelRow } from './labels/project-labels.ts';
import type { Row, Seen } from './seen.ts';
import { countDrawn, countImported, type PoolCount } from './pools/draw.ts';
import { listRows, shipmentRows } from './shipping/project-lists.ts';

/** The look-up functions that `project` uses. */
export type Projected = Pick<
  Seen,
  'product' | 'station' | 'workOrder' | 'shippingList' | 'unit' | 'counter' | 'printJob' | 'printer'
>;

/**
 * Returns the rows that an event changes. Only this function decides which rows an event changes, even when the
 * tables are rebuilt.
 */
export function project(event: Event, seen: Projected): Row[] {
  const rows = tableRows(event, seen);
  const type = auditedAs(event);
  return type === undefined ? rows : [...rows, { table: 'access-event', seq: event.seq, type, actor: event.actor }];
}

/** The types of events that change no row. */
const WITHOUT_ROWS: ReadonlySet<Event['type']> = new Set([
  'access-restored',
  'station-key-set',
  'printer-token-set',
  'token-set',
  'token-revoked',
  'person-set',
  'person-removed',
  'invited',
  'kiosk-set',
  'signed-in',
  'signed-out',
  'session-ended',
  'sign-ins-failed',
  'sign-in-locked',
  'badge-used',
  'hold-code-set',
  'hold-code-withdrawn',
  'signing-key-rotated',
  'drill-held',
  'webhook-set',
  'import-begun',
  'bulk-read',
  'ledger-accepted',
  'clock-accepted',
] satisfies Event['type'][]);

function tableRows(event: Event, seen: Projected): Row[] {
  if (WITHOUT_ROWS.has(event.type)) return [];
  switch (event.type) {
    case 'product-set':
      return [{ table: 'product', product: productAfter(event.data, seen) }];
    case 'product-removed':
      return [{ table: 'product', product: { ...existing(seen.product(event.data.id), event), removed: true } }];
    case 'station-removed':
      return [{ table: 'station', station: { ...existing(seen.station(event.data.name), event), removed: true } }];
    case 'printer-removed':
      return [{ table: 'printer', printer: { ...existing(seen.printer(event.data.name), event), removed: true } }];
    case 'work-order-removed':
      return [{ table: 'work-order', workOrder: { ...existing(seen.workOrder(event.data.id), event), removed: true } }];
    case 'station-set':
      return [{ table: 'station', station: stationAfter(event.data, seen) }];
    case 'work-order-set':
      return [{ table: 'work-order', workOrder: workOrderSet(event.data, seen) }];
    case 'work-order-closing':
    case 'work-order-released':
    case 'work-order-closed':
    case 'work-order-reopened':
      return [{ table: 'work-order', workOrder: workOrderAfter(event, seen) }];
    case 'printer-set':
      return [{ table: 'printer', printer: event.data }];
    case 'print-queued':
    case 'print-moved':
    case 'printed':
      return [...unitRows(event, seen), ...jobRows(event, seen)];
    case 'template-saved':
    case 'template-approved':
    case 'template-approval-asked':
    case 'template-approval-revoked':
    case 'render-set':
    case 'template-removed':
    case 'logo-saved':
    case 'logo-removed':
      return [labelRow(event)];
    case 'shipping-list-set':
    case 'shipping-list-closed':
      return listRows(event, seen);
    case 'shipped':
    case 'unshipped':
      return [...unitRows(event, seen), ...shipmentRows(event, seen)];
    case 'next':
    case 'same-device':
      return stationRows(event, seen);
    case 'access-committed':
    case 'access-covered':
      return accessRows(event);
    case 'serials-skipped':
      return counterRows(event, seen);
    default:
      return [...unitRows(event, seen), ...stationRows(event, seen)];
  }
}

function counterRows({ data: { product, prefix, count } }: Event<'serials-skipped'>, seen: Projected): Row[] {
  return count > seen.counter(product, prefix) ? [{ table: 'counter', product, prefix, count }] : [];
}

function jobRows(event: Event<'print-queued' | 'print-moved' | 'printed'>, seen: Projected): Row[] {
  if (event.type === 'print-queued') return [{ table: 'print-job', job: queuedJob(event) }];
  const job = movedJob(event, seen.printJob(event.data.job));
  return [{ table: 'print-job', job }, ...columnRows(event, seen)];
}

function accessRows({ seq, type, data }: Event<'access-committed' | 'access-covered'>): Row[] {
  const former: Row[] =
    type === 'access-covered'
      ? [{ table: 'access-covered', seq }]
      : data.ended.map((committed) => ({ table: 'ended-access', committed, seq }));
  return [...former, ...data.made.map((committed): Row => ({ table: 'access', committed, seq }))];
}

/**
 * Returns the `seq` of the unit's previous event. Each event stores this number, so the events of a unit form a chain.
 */
export function previousOf(rows: Row[]): number | null {
  return rows.find((row) => row.table === 'unit')?.before?.lastSeq ?? null;
}

/**
 * Returns the database row that stores the column of the printer's next label. Only rolls with labels side by side have
 * columns. If the next label begins a new row on the roll, returns nothing.
 */
function columnRows(event: Event<'print-moved' | 'printed'>, seen: Projected): Row[] {
  const nextColumn = event.type === 'print-moved' ? event.data.nextColumn : undefined;
  const printer = nextColumn === undefined ? undefined : seen.printer(event.data.printer);
  if (printer === undefined) return [];
  const { nextColumn: _before, ...rest } = printer;
  const isNew = nextColumn === undefined || nextColumn === 1;
  return [{ table: 'printer', printer: isNew ? rest : { ...rest, nextColumn } }];
}

function productAfter(product: Product, seen: Projected): Product {
  const before = seen.product(product.id);
  const lengths = before ? lengthsOf({ ...product, lengths: lengthsOf(before) }) : lengthsOf(product);
  const qrs = before ? formerQrs(before, product) : [];
  const kept = { ...(before?.used ? { used: true as const } : {}), ...(qrs.length > 0 ? { qrs } : {}) };
  return { ...product, lengths, ...kept };
}

/**
 * Returns the object that an event removes. Throws if it does not exist. The row stays, because units and print jobs
 * refer to it.
 */
function existing<T>(before: T | undefined, event: Event): T {
  if (before === undefined) throw new Error(`event ${event.seq} (${event.type}) removes something that does not exist`);
  return before;
}

function workOrderSet(definition: WorkOrderDefinition, seen: Projected): WorkOrder {
  const { units = 0, closed, closing, interrupted } = seen.workOrder(definition.id) ?? {};
  return {
    ...definition,
    units,
    ...(closed ? { closed } : {}),
    ...(closing ? { closing } : {}),
    ...(interrupted ? { interrupted } : {}),
  };
}

type OrderMoved = Event<'work-order-closing' | 'work-order-released' | 'work-order-closed' | 'work-order-reopened'>;

function workOrderAfter(event: OrderMoved, seen: Projected): WorkOrder {
  const before = seen.workOrder(event.workOrder);
  if (before === undefined) throw new Error(`event ${event.seq} names a work order that does not exist`);
  const open: WorkOrder = { ...orderDefinition(before), units: before.units };
  const { seq, at, actor: by } = event;
  switch (event.type) {
    case 'work-order-closing':
      return { ...open, closing: { seq, at, by, process: event.data.process } };
    case 'work-order-closed':
      return { ...open, closed: { seq, at, by } };
    case 'work-order-released': {
      if (event.data.why !== 'interrupted' || before.closing === undefined) return open;
      return { ...open, interrupted: { at: before.closing.at, by: before.closing.by } };
    }
    default:
      return open;
  }
}

/**
 * Records that the product has a unit, and records each new length of its Claim IDs. An import may contain Claim IDs of
 * a new length. From then on, S/Ns also must not look like Claim IDs of this length.
 */
function productRows(unit: Unit, seen: Projected): Row[] {
  const product = seen.product(unit.product);
  if (product === undefined) return [];
  const { length } = unit.uci;
  const isKnown = length === product.claimIdLength || lengthsOf(product).includes(length);
  if (isKnown && product.used) return [];
  const lengths = isKnown ? {} : { lengths: [...lengthsOf(product), length] };
  return [{ table: 'product', product: { ...product, ...lengths, used: true } }];
}

function unitRows(event: Event, seen: Projected): Row[] {
  if (event.uci === undefined) return [];
  const before = seen.unit(event.uci);
  const unit = advanceUnit(before, event);
  const rows: Row[] = [{ table: 'unit', unit, before }];
  rows.push(...returnRows(unit, before));
  if (before === undefined) rows.push(...productRows(unit, seen));
  for (const [property, value] of boundIdentity(event)) rows.push({ table: 'identity', unit, property, value });
  if (event.type === 'void') rows.push({ table: 'freed-identity', unit });
  const counted = isMaking(event) ? counterAfter(event, unit, seen) : undefined;
  if (counted) rows.push({ table: 'counter', product: unit.product, ...counted });
  if (isMaking(event)) rows.push(...poolRows(event, unit, seen));
  const workOrder = unit.workOrder === undefined ? undefined : seen.workOrder(unit.workOrder);
  const change = counts(unit) - (before === undefined ? 0 : counts(before));
  if (workOrder && (change !== 0 || workOrder.closing)) {
    rows.push({
      table: 'work-order',
      workOrder: { ...workOrder, units: workOrder.units + change, ...changedIn(workOrder, event) },
    });
  }
  return rows;
}

function returnRows({ id, extra }: Unit, before: Unit | undefined): Row[] {
  const [now, was] = [extra?.return, before?.extra?.return];
  if (now === undefined || (now.seq === was?.seq && now.closed?.how === was.closed?.how)) return [];
  const { seq, rma, closed } = now;
  return [{ table: 'return', seq, rma, unit: id, ...(closed === undefined ? {} : { ended: closed.how }) }];
}

/** While a work order is being closed, its row stores the number of the last event of the order's units. */
function changedIn({ closing }: WorkOrder, { seq }: Event): Pick<WorkOrder, 'closing'> {
  return closing === undefined ? {} : { closing: { ...closing, changed: seq } };
}

/**
 * Returns 1 if the unit counts towards the plan of its work order, and otherwise 0. Void and scrapped units do not
 * count. A returned unit was made, so it still counts if it is voided or scrapped later.
 */
function counts(unit: Unit): number {
  return unit.workOrder !== undefined && !isEnded(inFirstLife(unit)) ? 1 : 0;
}

/**
 * Returns the identity that an event gives its unit. The event names the identity properties. Their values are in the
 * agent's request body, which is part of the event. The link address is in the event itself.
 */
export function boundIdentity(event: Event): [string, string][] {
  if (!isMaking(event) && event.type !== 'identified') return [];
  const { identity = [], link } = event.data;
  const drawn = isMaking(event) ? Object.entries(event.data.drawn ?? {}) : [];
  const linked: [string, string][] = [
    ...drawn,
    ...(link === undefined ? [] : [[LINK, link] satisfies [string, string]]),
  ];
  if (identity.length === 0) return linked;
  const body = bodyOf(event);
  const named = identity.map((name): [string, string] => {
    const value = propertyOf(body, name);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new Error(`event ${event.seq}: the body of the event has no "${name}"`);
    return [name, String(value)];
  });
  return [...named, ...linked];
}

function isMaking(event: Event): event is Event<'issued' | 'reserved'> {
  return event.type === 'issued' || event.type === 'reserved';
}

/**
 * Returns the S/N counter after an event that made a unit. If the service made the S/N, the counter moves past this
 * S/N. The counter also moves past an imported S/N that matches the pattern, so that the next S/N is higher. An S/N
 * that the device itself sent does not move the counter.
 */
function counterAfter(
  event: Event<'issued' | 'reserved'>,
  unit: Unit,
  seen: Projected,
): { prefix: string; count: number } | undefined {
  const { serial, imported } = event.data;
  const product = seen.product(unit.product);
  if (serial === undefined || product === undefined || product.serialPattern === null) return undefined;
  const given = bodyOf(event)['serial'];
  const fromBody = (typeof given === 'string' || typeof given === 'number') && String(given) === serial;
  if (fromBody && imported !== true) return undefined;
  const lot = event.workOrder === undefined ? undefined : seen.workOrder(event.workOrder)?.lot;
  const counted = counterOf(product.serialPattern, serial, { code: product.code, lot });
  return counted && counted.count > seen.counter(product.id, counted.prefix) ? counted : undefined;
}

/** Returns the pool counters that the event moves. A counter never moves back. */
function poolRows(event: Event<'issued' | 'reserved'>, unit: Unit, seen: Projected): Row[] {
  const { drawn, imported, inPool } = event.data;
  const isCounted = drawn !== undefined || (imported === true && inPool !== true);
  const product = isCounted ? seen.product(unit.product) : undefined;
  if (product?.pools === undefined) return [];
  const counts: PoolCount[] = drawn ? countDrawn(product, drawn) : countImported(product, boundIdentity(event));
  return counts.flatMap((one) =>
    one.count > seen.counter(one.product, one.prefix) ? [{ table: 'counter' as const, ...one }] : [],
  );
}

function stationRows(event: Event, seen: Projected): Row[] {
  const before = event.station === undefined ? undefined : seen.station(event.station);
  if (before === undefined) return [];
  const station = advanceStation(before, event);
  const changed = station.armed?.uci !== before.armed?.uci || station.slot !== before.slot;
  return changed ? [{ table: 'station', station }] : [];
}

function stationAfter(definition: StationDefinition, seen: Projected): Station {
  const before = seen.station(definition.name);
  if (before === undefined) return newStation(definition);
  const kept = before.mode === definition.mode ? before.slot : ({ state: 'ready' } as const);
  return { ...newStation(definition), slot: kept, ...(before.armed ? { armed: before.armed } : {}) };
}
