import type Database from 'better-sqlite3';
import type { ExceptionCount, ExceptionCounts, Unused } from '../contract/exceptions.ts';
import type { ExceptionKind } from '../model/exceptions/kinds.ts';
import { defined } from '../platform/own.ts';
import { existing } from './existing.ts';

/*
 * Finds exceptions with the help of indexes (migration 0033). The conditions are the same as in `exceptionsOf`
 * (model/exceptions/exception.ts). A test compares the two.
 */

export interface ExceptionRows {
  from: string;
  /** The WHERE condition that selects the rows in the index. Absent if no index is used. */
  index?: string;
  row: string;
}

const WAITING = 'unit INDEXED BY unit_waits';

/** True for an issued unit if nothing is proven about it yet and no person has closed its exception. */
const OPEN = `issued_at IS NOT NULL AND verified_at IS NULL AND reported_at IS NULL AND registered_at IS NULL
  AND void_at IS NULL AND scrapped_at IS NULL AND coalesce(instr(extra, '"closedException":'), 0) = 0`;

/** The condition of the index `unit_waits`. SQLite uses this index only if a query contains exactly this text. */
const WAITS = `(labels > 0 OR station IS NULL) AND ${OPEN} AND (CASE WHEN labels > 0 THEN 2 ELSE 1 END)`;

const OF_DEVICE = `(extra IS NULL OR (extra ->> '$.reference' IS NULL AND extra ->> '$.return' IS NULL))`;
const NEEDS_LABEL = `product NOT IN (SELECT id FROM product WHERE json_extract(settings, '$.claiming') = 'pre')`;

/**
 * For each list: the index, the condition that selects the rows in the index, and the condition that SQLite checks for
 * each row. The statements name the index, because otherwise SQLite would use the bounds of a page, and read all units
 * between them.
 *
 * There is no index for units without a label. Every unit starts without a label. So for each new unit, such an index
 * would take nine bytes, and the writer would have to update the index.
 */
export const EXCEPTION_ROWS: Record<ExceptionKind | 'file', ExceptionRows> = {
  'wrong-id': { from: 'unit INDEXED BY unit_alarm', index: 'alarm IS NOT NULL', row: 'TRUE' },
  'no-label': {
    from: 'unit',
    row: `labels = 0 AND station IS NOT NULL AND ${OPEN} AND ${OF_DEVICE} AND ${NEEDS_LABEL}`,
  },
  'not-scanned': { from: WAITING, index: `${WAITS} = 2`, row: OF_DEVICE },
  file: { from: WAITING, index: `${WAITS} = 1`, row: OF_DEVICE },
};

/**
 * How many of the newest units to search when counting units without a label. SQLite reads this many in about ten
 * milliseconds. A line with twenty stations needs two days to make this many units.
 */
const NEWEST = 20_000;

/**
 * The maximum number of exceptions of one kind that are counted. SQLite counts this many in a few milliseconds, and
 * agents have to wait during this time.
 */
const MAX_COUNTED = 2000;

/** The maximum number of firmware files and roll labels that are counted. */
const MAX_UNUSED = 5000;

interface Counted {
  looked: number;
  count: number;
  oldestAt: number | null;
}

/** Counts the open exceptions of units. Only units that were issued before `before` (ms since 1970) are counted. */
export function openExceptionCounts(db: Database.Database): (before: number) => ExceptionCounts {
  const counts = (['wrong-id', 'no-label', 'not-scanned'] as const).map((kind) => [kind, openCount(db, kind)] as const);
  const files = db.prepare<[number], Unused>(
    `SELECT product.name, count(*) AS count, min(issued_at) AS oldestAt FROM
      (SELECT product, issued_at, ${EXCEPTION_ROWS.file.row} AS fits FROM ${EXCEPTION_ROWS.file.from} WHERE ${defined(EXCEPTION_ROWS.file.index)} LIMIT ?)
      AS made JOIN product ON product.id = made.product WHERE fits GROUP BY product.name`,
  );
  const rolls = db.prepare<[number], Unused>(
    `SELECT reservation.name, count(*) AS count, min(reserved_at) AS oldestAt FROM
      (SELECT reservation, reserved_at FROM unit INDEXED BY unit_unused WHERE reservation IS NOT NULL AND issued_at IS NULL AND void_at IS NULL
        AND scrapped_at IS NULL LIMIT ?)
      AS unused JOIN reservation ON reservation.id = unused.reservation GROUP BY reservation.name`,
  );
  return (before) => {
    const [made, unused] = [files.all(MAX_UNUSED), rolls.all(MAX_UNUSED)];
    const total = (list: Unused[]): number => list.reduce((sum, { count }) => sum + count, 0);
    return {
      kinds: counts.map(([kind, count]) => ({ kind, ...count(kind === 'wrong-id' ? undefined : before) })),
      files: made,
      rolls: unused,
      more: total(made) >= MAX_UNUSED || total(unused) >= MAX_UNUSED,
    };
  };
}

function openCount(
  db: Database.Database,
  kind: ExceptionKind,
): (before: number | undefined) => Omit<ExceptionCount, 'kind'> {
  const { from, index, row } = EXCEPTION_ROWS[kind];
  const [condition, most] =
    index === undefined ? [`id > (SELECT max(id) FROM unit) - ${NEWEST}`, NEWEST] : [index, MAX_COUNTED];
  const counted = (order: 'ASC' | 'DESC') =>
    db.prepare<[number], Counted>(
      `SELECT count(*) AS looked, coalesce(sum(fits), 0) AS count, min(CASE WHEN fits THEN issued_at END) AS oldestAt FROM
        (SELECT issued_at, (${row} AND coalesce(issued_at, 0) < ?) AS fits FROM ${from}
          WHERE ${condition} ORDER BY id ${order} LIMIT ${most})`,
    );
  const [newest, oldest] = [counted('DESC'), counted('ASC')];
  return (before) => {
    const { looked, count, oldestAt } = existing(newest.get(before ?? Number.MAX_SAFE_INTEGER));
    const more = index !== undefined && looked === most;
    const first = more ? existing(oldest.get(before ?? Number.MAX_SAFE_INTEGER)).oldestAt : oldestAt;
    return { count, more, ...(first === null || before === undefined ? {} : { oldestAt: first }) };
  };
}
