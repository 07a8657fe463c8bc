import Database from 'better-sqlite3';
import type { KeptPrinter } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { Row, Seen } from '../decide/seen.ts';
import type { ShippingList } from '../model/shipping/shipping-list.ts';
import type { Station } from '../model/station.ts';
import type { Findings } from '../proof/verification.ts';
import type { WorkOrder } from '../model/work-order.ts';
import type { JobIdsOf } from './job-row.ts';
import { openAccessCompare, type AccessChecked, type AccessCompare, type CommitmentRow } from './compare-access.ts';
import { migrate, migrations } from './open.ts';
import { openTables } from './tables.ts';
import type { IdsOf } from './unit-row.ts';

/**
 * The tables of named things (such as products) and of counters, which are small. The rows of the small tables are kept
 * in memory while the events are read. At the end, the rows are saved to an empty ledger, which is then compared with
 * the stored one.
 */
export interface SmallTables {
  seen: Pick<Seen, 'product' | 'station' | 'workOrder' | 'shippingList' | 'counter' | 'printer'>;
  /** Row ids, which are assigned in the order in which names first occur. */
  ids: IdsOf & Omit<JobIdsOf, 'unit'> & { list: (name: string) => number | undefined };
  save: (row: SmallRow) => void;
  /** The caller must call this for each event before it saves the rows that follow from the event. */
  tell: AccessCompare['tell'];
  end: () => AccessChecked;
}

export type SmallRow =
  | CommitmentRow
  | Extract<
      Row,
      {
        table:
          | 'product'
          | 'station'
          | 'work-order'
          | 'printer'
          | 'counter'
          | 'return'
          | 'shipping-list'
          | 'label-revision'
          | 'render-set'
          | 'label-approval'
          | 'dropped-label-approval';
      }
    >;

/** The rows of a table by name, in the order in which the names first occur. */
interface Kept {
  products: Map<string, Product>;
  stations: Map<string, Station>;
  workOrders: Map<string, WorkOrder>;
  printers: Map<string, KeptPrinter>;
  shippingLists: Map<string, ShippingList>;
  counters: Map<string, Extract<Row, { table: 'counter' }>>;
  returns: Map<number, Extract<Row, { table: 'return' }>>;
  approvals: Map<string, Extract<Row, { table: 'label-approval' }>>;
  revisions: Extract<Row, { table: 'label-revision' | 'render-set' }>[];
}

export function openSmallTables(db: Database.Database, findings: Findings): SmallTables {
  const kept: Kept = {
    products: new Map(),
    stations: new Map(),
    workOrders: new Map(),
    printers: new Map(),
    shippingLists: new Map(),
    counters: new Map(),
    returns: new Map(),
    approvals: new Map(),
    revisions: [],
  };
  const numbers = {
    product: numbered(),
    station: numbered(),
    workOrder: numbered(),
    printer: numbered(),
    list: numbered(),
  };
  const reservations = numbered();
  const access = openAccessCompare(db, findings);
  return {
    seen: {
      product: (id) => unlessRemoved(kept.products.get(id)),
      station: (name) => unlessRemoved(kept.stations.get(name)),
      workOrder: (id) => unlessRemoved(kept.workOrders.get(id)),
      printer: (name) => unlessRemoved(kept.printers.get(name)),
      shippingList: (id) => kept.shippingLists.get(id),
      counter: (product, prefix) => kept.counters.get(counterKey(product, prefix))?.count ?? 0,
    },
    ids: {
      product: numbers.product.get,
      station: numbers.station.get,
      workOrder: numbers.workOrder.get,
      printer: numbers.printer.get,
      list: numbers.list.get,
      // The row of a reservation is made together with the reservation's first unit.
      reservation: reservations.add,
    },
    save(row) {
      if (row.table === 'product') keep(kept.products, numbers.product, row.product.id, row.product);
      else if (row.table === 'station') keep(kept.stations, numbers.station, row.station.name, row.station);
      else if (row.table === 'work-order') keep(kept.workOrders, numbers.workOrder, row.workOrder.id, row.workOrder);
      else if (row.table === 'printer') keep(kept.printers, numbers.printer, row.printer.name, row.printer);
      else if (row.table === 'shipping-list') keep(kept.shippingLists, numbers.list, row.list.id, row.list);
      else if (row.table === 'counter') kept.counters.set(counterKey(row.product, row.prefix), row);
      else if (row.table === 'label-approval') kept.approvals.set(`${row.name} ${row.revision}`, row);
      else if (row.table === 'dropped-label-approval') kept.approvals.delete(`${row.name} ${row.revision}`);
      else if (row.table === 'label-revision' || row.table === 'render-set') kept.revisions.push(row);
      else if (row.table === 'return') kept.returns.set(row.seq, row);
      else access.save(row);
    },
    tell: access.tell,
    end() {
      const expected = rebuild(kept, reservations.names(), access.rows());
      for (const [table, key] of Object.entries(SMALL_TABLES)) compareTable(db, expected, table, key, findings);
      expected.close();
      return access.end();
    },
  };
}

function unlessRemoved<T extends { removed?: true }>(row: T | undefined): T | undefined {
  return row?.removed ? undefined : row;
}

/** For each table, the columns that together identify a row. */
export const SMALL_TABLES: Record<string, string[]> = {
  product: ['name'],
  station: ['name'],
  work_order: ['name'],
  printer: ['name'],
  shipping_list: ['name'],
  reservation: ['name'],
  serial_counter: ['product', 'prefix'],
  unit_return: ['seq'],
  label_revision: ['seq'],
  render_set: ['number'],
  label_approval: ['name', 'revision'],
  access: ['commitment'],
  access_covered: ['one'],
};

function counterKey(product: string, prefix: string): string {
  return `${product}\n${prefix}`;
}

interface Numbered {
  /** Returns the number of a name, which is the id of its row. Names are numbered from 1. */
  add: (name: string) => number;
  get: (name: string) => number | undefined;
  names: () => string[];
}

function numbered(): Numbered {
  const numbers = new Map<string, number>();
  return {
    add(name) {
      const number = numbers.get(name) ?? numbers.size + 1;
      numbers.set(name, number);
      return number;
    },
    get: (name) => numbers.get(name),
    names: () => [...numbers.keys()],
  };
}

/**
 * Throws if the event has no valid name. `name` may have any type, because someone may have changed the line of the
 * event.
 */
function keep<T>(kept: Map<string, T>, numbers: Numbered, name: unknown, value: T): void {
  if (typeof name !== 'string') throw new Error('the event has no valid name');
  numbers.add(name);
  kept.set(name, value);
}

/** Saves the rows to an empty ledger in the same way as the service saves them. */
function rebuild(kept: Kept, reservations: string[], commitments: CommitmentRow[]): Database.Database {
  const expected = new Database(':memory:');
  migrate(expected, migrations());
  const { save } = openTables(expected);
  const insertReservation = expected.prepare(`INSERT INTO reservation (name) VALUES (?)`);
  expected.transaction(() => {
    for (const product of kept.products.values()) save({ table: 'product', product });
    for (const station of kept.stations.values()) save({ table: 'station', station });
    for (const workOrder of kept.workOrders.values()) save({ table: 'work-order', workOrder });
    for (const printer of kept.printers.values()) save({ table: 'printer', printer });
    for (const list of kept.shippingLists.values()) save({ table: 'shipping-list', list });
    for (const counter of kept.counters.values()) save(counter);
    for (const row of kept.returns.values()) save(row);
    for (const row of kept.revisions) save(row);
    for (const row of kept.approvals.values()) save(row);
    for (const row of commitments) save(row);
    for (const name of reservations) insertReservation.run(name);
  })();
  return expected;
}

type TableRow = Record<string, string | number | null>;

function compareTable(
  db: Database.Database,
  expected: Database.Database,
  table: string,
  key: string[],
  findings: Findings,
): void {
  const read = (from: Database.Database): Map<string, TableRow> => {
    const rows = from.prepare<[], TableRow>(`SELECT * FROM ${table}`).all();
    return new Map(rows.map((row) => [key.map((column) => row[column]).join(' '), row]));
  };
  const [stored, wanted] = [read(db), read(expected)];
  for (const [name, row] of wanted) {
    const found = stored.get(name);
    if (found === undefined) {
      findings.add({ what: `${table} ${name} has events, but no row`, table });
      continue;
    }
    for (const column of Object.keys(row).filter((one) => row[one] !== found[one])) {
      findings.add({ what: `${table} ${name}: ${column} differs from its events`, table, column });
    }
  }
  for (const name of stored.keys()) {
    if (!wanted.has(name)) findings.add({ what: `${table} ${name} has a row, but no event made it`, table });
  }
}
