import { existing } from './existing.ts';
import type Database from 'better-sqlite3';
import type { Row } from '../decide/seen.ts';
import { formerSaver } from './former-identity.ts';
import type { Names } from './named-rows.ts';
import { spelledKey } from '../model/identity/spelling.ts';
import { JOB_COLUMNS, jobValues, type JobIdsOf } from './job-row.ts';
import { labelSavers } from './label-rows.ts';
import { shippingSavers } from './shipping-rows.ts';
import { unitValues, type IdsOf } from './unit-row.ts';

/** For each table, the function that saves a row from `project`. */
type Savers = { [T in Row['table']]: (row: Extract<Row, { table: T }>) => void };

export function openSave(db: Database.Database, names: Names): (row: Row) => void {
  const savers: Savers = {
    ...unitSavers(db, names),
    ...nameSavers(db, names),
    ...printSavers(db, names),
    ...accessSavers(db),
    ...shippingSavers(db, names),
    ...labelSavers(db),
  };
  return (row) => (savers[row.table] as (row: Row) => void)(row);
}

function unitSavers(
  db: Database.Database,
  names: Names,
): Pick<Savers, 'unit' | 'identity' | 'freed-identity' | 'counter' | 'return'> {
  const { products } = names;
  // The values are bound by position. Binding 17 values by name would take as long as writing the row.
  const insertUnit =
    db.prepare(`INSERT INTO unit (serial, station, work_order, reservation, issued_after, last_seq, labels,
    reserved_at, issued_at, printed_at, verified_at, reported_at, registered_at, void_at, scrapped_at,
    alarm, outcome, extra, id, uci, product) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const updateUnit = db.prepare(`UPDATE unit SET serial = ?, station = ?, work_order = ?, reservation = ?,
    issued_after = ?, last_seq = ?, labels = ?, reserved_at = ?, issued_at = ?, printed_at = ?, verified_at = ?, reported_at = ?,
    registered_at = ?, void_at = ?, scrapped_at = ?, alarm = ?, outcome = ?, extra = ? WHERE id = ? AND uci = ? AND product = ?`);
  const insertIdentity = db.prepare(`INSERT INTO identity (product, property, value, unit) VALUES (?, ?, ?, ?)`);
  const keepFormer = formerSaver(db);
  const freeIdentity = db.prepare(`DELETE FROM identity WHERE unit = ?`);
  const insertSpelling = db.prepare(`INSERT INTO identity_spelling (unit, property, key) VALUES (?, ?, ?)`);
  const freeSpellings = db.prepare(`DELETE FROM identity_spelling WHERE unit = ?`);
  const saveCounter = db.prepare(`INSERT INTO serial_counter (product, prefix, last) VALUES (?, ?, ?)
    ON CONFLICT (product, prefix) DO UPDATE SET last = max(last, excluded.last)`);
  const saveReturn = db.prepare(`INSERT INTO unit_return (seq, rma, unit, ended) VALUES (?, ?, ?, ?)
    ON CONFLICT (seq) DO UPDATE SET ended = excluded.ended`);
  const ids: IdsOf = {
    product: products.idOf,
    station: names.stations.idOf,
    workOrder: names.workOrders.idOf,
    reservation: openReservations(db, names),
  };
  return {
    unit({ unit, before }) {
      const { changes } = (before === undefined ? insertUnit : updateUnit).run(...unitValues(unit, ids));
      if (changes !== 1) throw new Error(`unit ${unit.id}: ${changes} rows saved`);
    },
    identity({ unit, property, value }) {
      insertIdentity.run(products.idOf(unit.product), property, value, unit.id);
      const key = spelledKey(property, value);
      if (key !== undefined) insertSpelling.run(unit.id, property, key);
    },
    return: ({ seq, rma, unit, ended }) => void saveReturn.run(seq, rma, unit, ended ?? null),
    'freed-identity'({ unit }) {
      keepFormer(unit.id);
      freeIdentity.run(unit.id);
      freeSpellings.run(unit.id);
    },
    counter: ({ product, prefix, count }) => void saveCounter.run(products.idOf(product), prefix, count),
  };
}

function openReservations(db: Database.Database, { reservations }: Names): (name: string) => number {
  const insert = db.prepare(`INSERT INTO reservation (name) VALUES (?)`);
  return (name) => {
    if (reservations.get(name) === undefined) {
      insert.run(name);
      reservations.forget(name);
    }
    return existing(reservations.idOf(name));
  };
}

function nameSavers(db: Database.Database, names: Names): Pick<Savers, 'product' | 'work-order' | 'station'> {
  const saveProduct = db.prepare(`INSERT INTO product (name, settings, used, removed) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, used = excluded.used, removed = excluded.removed`);
  const saveWorkOrder = db.prepare(`INSERT INTO work_order (name, settings, units) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, units = excluded.units`);
  const saveStation = db.prepare(`INSERT INTO station (name, settings, nest) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, nest = excluded.nest`);
  return {
    product({ product: { used = false, removed = false, ...product } }) {
      saveProduct.run(product.id, JSON.stringify(product), used ? 1 : 0, removed ? 1 : 0);
      names.products.forget(product.id);
    },
    'work-order'({ workOrder: { units, ...definition } }) {
      saveWorkOrder.run(definition.id, JSON.stringify(definition), units);
      names.workOrders.forget(definition.id);
    },
    station({ station: { armed, slot, ...definition } }) {
      saveStation.run(definition.name, JSON.stringify(definition), JSON.stringify(armed ? { armed, slot } : { slot }));
      names.stations.forget(definition.name);
    },
  };
}

function printSavers(db: Database.Database, names: Names): Pick<Savers, 'printer' | 'print-job'> {
  const { printers } = names;
  const unitId = db.prepare<[string], number>(`SELECT id FROM unit WHERE uci = ?`).pluck();
  const ids: JobIdsOf = {
    unit: (uci) => unitId.get(uci),
    printer: printers.idOf,
    station: names.stations.idOf,
  };
  const savePrinter = db.prepare(`INSERT INTO printer (name, settings) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings`);
  const saveJob = db.prepare(`INSERT INTO print_job (${JOB_COLUMNS})
    VALUES (${JOB_COLUMNS.replace(/\w+/g, '?')})
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason,
      render_set = excluded.render_set`);
  return {
    printer({ printer }) {
      savePrinter.run(printer.name, JSON.stringify(printer));
      printers.forget(printer.name);
    },
    'print-job'({ job }) {
      saveJob.run(...jobValues(job, ids));
    },
  };
}

function accessSavers(
  db: Database.Database,
): Pick<Savers, 'access' | 'ended-access' | 'access-covered' | 'access-event'> {
  const insertEvent = db.prepare(`INSERT INTO access_event (seq, type, actor) VALUES (?, ?, ?)`);
  const insert = db.prepare(`INSERT INTO access (commitment, kind, name, seq) VALUES (?, ?, ?, ?)`);
  const end = db.prepare(`DELETE FROM access WHERE commitment = ?`);
  const endAll = db.prepare(`DELETE FROM access`);
  const cover = db.prepare(`INSERT INTO access_covered (one, seq) VALUES (1, ?)
    ON CONFLICT (one) DO UPDATE SET seq = excluded.seq`);
  return {
    access: ({ committed: { commitment, kind, name }, seq }) => void insert.run(commitment, kind, name, seq),
    'ended-access': ({ committed }) => void end.run(committed.commitment),
    'access-covered'({ seq }) {
      endAll.run();
      cover.run(seq);
    },
    'access-event': ({ seq, type, actor }) => void insertEvent.run(seq, type, actor),
  };
}
