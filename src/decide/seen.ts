import type { Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import { bodyOf, type Event, type Happening } from '../model/event.ts';
import { printJobAfter, type PrintJob } from '../model/print-job.ts';
import type { Printer } from '../model/printer.ts';
import { lengthsOf, type Product } from '../model/product.ts';
import { counterOf } from '../model/serial.ts';
import { advanceStation, newStation, type Station, type StationDefinition } from '../model/station.ts';
import { advance, isEnded, type Unit } from '../model/unit.ts';
import type { WorkOrder, WorkOrderDefinition } from '../model/work-order.ts';

/**
 * What a decision may look at: the ledger's state inside the deciding transaction. Look-ups only; nothing is written
 * through it, and what it says cannot change before the decision is recorded. A plain object of functions.
 */
export interface Seen {
  product: (id: string) => Product | undefined;
  products: () => Product[];
  station: (name: string) => Station | undefined;
  stations: () => Station[];
  workOrder: (id: string) => WorkOrder | undefined;
  unit: (uci: string) => Unit | undefined;
  /** Of a work order, in the order they were made. Nothing else may be asked until it is through. */
  unitsOf: (workOrder: string) => Iterable<Unit>;
  /**
   * The `issued` events at a station among the ledger's last so many, newest first, and when the first of those was
   * (ms since 1970; -Infinity where they are the whole ledger).
   */
  lastIssuedAt: (station: string, events: number) => { issued: Event[]; from: number };
  /** Print jobs of the units of a work order. */
  jobsOf: (workOrder: string) => PrintJob[];
  unitBySerial: (product: string, serial: string) => Unit | undefined;
  unitByIdentity: (product: string, property: string, value: string) => Unit | undefined;
  /** The unit's own identity: property → value. */
  identityOf: (unit: Unit) => Map<string, string>;
  printer: (name: string) => Printer | undefined;
  printJob: (id: number) => PrintJob | undefined;
  /** Jobs that are queued or on their way, oldest first. */
  openPrintJobs: (of: { station?: string; uci?: string; printer?: string }) => PrintJob[];
  /** The last count given out under this S/N prefix, 0 when none was. */
  counter: (product: string, prefix: string) => number;
  credential: (hash: Uint8Array) => Credential | undefined;
  /** Of this kind and name, live or not, oldest first. */
  credentials: (kind: Credential['kind'], name: string) => Credential[];
  person: (name: string) => Person | undefined;
  people: () => Person[];
  /** The two of the longest trees, longest first. */
  checkpoints: () => KeptCheckpoint[];
  /** Events before this decision: its first one gets the number behind. */
  size: () => number;
}

/** What a command comes to: events to append, and the answer once they are durable. */
export interface Decision<Answer> {
  events: Happening[];
  answer: Answer;
  /** An asking-again: counted, not an event. */
  repeatOf?: Unit;
  /** Credentials and people: rows beside the events. */
  kept?: Kept[];
}

/** Rows beside the events, saved in the same transaction. */
export type Kept =
  | { table: 'credential'; credential: Credential }
  | { table: 'dropped-credential'; hash: Uint8Array }
  | { table: 'person'; person: Person }
  | { table: 'checkpoint'; checkpoint: KeptCheckpoint }
  | { table: 'dropped-checkpoint'; size: number };

/** A projection's row after an event. Stores save these; they decide nothing. */
export type Row =
  | { table: 'unit'; unit: Unit; before: Unit | undefined }
  | { table: 'identity'; unit: Unit; property: string; value: string }
  | { table: 'freed-identity'; unit: Unit }
  | { table: 'counter'; product: string; prefix: string; count: number }
  | { table: 'product'; product: Product }
  | { table: 'station'; station: Station }
  | { table: 'work-order'; workOrder: WorkOrder }
  | { table: 'printer'; printer: Printer }
  | { table: 'print-job'; job: PrintJob };

/** The rows one event changes. The only place that says what an event means, for every store and for a rebuild. */
export function project(event: Event, seen: Seen): Row[] {
  switch (event.type) {
    case 'product-set':
      return [{ table: 'product', product: productAfter(event, seen) }];
    case 'station-set':
      return [{ table: 'station', station: stationAfter(event, seen) }];
    case 'work-order-set':
    case 'work-order-closed':
    case 'work-order-reopened':
      return [{ table: 'work-order', workOrder: workOrderAfter(event, seen) }];
    case 'printer-set':
      return [{ table: 'printer', printer: event.data as unknown as Printer }];
    case 'print-queued':
      return [...unitRows(event, seen), { table: 'print-job', job: printJobAfter(event, undefined) }];
    case 'print-moved':
    case 'printed':
      return [
        ...unitRows(event, seen),
        { table: 'print-job', job: printJobAfter(event, seen.printJob(event.data['job'] as number)) },
      ];
    case 'next':
    case 'same-device':
      return stationRows(event, seen);
    case 'station-key-set':
    case 'token-set':
    case 'token-revoked':
    case 'person-set':
    case 'person-removed':
    case 'invited':
    case 'kiosk-set':
    case 'bulk-read':
    case 'ledger-accepted':
      return [];
    default:
      return [...unitRows(event, seen), ...stationRows(event, seen)];
  }
}

/** `seq` of the same unit's event before, for an event with these rows. Each of a unit's events names it: they are a chain. */
export function previousOf(rows: Row[]): number | null {
  return rows.find((row) => row.table === 'unit')?.before?.lastSeq ?? null;
}

function productAfter(event: Event, seen: Seen): Product {
  const product = event.data as unknown as Product;
  const before = seen.product(product.id);
  return { ...product, lengths: before ? lengthsOf({ ...product, lengths: lengthsOf(before) }) : lengthsOf(product) };
}

function workOrderAfter(event: Event, seen: Seen): WorkOrder {
  if (event.type === 'work-order-set') {
    const definition = event.data as unknown as WorkOrderDefinition;
    const { units = 0, closed } = seen.workOrder(definition.id) ?? {};
    return { ...definition, units, ...(closed ? { closed } : {}) };
  }
  const { closed: _closed, ...open } = seen.workOrder(event.workOrder as string) as WorkOrder;
  if (event.type === 'work-order-reopened') return open;
  return { ...open, closed: { seq: event.seq, at: event.at, by: event.actor } };
}

/** An imported Claim ID may be of another length than the product's own: S/Ns must not look like those either. */
function lengthRows(unit: Unit, seen: Seen): Row[] {
  const product = seen.product(unit.product);
  const { length } = unit.uci;
  if (product === undefined || length === product.claimIdLength || lengthsOf(product).includes(length)) return [];
  return [{ table: 'product', product: { ...product, lengths: [...lengthsOf(product), length] } }];
}

function unitRows(event: Event, seen: Seen): Row[] {
  if (event.uci === undefined) return [];
  const before = seen.unit(event.uci);
  const unit = advance(before, event);
  const rows: Row[] = [{ table: 'unit', unit, before }];
  if (before === undefined) rows.push(...lengthRows(unit, seen));
  for (const [property, value] of boundIdentity(event)) rows.push({ table: 'identity', unit, property, value });
  if (event.type === 'void') rows.push({ table: 'freed-identity', unit });
  const counted = event.type === 'issued' || event.type === 'reserved' ? counterAfter(event, unit, seen) : undefined;
  if (counted) rows.push({ table: 'counter', product: unit.product, ...counted });
  const workOrder = unit.workOrder === undefined ? undefined : seen.workOrder(unit.workOrder);
  const change = counts(unit) - (before === undefined ? 0 : counts(before));
  if (workOrder && change !== 0) {
    rows.push({ table: 'work-order', workOrder: { ...workOrder, units: workOrder.units + change } });
  }
  return rows;
}

/** Over-issue counts units neither void nor scrapped. */
function counts(unit: Unit): number {
  return unit.workOrder !== undefined && !isEnded(unit) ? 1 : 0;
}

/** The identity properties an event binds to its unit; their values stand in the agent's body. */
function boundIdentity(event: Event): [string, string][] {
  const names = event.data['identity'];
  if (!Array.isArray(names)) return [];
  const body = bodyOf(event);
  return names.filter((name) => typeof name === 'string').map((name) => [name, String(body[name] as string | number)]);
}

/**
 * The S/N counter after an S/N of ours. One that came in a body counts nothing: a device may say what it likes. One that
 * was taken in does, where the pattern could have made it: the line goes on behind what another system gave out.
 */
function counterAfter(event: Event, unit: Unit, seen: Seen): { prefix: string; count: number } | undefined {
  const { serial } = event.data;
  const product = seen.product(unit.product);
  if (typeof serial !== 'string' || product === undefined || product.serialPattern === null) return undefined;
  const given = bodyOf(event)['serial'];
  const fromBody = (typeof given === 'string' || typeof given === 'number') && String(given) === serial;
  if (fromBody && event.data['imported'] !== true) return undefined;
  const lot = event.workOrder === undefined ? undefined : seen.workOrder(event.workOrder)?.lot;
  const counted = counterOf(product.serialPattern, serial, { code: product.code, lot });
  return counted && counted.count > seen.counter(product.id, counted.prefix) ? counted : undefined;
}

function stationRows(event: Event, seen: Seen): Row[] {
  const before = event.station === undefined ? undefined : seen.station(event.station);
  if (before === undefined) return [];
  const station = advanceStation(before, event);
  const changed = station.armed?.uci !== before.armed?.uci || station.slot !== before.slot;
  return changed ? [{ table: 'station', station }] : [];
}

function stationAfter(event: Event, seen: Seen): Station {
  const definition = event.data as unknown as StationDefinition;
  const before = seen.station(definition.name);
  if (before === undefined) return newStation(definition);
  const kept = before.mode === definition.mode ? before.slot : ({ state: 'ready' } as const);
  return { ...newStation(definition), slot: kept, ...(before.armed ? { armed: before.armed } : {}) };
}
