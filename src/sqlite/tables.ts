import type Database from 'better-sqlite3';
import type { Product } from '../product.ts';
import type { Row, Seen } from '../seen.ts';
import type { Station, StationDefinition } from '../station.ts';
import type { Fact, Unit } from '../unit.ts';
import type { WorkOrder, WorkOrderDefinition } from '../work-order.ts';

/** The projections of one connection: what a decision sees of them, and how a row is saved. */
export interface Tables {
  seen: Seen;
  workOrders: () => WorkOrder[];
  save: (row: Row) => void;
  /** After a rollback, what was remembered may never have been. */
  forget: () => void;
}

interface NamedRow {
  id: number;
  name: string;
  settings: string;
}

export interface UnitRow {
  id: number;
  uci: string;
  product: number;
  serial: string | null;
  station: number | null;
  work_order: number | null;
  reservation: number | null;
  issued_seq: number | null;
  last_seq: number;
  reserved_at: number | null;
  issued_at: number | null;
  printed_at: number | null;
  verified_at: number | null;
  reported_at: number | null;
  registered_at: number | null;
  void_at: number | null;
  scrapped_at: number | null;
}

const UNIT_COLUMNS = `id, uci, product, serial, station, work_order, reservation, issued_seq, last_seq,
  reserved_at, issued_at, printed_at, verified_at, reported_at, registered_at, void_at, scrapped_at`;

export const SELECT_UNIT = `SELECT ${UNIT_COLUMNS} FROM unit`;

export function openTables(db: Database.Database): Tables {
  const products = named(db, 'product', (row: NamedRow): Product => JSON.parse(row.settings));
  const workOrders = named(db, 'work_order', (row: NamedRow & { units: number }): WorkOrder => {
    return { ...(JSON.parse(row.settings) as WorkOrderDefinition), units: row.units };
  });
  const stations = named(db, 'station', (row: NamedRow & { nest: string }): Station => {
    return { ...(JSON.parse(row.settings) as StationDefinition), ...JSON.parse(row.nest) };
  });
  const reservations = named(db, 'reservation', (row: NamedRow): string => row.name);
  const readUnit = (row: unknown): Unit | undefined => {
    return row === undefined ? undefined : unitFrom(row as UnitRow, { products, workOrders, stations, reservations });
  };

  const byUci = db.prepare(`${SELECT_UNIT} WHERE uci = ?`);
  const bySerial = db.prepare(`${SELECT_UNIT} WHERE product = ? AND serial = ? AND void_at IS NULL`);
  const byIdentity = db.prepare(
    `${SELECT_UNIT} WHERE id = (SELECT unit FROM identity WHERE product = ? AND property = ? AND value = ?)`,
  );
  const identity = db.prepare(`SELECT property, value FROM identity WHERE unit = ?`);
  const counter = db.prepare(`SELECT last FROM serial_counter WHERE product = ? AND prefix = ?`).pluck();

  // A new Claim ID is looked for when it is drawn, and again when its first event is saved.
  let absent = '';
  // A product that nobody has seen yet has no row: 0 is no row's id.
  const productId = (name: string): number => products.idOf(name) ?? 0;
  const seen: Seen = {
    product: (id) => products.get(id),
    products: () => products.all(),
    station: (name) => stations.get(name),
    stations: () => stations.all(),
    workOrder: (id) => workOrders.get(id),
    unit: (uci) => {
      if (uci === absent) return undefined;
      const unit = readUnit(byUci.get(uci));
      if (unit === undefined) absent = uci;
      return unit;
    },
    unitBySerial: (product, serial) => readUnit(bySerial.get(productId(product), serial)),
    unitByIdentity: (product, property, value) => readUnit(byIdentity.get(productId(product), property, value)),
    identityOf: (unit) => {
      const rows = identity.all(unit.id) as { property: string; value: string }[];
      return new Map(rows.map(({ property, value }) => [property, value]));
    },
    counter: (product, prefix) => (counter.get(productId(product), prefix) as number | undefined) ?? 0,
  };

  // Bound by place: by name, each of 17 values costs a look-up, together as much as the row itself.
  const insertUnit = db.prepare(`INSERT INTO unit (serial, station, work_order, reservation, issued_seq, last_seq,
    reserved_at, issued_at, printed_at, verified_at, reported_at, registered_at, void_at, scrapped_at,
    id, uci, product) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const updateUnit = db.prepare(`UPDATE unit SET serial = ?, station = ?, work_order = ?, reservation = ?,
    issued_seq = ?, last_seq = ?, reserved_at = ?, issued_at = ?, printed_at = ?, verified_at = ?, reported_at = ?,
    registered_at = ?, void_at = ?, scrapped_at = ? WHERE id = ? AND uci = ? AND product = ?`);
  const insertIdentity = db.prepare(`INSERT INTO identity (product, property, value, unit) VALUES (?, ?, ?, ?)`);
  const freeIdentity = db.prepare(`DELETE FROM identity WHERE unit = ?`);
  const saveCounter = db.prepare(`INSERT INTO serial_counter (product, prefix, last) VALUES (?, ?, ?)
    ON CONFLICT (product, prefix) DO UPDATE SET last = max(last, excluded.last)`);
  const saveProduct = db.prepare(`INSERT INTO product (name, settings) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings`);
  const saveWorkOrder = db.prepare(`INSERT INTO work_order (name, settings, units) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, units = excluded.units`);
  const saveStation = db.prepare(`INSERT INTO station (name, settings, nest) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, nest = excluded.nest`);
  const saveReservation = db.prepare(`INSERT INTO reservation (name) VALUES (?)`);

  const reservationId = (name: string): number => {
    if (reservations.get(name) === undefined) {
      saveReservation.run(name);
      reservations.forget(name);
    }
    return reservations.idOf(name) as number;
  };

  const save = (row: Row): void => {
    switch (row.table) {
      case 'unit': {
        absent = '';
        const { unit } = row;
        const { facts } = unit;
        const { changes } = (row.before === undefined ? insertUnit : updateUnit).run(
          unit.serial ?? null,
          unit.station === undefined ? null : stations.idOf(unit.station),
          unit.workOrder === undefined ? null : workOrders.idOf(unit.workOrder),
          unit.reservation === undefined ? null : reservationId(unit.reservation),
          unit.issuedSeq ?? null,
          unit.lastSeq,
          ...FACT_COLUMNS.map((fact) => facts[fact] ?? null),
          unit.id,
          unit.uci,
          products.idOf(unit.product),
        );
        if (changes !== 1) throw new Error(`unit ${unit.id}: ${changes} rows saved`);
        return;
      }
      case 'identity':
        insertIdentity.run(products.idOf(row.unit.product), row.property, row.value, row.unit.id);
        return;
      case 'freed-identity':
        freeIdentity.run(row.unit.id);
        return;
      case 'counter':
        saveCounter.run(products.idOf(row.product), row.prefix, row.count);
        return;
      case 'product':
        saveProduct.run(row.product.id, JSON.stringify(row.product));
        products.forget(row.product.id);
        return;
      case 'work-order': {
        const { units, ...definition } = row.workOrder;
        saveWorkOrder.run(definition.id, JSON.stringify(definition), units);
        workOrders.forget(definition.id);
        return;
      }
      case 'station': {
        const { armed, slot, ...definition } = row.station;
        saveStation.run(
          definition.name,
          JSON.stringify(definition),
          JSON.stringify(armed ? { armed, slot } : { slot }),
        );
        stations.forget(definition.name);
      }
    }
  };

  const forget = (): void => {
    absent = '';
    for (const table of [products, workOrders, stations, reservations]) table.forget();
  };
  return { seen, workOrders: () => workOrders.all(), save, forget };
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

interface Names {
  products: Named<Product>;
  workOrders: Named<WorkOrder>;
  stations: Named<Station>;
  reservations: Named<string>;
}

function unitFrom(row: UnitRow, { products, workOrders, stations, reservations }: Names): Unit {
  const facts: Partial<Record<Fact, number>> = {};
  for (const fact of FACT_COLUMNS) {
    const at = row[`${fact}_at`];
    if (at !== null) facts[fact] = at;
  }
  const unit: Unit = { id: row.id, uci: row.uci, product: products.nameOf(row.product), facts, lastSeq: row.last_seq };
  if (row.serial !== null) unit.serial = row.serial;
  if (row.station !== null) unit.station = stations.nameOf(row.station);
  if (row.work_order !== null) unit.workOrder = workOrders.nameOf(row.work_order);
  if (row.reservation !== null) unit.reservation = reservations.nameOf(row.reservation);
  if (row.issued_seq !== null) unit.issuedSeq = row.issued_seq;
  return unit;
}

/** A small table of things with names, remembered between decisions: they seldom change and every request needs them. */
interface Named<T> {
  get: (name: string) => T | undefined;
  all: () => T[];
  idOf: (name: string) => number | undefined;
  nameOf: (id: number) => string;
  forget: (name?: string) => void;
}

function named<T, R extends { id: number; name: string }>(
  db: Database.Database,
  table: string,
  read: (row: R) => T,
): Named<T> {
  const byName = db.prepare(`SELECT * FROM ${table} WHERE name = ?`);
  const byId = db.prepare(`SELECT name FROM ${table} WHERE id = ?`).pluck();
  const all = db.prepare(`SELECT * FROM ${table} ORDER BY id`);
  const known = new Map<string, { id: number; value: T }>();
  const names = new Map<number, string>();
  const find = (name: string): { id: number; value: T } | undefined => {
    const remembered = known.get(name);
    if (remembered) return remembered;
    const row = byName.get(name) as R | undefined;
    if (row === undefined) return undefined;
    const found = { id: row.id, value: read(row) };
    known.set(name, found);
    return found;
  };
  return {
    get: (name) => find(name)?.value,
    all: () => (all.all() as R[]).map(read),
    idOf: (name) => find(name)?.id,
    nameOf: (id) => {
      const name = names.get(id) ?? (byId.get(id) as string);
      names.set(id, name);
      return name;
    },
    forget: (name) => {
      if (name === undefined) {
        known.clear();
        names.clear();
      } else known.delete(name);
    },
  };
}
