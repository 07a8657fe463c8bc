import type { Fact, Outcome, Unit, UnitExtra } from '../model/unit.ts';
import type { Names } from './named-rows.ts';

export interface UnitRow {
  id: number;
  uci: string;
  product: number;
  serial: string | null;
  station: number | null;
  work_order: number | null;
  reservation: number | null;
  /** The number of the event with the device's body, minus the number of the event that made the unit. */
  issued_after: number | null;
  last_seq: number;
  labels: number;
  reserved_at: number | null;
  issued_at: number | null;
  printed_at: number | null;
  verified_at: number | null;
  reported_at: number | null;
  registered_at: number | null;
  void_at: number | null;
  scrapped_at: number | null;
  alarm: string | null;
  outcome: Outcome | null;
  /** `Unit.extra` as JSON. */
  extra: string | null;
}

/** The columns of a unit's row, in the same order as in `unitValues`. */
export const UNIT_COLUMNS = `serial, station, work_order, reservation, issued_after, last_seq, labels,
  reserved_at, issued_at, printed_at, verified_at, reported_at, registered_at, void_at, scrapped_at, alarm, outcome, extra, id, uci, product`;

export const SELECT_UNIT = `SELECT ${UNIT_COLUMNS} FROM unit`;

/** The table together with the index that the condition `hasSerial` needs (migrations/sqlite/0036_serial_index.sql). */
export const UNIT_BY_SERIAL = 'unit INDEXED BY unit_by_serial';

/** Returns the condition for units that have this S/N and are not void, across all products. */
export function hasSerial(serial: string): string {
  return `${isLikeSerial(serial)} AND serial = ${serial}`;
}

/** Returns the condition for units that have this S/N (ignoring case) and are not void, across all products. */
export function isLikeSerial(serial: string): string {
  return `lower(serial) = lower(${serial}) AND serial IS NOT NULL AND void_at IS NULL`;
}

const FACT_COLUMNS = [
  'reserved',
  'issued',
  'printed',
  'verified',
  'reported',
  'registered',
  'void',
  'scrapped',
] as const;

/** Looks up the row ids of the names in a unit. */
export interface IdsOf {
  product: (name: string) => number | undefined;
  station: (name: string) => number | undefined;
  workOrder: (name: string) => number | undefined;
  reservation: (name: string) => number | undefined;
}

/** Returns the values for the row of a unit. */
export function unitValues(unit: Unit, ids: IdsOf): Value[] {
  const { facts } = unit;
  return [
    unit.serial ?? null,
    unit.station === undefined ? null : ids.station(unit.station),
    unit.workOrder === undefined ? null : ids.workOrder(unit.workOrder),
    unit.reservation === undefined ? null : ids.reservation(unit.reservation),
    unit.issuedSeq === undefined ? null : unit.issuedSeq - unit.id,
    unit.lastSeq,
    unit.labels,
    facts.reserved ?? null,
    facts.issued ?? null,
    facts.printed ?? null,
    facts.verified ?? null,
    facts.reported ?? null,
    facts.registered ?? null,
    facts.void ?? null,
    facts.scrapped ?? null,
    unit.alarm ?? null,
    unit.outcome ?? null,
    unit.extra === undefined ? null : JSON.stringify(unit.extra),
    unit.id,
    unit.uci,
    ids.product(unit.product),
  ];
}

/**
 * The value of a column. If a name has no row, its row id is `undefined`. No column accepts `undefined`, so such a row
 * cannot be saved.
 */
export type Value = string | number | null | undefined;
/** The status of a unit in SQL, which must match `statusOf` (unit.ts). */
export const STATUS = `CASE WHEN void_at IS NOT NULL THEN 'void' WHEN scrapped_at IS NOT NULL THEN 'scrapped'
  WHEN registered_at IS NOT NULL THEN 'registered' WHEN reported_at IS NOT NULL THEN 'reported'
  WHEN verified_at IS NOT NULL THEN 'verified' WHEN printed_at IS NOT NULL THEN 'printed'
  WHEN issued_at IS NOT NULL THEN 'issued' ELSE 'reserved' END`;

/**
 * Returns undefined if the text is not JSON. The table accepts only JSON, so someone must have changed the file. In
 * that case, `verify` must continue and report the cell.
 */
function extraOf(text: string): UnitExtra | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function unitFrom(row: UnitRow, { products, workOrders, stations, reservations }: Names): Unit {
  const facts: Partial<Record<Fact, number>> = {};
  for (const fact of FACT_COLUMNS) {
    const at = row[`${fact}_at`];
    if (at !== null) facts[fact] = at;
  }
  const unit: Unit = {
    id: row.id,
    uci: row.uci,
    product: products.nameOf(row.product),
    facts,
    labels: row.labels,
    lastSeq: row.last_seq,
  };
  if (row.serial !== null) unit.serial = row.serial;
  if (row.station !== null) unit.station = stations.nameOf(row.station);
  if (row.work_order !== null) unit.workOrder = workOrders.nameOf(row.work_order);
  if (row.reservation !== null) unit.reservation = reservations.nameOf(row.reservation);
  if (row.issued_after !== null) unit.issuedSeq = row.id + row.issued_after;
  if (row.alarm !== null) unit.alarm = row.alarm;
  if (row.outcome !== null) unit.outcome = row.outcome;
  const extra = row.extra === null ? undefined : extraOf(row.extra);
  if (extra !== undefined) unit.extra = extra;
  return unit;
}
