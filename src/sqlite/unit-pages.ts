import type Database from 'better-sqlite3';
import type { UnitList, UnitPage } from '../ledger.ts';
import type { Product } from '../product.ts';
import { partOf } from '../reconcile.ts';
import type { Seen } from '../seen.ts';
import { statusOf, type Unit } from '../unit.ts';

/** Units that one page looks at: it runs on the server's thread, and agents wait for it (about 20 ms). */
const MAX_LOOKED_AT = 2000;

/** What a page is found by: those with an index first, so that of a few among ten million no page is empty. */
const WHERE: Partial<Record<keyof UnitPage, string>> = {
  workOrder: `work_order = (SELECT id FROM work_order WHERE name = @workOrder)`,
  reservation: `reservation = (SELECT id FROM reservation WHERE name = @reservation)`,
  alarm: `alarm IS NOT NULL`,
  product: `product = (SELECT id FROM product WHERE name = @product)`,
  station: `station = (SELECT id FROM station WHERE name = @station)`,
  printed: `issued_at IS NOT NULL AND printed_at IS NULL AND void_at IS NULL AND scrapped_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM print_job WHERE print_job.unit = unit.id AND state = 'sent')
    AND product NOT IN (SELECT id FROM product WHERE json_extract(settings, '$.claiming') = 'pre')`,
};
const NAMES = Object.keys(WHERE) as (keyof UnitPage)[];

/** Units in the order they were made. To be called in a snapshot. */
export function openUnitPages(db: Database.Database, seen: Seen): (page: UnitPage) => UnitList {
  const prepared = new Map<string, Database.Statement>();
  const statementFor = (page: UnitPage): Database.Statement => {
    const where = NAMES.filter((name) => page[name] !== undefined).map((name) => ` AND ${WHERE[name]}`);
    const sql = `SELECT uci FROM unit WHERE id > @after${where.join('')} ORDER BY id`;
    const known = prepared.get(sql) ?? db.prepare(sql).pluck();
    prepared.set(sql, known);
    return known;
  };
  const fits = (unit: Unit, { status, part, fact }: UnitPage): boolean =>
    (status === undefined || statusOf(unit) === status) &&
    (part === undefined || partOf(unit, seen.product(unit.product) as Product) === part) &&
    (fact === undefined || unit.facts[fact] !== undefined);

  return (page) => {
    const { after, limit, product, station, workOrder, reservation } = page;
    const units: Unit[] = [];
    let looked = 0;
    for (const uci of statementFor(page).iterate({ after, product, station, workOrder, reservation })) {
      const unit = seen.unit(uci as string) as Unit;
      if (fits(unit, page)) units.push(unit);
      if (++looked === MAX_LOOKED_AT || units.length === limit) return { units, next: unit.id };
    }
    return { units, next: null };
  };
}
