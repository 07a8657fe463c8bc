import { ABOUT_ACCESS } from '../model/audit/kinds.ts';
import { existing } from './existing.ts';
import type { ExportFilter, Head } from '../contract/exports.ts';
import { rootOf, unpackRange } from '../proof/tree.ts';
import { openForReading } from './open.ts';
import { openUnitNumbers } from './unit-numbers.ts';
import { SELECT_HEAD, type HeadRow } from './tree-head.ts';
import { STATUS } from './unit-row.ts';

/** Reads the ledger in one snapshot, for exports of any length. */
export interface Dump {
  head: Head;
  /** The matching rows of `source` in batches, ordered by `seq`. */
  batches: (source: Source, filter: DumpFilter, form: DumpForm) => Generator<Batch>;
  unitNumbers: ReturnType<typeof openUnitNumbers>;
  close: () => void;
}

/** With `products`, only units of these products match. */
export type DumpFilter = ExportFilter & { products?: readonly string[] | undefined };

/**
 * The source `unit-events` contains all events of the matching units. The source `leaves` contains the hashes of all
 * events, without a filter.
 */
export type Source = 'units' | 'events' | 'unit-events' | 'leaves';

interface Rows {
  text: string;
  rows: number;
}

export interface Batch extends Rows {
  /** All events up to this number have been read. */
  seq: number;
}

/** An SQL expression that makes one row from the source's columns (their names are in export/columns.ts). */
export interface DumpForm {
  row: string;
  /** The expression `row` may use `n`. For the nth matching row, counted from 1, `n` has the value `numbered(nth)`. */
  numbered?: (nth: number) => string;
  care?: { sign: RegExp; row: string; functions: { [name: string]: (value: string) => string } };
}

/**
 * The number of events or unit numbers that one statement reads. SQLite joins the rows of these events or units into a
 * single text. The text has about 300 kB if devices send standard bodies, and 20 MB if they send the largest bodies.
 */
const STEP = 1000;

export function openDump(file: string): Dump {
  const db = openForReading(file);
  // Until this snapshot ends, the write-ahead log keeps all later changes. So an export's snapshot must be short, and
  // must not wait for clients.
  db.exec('BEGIN');
  const { size, range } = existing(db.prepare<[], HeadRow>(SELECT_HEAD).get());
  const head = { size, root: rootOf(unpackRange(size, range)) };

  function* batches(source: Source, filter: DumpFilter, { row, numbered, care }: DumpForm): Generator<Batch> {
    for (const [name, write] of Object.entries(care?.functions ?? {})) {
      db.function(name, { deterministic: true }, (value: string | null) => (value === null ? null : write(value)));
    }
    let rows = 0;
    let nth = 0;
    if (numbered) db.function('numbered', () => numbered(++nth));
    const plain = db.prepare<[object], Rows>(inBatches(source, row, numbered !== undefined));
    const careful =
      care === undefined ? plain : db.prepare<[object], Rows>(inBatches(source, care.row, numbered !== undefined));
    const asked = bindings(filter);
    // For events, only the numbers from `since` to `until` are read. An export of units must read all units, because
    // the number of a unit's last event does not depend on the unit's own number.
    const [first, last] = source === 'events' ? [asked.since, Math.min(asked.until, size)] : [0, size];
    const run = (statement: typeof plain, after: number, upTo: number): Rows => {
      nth = rows;
      return existing(statement.get({ ...asked, after, upTo }));
    };
    for (let after = first; after < last; after += STEP) {
      const seq = Math.min(after + STEP, last);
      const batch = run(plain, after, seq);
      const { text } = care?.sign.test(batch.text) ? run(careful, after, seq) : batch;
      rows += batch.rows;
      yield { text, rows: batch.rows, seq };
    }
  }

  return { head, batches, unitNumbers: openUnitNumbers(db), close: () => db.close() };
}

/**
 * `group_concat` joins rows in the order of the subquery. SQLite never merges a subquery that has a LIMIT into the
 * outer query. So the function `numbered()` runs exactly once per row.
 */
function inBatches(source: Source, row: string, numbered: boolean): string {
  const rows = `FROM (${SOURCES[source]}) ORDER BY seq`;
  const from = numbered ? `FROM (SELECT numbered() AS n, * ${rows} LIMIT ${STEP})` : rows;
  return `SELECT count(*) AS rows, coalesce(group_concat(row, ''), '') AS text FROM (SELECT ${row} AS row ${from})`;
}

interface Bindings {
  products: string | null;
  product: string | null;
  workOrder: string | null;
  lot: string | null;
  station: string | null;
  status: string | null;
  rma: string | null;
  type: string | null;
  from: string | null;
  to: string | null;
  fromMs: number | null;
  toMs: number | null;
  since: number;
  until: number;
  ofUnits: 0 | 1;
}

function bindings(filter: DumpFilter): Bindings {
  const { product = null, workOrder = null, lot = null, station = null, status = null } = filter;
  const { type = null, rma = null } = filter;
  const products = filter.products === undefined ? null : JSON.stringify(filter.products);
  const { from = null, to = null, since = 0, until = Number.MAX_SAFE_INTEGER } = filter;
  const ms = (time: string | null): number | null => (time === null ? null : Date.parse(time));
  const ofUnits = [product, products, workOrder, lot, status, rma].some((part) => part !== null) ? 1 : 0;
  const names = { product, products, workOrder, lot, station, status, rma, type };
  return { ...names, from, to, fromMs: ms(from), toMs: ms(to), since, until, ofUnits };
}

/** The filter conditions for both kinds of export: units, and events of units. */
const UNIT_IS = `(@products IS NULL
    OR unit.product IN (SELECT id FROM product WHERE name IN (SELECT value FROM json_each(@products))))
  AND (@product IS NULL OR unit.product = (SELECT id FROM product WHERE name = @product))
  AND (@workOrder IS NULL OR unit.work_order = (SELECT id FROM work_order WHERE name = @workOrder))
  AND (@lot IS NULL OR unit.work_order IN (SELECT id FROM work_order WHERE settings ->> '$.lot' = @lot))
  AND (@rma IS NULL OR unit.id IN (SELECT unit FROM unit_return WHERE unit_return.rma = @rma))
  AND (@status IS NULL OR ${STATUS} = @status)`;

/** The filter conditions for exports of units. */
const UNIT_FITS = `${UNIT_IS}
  AND (@station IS NULL OR unit.station = (SELECT id FROM station WHERE name = @station))
  AND (@fromMs IS NULL OR coalesce(issued_at, reserved_at) >= @fromMs)
  AND (@toMs IS NULL OR coalesce(issued_at, reserved_at) < @toMs)
  AND last_seq > @since AND last_seq <= @until`;

/**
 * A field of the event that ended the unit. If a scrapped unit was voided later, the void event counts.
 */
const endSays = (member: string): string => `CASE WHEN void_at IS NOT NULL OR scrapped_at IS NOT NULL THEN (
  WITH RECURSIVE chain (line, prev) AS (
    SELECT line, prev FROM event AS latest WHERE latest.seq = unit.last_seq
    UNION ALL SELECT former.line, former.prev FROM event AS former JOIN chain ON former.seq = chain.prev)
  SELECT line ->> '$.data.${member}' FROM chain WHERE line ->> '$.type' IN ('void', 'scrapped') LIMIT 1) END`;

const OF_ACCESS = ABOUT_ACCESS.map((type) => `'${type}'`).join(', ');

const SOURCES: Record<Source, string> = {
  units: `SELECT unit.id AS seq, uci, serial, product.name AS product,
      coalesce(nullif(issued.line ->> '$.data.attributes.name', ''), product.settings ->> '$.name') AS name,
      issued.line ->> '$.data.attributes.model' AS model,
      work_order.name AS work_order, work_order.settings ->> '$.lot' AS lot,
      station.name AS station, reservation.name AS reservation, ${STATUS} AS status,
      reserved_at, issued_at, printed_at, verified_at, reported_at, registered_at, void_at, scrapped_at,
      ${endSays('reason')} AS end_reason, ${endSays('note')} AS end_note, alarm, outcome, labels,
      (SELECT nullif(json_group_object(property, value), '{}') FROM identity WHERE identity.unit = unit.id) AS identity,
      last_seq,
      extra ->> '$.return.rma' AS rma, extra ->> '$.return.at' AS returned_at,
      extra ->> '$.return.reason' AS return_reason, extra ->> '$.return.disposition' AS disposition,
      extra ->> '$.return.closed.how' AS return_end, extra ->> '$.return.closed.at' AS return_closed_at,
      extra -> '$.lives' AS lives
    FROM unit JOIN product ON product.id = unit.product
      LEFT JOIN work_order ON work_order.id = unit.work_order
      LEFT JOIN station ON station.id = unit.station
      LEFT JOIN reservation ON reservation.id = unit.reservation
      LEFT JOIN event AS issued ON issued.seq = unit.id + unit.issued_after
    WHERE unit.id > @after AND unit.id <= @upTo AND ${UNIT_FITS}`,
  events: `SELECT seq, line, line ->> '$.at' AS at, line ->> '$.type' AS type, line ->> '$.uci' AS uci,
      line ->> '$.actor' AS actor, line ->> '$.station' AS station, line ->> '$.work_order' AS work_order,
      substr(line, instr(line, ',"data":') + 8, length(line) - instr(line, ',"data":') - 8) AS data
    FROM event
    WHERE seq > @after AND seq <= @upTo
      AND (@from IS NULL OR line ->> '$.at' >= @from) AND (@to IS NULL OR line ->> '$.at' < @to)
      AND (@station IS NULL OR line ->> '$.station' = @station)
      AND (@type IS NULL OR seq IN (SELECT seq FROM access_event 
        WHERE @type = type OR (@type = 'access' AND type IN (${OF_ACCESS}))))
      AND (@ofUnits = 0 OR EXISTS (SELECT 1 FROM unit WHERE uci = line ->> '$.uci' AND ${UNIT_IS}))`,
  // An event that changes a unit has a `prev`, and the event that makes a unit has the unit's number. Other events may
  // also name a unit, such as the event of the Next button, but are left out.
  'unit-events': `SELECT seq, line FROM event
    WHERE seq > @after AND seq <= @upTo AND EXISTS (
      SELECT 1 FROM unit WHERE uci = line ->> '$.uci' AND (prev IS NOT NULL OR unit.id = seq) AND ${UNIT_FITS})`,
  leaves: `SELECT seq, leaf FROM event WHERE seq > @after AND seq <= @upTo`,
};
