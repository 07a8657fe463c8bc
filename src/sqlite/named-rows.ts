import type Database from 'better-sqlite3';
import type { KeptPrinter } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { ShippingList } from '../model/shipping/shipping-list.ts';
import type { Station, StationDefinition } from '../model/station.ts';
import type { WorkOrder, WorkOrderDefinition } from '../model/work-order.ts';

/**
 * The small tables whose rows have names. Units refer to a row by its row id. Decisions refer to the same row by its
 * name.
 */
export interface Names {
  products: Named<Product>;
  workOrders: Named<WorkOrder>;
  stations: Named<Station>;
  reservations: Named<string>;
  printers: Named<KeptPrinter>;
  shippingLists: Named<ShippingList>;
}

interface NamedRow {
  id: number;
  name: string;
  settings: string;
}

export function openNames(db: Database.Database): Names {
  const [productOf, workOrderOf, stationOf, printerOf, listOf] = [
    parser<Product>(),
    parser<WorkOrderDefinition>(),
    parser<StationDefinition>(),
    parser<KeptPrinter>(),
    parser<Omit<ShippingList, 'units'>>(),
  ];
  return {
    products: named(
      db,
      'product',
      (row: NamedRow & { used: 0 | 1 }): Product => {
        const product = productOf(row);
        return row.used === 1 ? { ...product, used: true } : product;
      },
      'removed = 0',
    ),
    workOrders: named(
      db,
      'work_order',
      (row: NamedRow & { units: number }): WorkOrder => {
        return { ...workOrderOf(row), units: row.units };
      },
      NOT_REMOVED,
    ),
    stations: named(
      db,
      'station',
      (row: NamedRow & { nest: string }): Station => {
        return { ...stationOf(row), ...JSON.parse(row.nest) };
      },
      NOT_REMOVED,
    ),
    reservations: named(db, 'reservation', (row: NamedRow): string => row.name),
    printers: named(db, 'printer', printerOf, NOT_REMOVED),
    shippingLists: named(db, 'shipping_list', (row: NamedRow & { units: number }): ShippingList => {
      return { ...listOf(row), units: row.units };
    }),
  };
}

/**
 * Only the table of products has a column that says whether a row was removed. This condition is for stations, printers
 * and work orders, of which there are few.
 */
const NOT_REMOVED = `settings ->> '$.removed' IS NULL`;

/**
 * Parses the settings of rows. Each text is parsed only once. Each scan reads all products. Parsing the settings of
 * hundreds of products would take a millisecond.
 */
function parser<T>(): (row: NamedRow) => T {
  const kept = new Map<number, { text: string; value: T }>();
  return ({ id, settings }) => {
    const known = kept.get(id);
    if (known?.text === settings) return known.value;
    const value: T = JSON.parse(settings);
    kept.set(id, { text: settings, value });
    return value;
  };
}

export function forgetNames(names: Names): void {
  const { products, workOrders, stations, reservations, printers, shippingLists } = names;
  for (const table of [products, workOrders, stations, reservations, printers, shippingLists]) table.forget();
}

/** A small table whose rows have names. The table is cached, because every request needs it and it rarely changes. */
export interface Named<T> {
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
  /** An SQL condition. Rows that do not meet this condition are found only by `idOf` and `nameOf`. */
  only = 'true',
): Named<T> {
  const byName = db.prepare<[string], R>(`SELECT * FROM ${table} WHERE name = ? AND ${only}`);
  const idByName = db.prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`).pluck();
  const byId = db.prepare<[number], string>(`SELECT name FROM ${table} WHERE id = ?`).pluck();
  const all = db.prepare<[], R>(`SELECT * FROM ${table} WHERE ${only} ORDER BY id`);
  const known = new Map<string, { id: number; value: T }>();
  const names = new Map<number, string>();
  const find = (name: string): { id: number; value: T } | undefined => {
    const remembered = known.get(name);
    if (remembered) return remembered;
    const row = byName.get(name);
    if (row === undefined) return undefined;
    const found = { id: row.id, value: read(row) };
    known.set(name, found);
    return found;
  };
  return {
    get: (name) => find(name)?.value,
    all: () => all.all().map(read),
    // Units and print jobs may name a station or a printer that was removed.
    idOf: (name) => find(name)?.id ?? idByName.get(name),
    nameOf: (id) => {
      // In a damaged ledger, the row may be missing. The result is then the empty name, which no row has.
      const name = names.get(id) ?? byId.get(id) ?? '';
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
