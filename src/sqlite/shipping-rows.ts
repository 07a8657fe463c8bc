import type Database from 'better-sqlite3';
import type { FoundList, Shipment, ShipmentPage, ShippingListPage } from '../contract/ledger.ts';
import type { Row } from '../decide/seen.ts';
import type { Findings } from '../proof/verification.ts';
import { existing } from './existing.ts';
import type { Names } from './named-rows.ts';
import { unitFrom, UNIT_COLUMNS, type UnitRow } from './unit-row.ts';

type ShippingRow = Extract<Row, { table: 'shipping-list' | 'shipment' | 'dropped-shipment' }>;
type Savers = { [T in ShippingRow['table']]: (row: Extract<ShippingRow, { table: T }>) => void };

export function shippingSavers(db: Database.Database, { shippingLists }: Names): Savers {
  const saveList = db.prepare(`INSERT INTO shipping_list (name, settings, units) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, units = excluded.units`);
  const insert = db.prepare(
    `INSERT INTO shipment (seq, list, unit, at) VALUES (?, ?, (SELECT id FROM unit WHERE uci = ?), ?)`,
  );
  const drop = db.prepare(`DELETE FROM shipment WHERE seq = ?`);
  return {
    'shipping-list'({ list: { units, ...definition } }) {
      saveList.run(definition.id, JSON.stringify(definition), units);
      shippingLists.forget(definition.id);
    },
    shipment: ({ seq, list, uci, at }) => void insert.run(seq, shippingLists.idOf(list), uci, at),
    'dropped-shipment': ({ seq }) => void drop.run(seq),
  };
}

export interface ShippingPages {
  shippingLists: (page: ShippingListPage) => { lists: FoundList[]; next: number | null };
  shipments: (page: ShipmentPage) => { shipments: Shipment[]; next: number | null };
}

/** To find the shipping lists of a work order, at most this many of its units are read. */
const MAX_LOOKED_AT = 20_000;

/** Reads pages with the help of indexes. The returned functions must be called inside a snapshot. */
export function openShippingPages(db: Database.Database, names: Names): ShippingPages {
  const lists = db.prepare<[number, number], { id: number; name: string }>(
    `SELECT id, name FROM shipping_list WHERE id < ? ORDER BY id DESC LIMIT ?`,
  );
  const listsOfOrder = db.prepare<[string, string, number, number], { id: number; name: string; ofOrder: number }>(
    `WITH looked AS (SELECT extra FROM unit WHERE work_order = (SELECT id FROM work_order WHERE name = ?)
       ORDER BY id LIMIT ${MAX_LOOKED_AT}),
     shipped AS (SELECT extra ->> '$.shipped.list' AS list, count(*) AS units FROM looked GROUP BY list)
     SELECT id, name, coalesce(shipped.units, 0) AS ofOrder
     FROM shipping_list LEFT JOIN shipped ON shipped.list = shipping_list.name
     WHERE (settings ->> '$.workOrder' = ? OR shipped.units > 0) AND id < ?
     ORDER BY id DESC LIMIT ?`,
  );
  const shipments = db.prepare<[number, number, number], UnitRow & { seq: number; at: number }>(
    `SELECT shipment.seq, shipment.at, ${UNIT_COLUMNS} FROM shipment JOIN unit ON unit.id = shipment.unit
     WHERE list = ? AND seq > ? ORDER BY seq LIMIT ?`,
  );
  return {
    shippingLists({ workOrder, before, limit }) {
      const rows: { id: number; name: string; ofOrder?: number }[] =
        workOrder === undefined ? lists.all(before, limit) : listsOfOrder.all(workOrder, workOrder, before, limit);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const found = rows.map(({ name, id: _id, ...ofOrder }) => ({
        ...existing(names.shippingLists.get(name)),
        ...ofOrder,
      }));
      return { lists: found, next: last?.id ?? null };
    },
    shipments({ list, after, limit }) {
      const rows = shipments.all(names.shippingLists.idOf(list) ?? 0, after, limit);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const found = rows.map(({ seq, at, ...row }) => ({ seq, at, unit: unitFrom(row, names) }));
      return { shipments: found, next: last?.seq ?? null };
    },
  };
}

/** Compares the table `shipment` with the events. */
export function openShipmentCompare(
  db: Database.Database,
  findings: Findings,
  ids: { list: (name: string) => number | undefined; unit: () => number | undefined },
): { save: (row: Exclude<ShippingRow, { table: 'shipping-list' }>) => void; end: () => void } {
  const table = 'shipment';
  const stored = db.prepare<[number], { list: number; unit: number; at: number }>(
    `SELECT list, unit, at FROM shipment WHERE seq = ?`,
  );
  const count = db.prepare<[], number>(`SELECT count(*) FROM shipment`).pluck();
  /**
   * Events for which there is no row. For each of these events, a later event must have removed the unit from the list.
   */
  const absent = new Set<number>();
  let rows = 0;
  return {
    save(row) {
      const { seq } = row;
      const found = stored.get(seq);
      if (row.table === 'dropped-shipment') {
        if (!absent.delete(seq))
          findings.add({
            what: `event ${seq} put a unit on a list, and the unit was later taken off the list, but the row was not removed`,
            seq,
            table,
          });
        return;
      }
      if (found === undefined) return void absent.add(seq);
      rows++;
      const expected = { list: ids.list(row.list), unit: ids.unit(), at: row.at };
      for (const column of ['list', 'unit', 'at'] as const)
        if (found[column] !== expected[column])
          findings.add({ what: `${table} ${seq}: ${column} differs from its event`, seq, table, column });
    },
    end() {
      for (const seq of absent) findings.add({ what: `event ${seq} put a unit on a list, but has no row`, seq, table });
      if (existing(count.get()) !== rows)
        findings.add({ what: `${table} has rows for events that did not put a unit on a list`, table });
    },
  };
}
