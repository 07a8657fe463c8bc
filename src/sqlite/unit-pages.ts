import { EXCEPTION_ROWS, type ExceptionRows } from './exception-rows.ts';
import { existing } from './existing.ts';
import type Database from 'better-sqlite3';
import { identityKey } from '../model/identity/spelling.ts';
import { hasValue, IDENTITY_BY_CODE, selectByKey } from './identity-key.ts';
import type { UnitList, UnitPage } from '../contract/ledger.ts';
import { lostBefore, placeOf } from '../decide/reconcile.ts';
import type { Seen } from '../decide/seen.ts';
import { hasSerial, UNIT_BY_SERIAL } from './unit-row.ts';
import { inFirstLife } from '../model/returns/lives.ts';
import { ENDS, FACTS, type Fact, type Unit } from '../model/unit.ts';
import { defined, isKey } from '../platform/own.ts';

/**
 * The maximum number of units on a page. Reading a page takes the service's thread about 20 ms, and devices have to
 * wait during this time.
 */
const MAX_LOOKED_AT = 2000;

/**
 * The maximum number of rows that SQLite scans for a page if it cannot use an index. Scanning this many takes about 10
 * ms.
 */
const MAX_SCANNED = 20_000;

/** The conditions for which there is an index. Each of these conditions matches only a few rows. */
const FOUND: typeof SIEVED = {
  exception: ({ exception }) => rowsOf(exception).index ?? 'TRUE',
  workOrder: `work_order = (SELECT id FROM work_order WHERE name = @workOrder)`,
  reservation: `reservation = (SELECT id FROM reservation WHERE name = @reservation)`,
  alarm: `alarm IS NOT NULL`,
  uci: `uci = @uci`,
  id: `id = @id`,
  ids: `id IN (SELECT value FROM json_each(@ids))`,
  // The next three conditions are written as lists of row ids. With plain conditions, SQLite would read all units
  // instead of sorting the few hundred that match.
  prefix: `id IN (SELECT id FROM unit WHERE uci >= @prefix AND uci < @prefix || '~')`,
  serial: `id IN (SELECT id FROM ${UNIT_BY_SERIAL} WHERE ${hasSerial('@serial')}
    UNION ALL SELECT id FROM unit WHERE serial = @serial AND void_at IS NOT NULL)`,
  identity: `id IN (SELECT unit FROM ${IDENTITY_BY_CODE}
    WHERE property IN (SELECT value FROM json_each(@properties)) AND ${hasValue('@identity')}
    UNION ALL ${selectByKey('unit', 'property IN (SELECT value FROM json_each(@macs))', '@key')})`,
};

/**
 * Returns the condition for units with this status (`statusOf`). The condition checks the later facts first. Finished
 * units have the later facts, so SQLite reads only one fact of most rows.
 */
function hasStatus(status: Fact): string {
  const absent = (facts: readonly Fact[]): string[] => facts.map((fact) => `${fact}_at IS NULL`);
  if (status === 'void') return 'void_at IS NOT NULL';
  if (status === 'scrapped') return 'scrapped_at IS NOT NULL AND void_at IS NULL';
  const later = FACTS.slice(FACTS.indexOf(status) + 1);
  return [...absent(later), ...(status === 'reserved' ? [] : [`${status}_at IS NOT NULL`]), ...absent(ENDS)].join(
    ' AND ',
  );
}

/**
 * The conditions for which there is no index. For these conditions, SQLite scans rows. Statuses and facts are part of
 * the SQL text, because a condition on a parameter would take longer for each row.
 */
const SIEVED: Partial<Record<keyof UnitPage, string | ((page: UnitPage) => string)>> = {
  exception: ({ exception }) => rowsOf(exception).row,
  // This condition is first because it excludes the most rows, and its column is near the beginning of the row.
  station: `station = (SELECT id FROM station WHERE name = @station)`,
  status: ({ status }) => `(${[defined(status)].flat().map(hasStatus).join(' OR ')})`,
  fact: ({ fact }) => `${defined(fact)}_at IS NOT NULL`,
  product: `product = (SELECT id FROM product WHERE name = @product)`,
  products: `product IN (SELECT id FROM product WHERE name IN (SELECT value FROM json_each(@products)))`,
  shipped: ({ shipped }) =>
    `issued_at IS NOT NULL AND json_extract(extra, '$.shipped') IS ${shipped ? 'NOT ' : ''}NULL`,
  from: `coalesce(issued_at, reserved_at) >= @from`,
  to: `coalesce(issued_at, reserved_at) < @to`,
  printed: `issued_at IS NOT NULL AND printed_at IS NULL AND void_at IS NULL AND scrapped_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM print_job WHERE print_job.unit = unit.id AND state = 'sent')
    AND product NOT IN (SELECT id FROM product WHERE json_extract(settings, '$.claiming') = 'pre')`,
};

/**
 * Finds units in the order in which they were made, or in the reverse order. The returned function must be called
 * inside a snapshot.
 */
export function openUnitPages(db: Database.Database, seen: Seen): (page: UnitPage) => UnitList {
  const prepared = new Map<string, Database.Statement<[object], string>>();
  const windowOf = (condition: string, from = 'unit'): Database.Statement<[number], number> =>
    db.prepare<[number], number>(`SELECT id FROM ${from} WHERE ${condition} LIMIT 1 OFFSET ${MAX_SCANNED - 1}`).pluck();
  const upward = { window: windowOf('id > ? ORDER BY id'), rows: 'id > @after AND id <= @end', order: 'id' };
  const downward = {
    window: windowOf('id < ? ORDER BY id DESC'),
    rows: 'id < @after AND id >= @end',
    order: 'id DESC',
  };
  // The row condition of an exception may exclude many of the units in the index. So the number of rows that are read
  // is also limited here.
  const exceptionWindows = new Map<string, Database.Statement<[number], number>>();
  const exceptionWindow = ({ exception, newest }: UnitPage): Database.Statement<[number], number> => {
    const name = `${exception} ${newest}`;
    const { from, index = 'TRUE' } = rowsOf(exception);
    const condition = `${index} AND id ${newest ? '< ? ORDER BY id DESC' : '> ? ORDER BY id'}`;
    const known = exceptionWindows.get(name) ?? windowOf(condition, from);
    exceptionWindows.set(name, known);
    return known;
  };
  const statementFor = (page: UnitPage): Database.Statement<[object], string> => {
    const where = [FOUND, SIEVED].flatMap((clauses) => asked(clauses, page)).map((clause) => ` AND ${clause}`);
    const { rows, order } = page.newest ? downward : upward;
    const from = page.exception === undefined ? 'unit' : rowsOf(page.exception).from;
    const sql = `SELECT uci FROM ${from} WHERE ${rows}${where.join('')} ORDER BY ${order}`;
    const known = prepared.get(sql) ?? db.prepare<[object], string>(sql).pluck();
    prepared.set(sql, known);
    return known;
  };
  const fits = (unit: Unit, { part, lost }: UnitPage): boolean => {
    if (part === undefined && lost === undefined) return true;
    if (lost !== undefined && !lostBefore(inFirstLife(unit), lost)) return false;
    return part === undefined || placeOf(unit, existing(seen.product(unit.product))) === part;
  };

  return (page) => {
    const { identity, products, ids, newest, ...rest } = page;
    const isFound = asked(FOUND, page).length > 0;
    const [first, last] = newest ? [Number.MAX_SAFE_INTEGER, 0] : [0, Number.MAX_SAFE_INTEGER];
    const after = page.after === 0 ? first : page.after;
    const window = page.exception === undefined ? (newest ? downward : upward).window : exceptionWindow(page);
    const end = isFound && page.exception === undefined ? undefined : window.get(after);
    const bound = {
      ...rest,
      after,
      products: JSON.stringify(products ?? []),
      ids: JSON.stringify(ids ?? []),
      end: end ?? last,
    };
    const named =
      identity === undefined
        ? {}
        : {
            identity: identity.value,
            properties: JSON.stringify(identity.properties),
            macs: JSON.stringify(identity.macs),
            key: identityKey(identity.value) ?? null,
          };
    const units: Unit[] = [];
    let looked = 0;
    for (const uci of statementFor(page).iterate({ ...bound, ...named })) {
      const unit = existing(seen.unit(uci));
      if (fits(unit, page)) units.push(unit);
      if (++looked === MAX_LOOKED_AT || units.length === page.limit) return { units, next: unit.id };
    }
    return { units, next: end ?? null };
  };
}

function rowsOf(exception: UnitPage['exception']): ExceptionRows {
  return EXCEPTION_ROWS[defined(exception)];
}

function asked(clauses: typeof SIEVED, page: UnitPage): string[] {
  return Object.entries(clauses)
    .filter(([name]) => isKey(page, name) && page[name] !== undefined)
    .map(([, clause]) => (typeof clause === 'string' ? clause : clause(page)));
}
