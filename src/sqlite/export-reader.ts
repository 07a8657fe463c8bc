import { ABOUT_ACCESS } from '../model/audit/kinds.ts';
import { existing } from './existing.ts';
import type { ExportFilter, Head } from '../contract/exports.ts';
import type { KeptSet } from '../model/labels/render-set.ts';
import { rootOf, unpackRange } from '../proof/tree.ts';
import { openForReading } from './open.ts';
import { openRenderSets } from './render-sets.ts';
import { openUnitNumbers } from './unit-numbers.ts';
import { SELECT_HEAD, type HeadRow } from './tree-head.ts';
import { STATUS } from './unit-row.ts';

/** Reads the ledger in one snapshot, for an export of any length. */
export interface Dump {
  head: Head;
  /** The matching rows of `source`, in batches and in the order of `seq`. */
  batches: (source: Source, filter: DumpFilter, form: DumpForm) => Generator<Batch>;
  unitNumbers: ReturnType<typeof openUnitNumbers>;
  /**
   * Returns the render sets with which the labels of matching units were printed. If the filter is `all`, returns all
   * sets.
   */
  renderSets: (filter: DumpFilter | 'all') => KeptSet[];
  labelContent: (hash: string) => Uint8Array | undefined;
  close: () => void;
}

/** If `products` is set, only units of these products match. */
export type DumpFilter = ExportFilter & { products?: readonly string[] | undefined };

/**
 * `unit-events` are all events of the matching units, and the render sets of their labels. `leaves` are the hashes of
 * all events, without a filter.
 */
export type Source = 'units' | 'events' | 'unit-events' | 'leaves';

interface Rows {
  text: string;
  rows: number;
}

export interface Batch extends Rows {
  /** All events up to and including this number have been read. */
  seq: number;
}

/**
 * An SQL expression that makes one row of the export from the columns of the source (export/columns.ts has their
 * names).
 */
export interface DumpForm {
  row: string;
  /**
   * Set if the expression `row` uses `n`. For the nth matching row (counted from 1), `n` is the result of
   * `numbered(nth)`.
   */
  numbered?: (nth: number) => string;
  care?: { sign: RegExp; row: string; functions: { [name: string]: (value: string) => string } };
}

/**
 * The number of events or unit numbers that one statement reads. SQLite joins the rows of these events or units into a
 * single text. The joined text is about 300 kB long if devices send standard bodies, and 20 MB long if they send the
 * largest bodies.
 */
const STEP = 1000;

export function openDump(file: string): Dump {
  const db = openForReading(file);
  // While this snapshot is open, the write-ahead log must keep all later changes. So an export must close its snapshot
  // soon, and must not wait for clients while the snapshot is open.
  db.exec('BEGIN');
  const { size, range } = existing(db.prepare<[], HeadRow>(SELECT_HEAD).get());
  const head = { size, root: rootOf(unpackRange(size, range)) };

  const sets = openRenderSets(db);
  const renderSets = (filter: DumpFilter | 'all'): KeptSet[] => {
    if (filter === 'all') return sets.all();
    const used = db
      .prepare<[object], number>(
        `SELECT DISTINCT render_set FROM print_job WHERE render_set IS NOT NULL AND unit IN (
          SELECT unit.id FROM unit WHERE ${UNIT_FITS}) ORDER BY render_set`,
      )
      .pluck()
      .all(bindings(filter));
    return used.map((number) => existing(sets.find({ number })));
  };

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
    const sets = source === 'unit-events' ? renderSets(filter).map(({ seq }) => seq) : [];
    const asked = { ...bindings(filter), sets: JSON.stringify(sets) };
    // For an export of events, only the events from `since` to `until` are read. For an export of units, all units must
    // be read, because the last event of a unit may have any later number.
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

  const reads = { renderSets, labelContent: sets.content, unitNumbers: openUnitNumbers(db) };
  return { head, batches, ...reads, close: () => db.close() };
}

/**
 * `group_concat` joins rows in the order of the subquery. A subquery with a LIMIT is never merged into the outer query.
 * So the function `numbered()` runs exactly once per row.
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
  unit: number | null;
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
  const { type = null, rma = null, unit = null } = filter;
  const products = filter.products === undefined ? null : JSON.stringify(filter.products);
  const { from = null, to = null, since = 0, until = Number.MAX_SAFE_INTEGER } = filter;
  const ms = (time: string | null): number | null => (time === null ? null : Date.parse(time));
  const ofUnits = [product, products, workOrder, lot, status, rma, unit].some((part) => part !== null) ? 1 : 0;
  const names = { product, products, workOrder, lot, station, status, rma, unit, type };
  return { ...names, from, to, fromMs: ms(from), toMs: ms(to), since, until, ofUnits };
}

/** The filter conditions that apply both to exports of units and to exports of their events. */
const UNIT_IS = `(@products IS NULL
    OR unit.product IN (SELECT id FROM product WHERE name IN (SELECT value FROM json_each(@products))))
  AND (@product IS NULL OR unit.product = (SELECT id FROM product WHERE name = @product))
  AND (@workOrder IS NULL OR unit.work_order = (SELECT id FROM work_order WHERE name = @workOrder))
  AND (@lot IS NULL OR unit.work_order IN (SELECT id FROM work_order WHERE settings ->> '$.lot' = @lot))
  AND (@unit IS NULL OR unit.id = @unit)
  AND (@rma IS NULL OR unit.id IN (SELECT unit FROM unit_return WHERE unit_return.rma = @rma))
  AND (@status IS NULL OR ${STATUS} = @status)`;

/** The filter conditions that apply to exports of units. */
const UNIT_FITS = `${UNIT_IS}
  AND (@station IS NULL OR unit.station = (SELECT id FROM station WHERE name = @station))
  AND (@fromMs IS NULL OR coalesce(issued_at, reserved_at) >= @fromMs)
  AND (@toMs IS NULL OR coalesce(issued_at, reserved_at) < @toMs)
  AND last_seq > @since AND last_seq <= @until`;

/** A field of the event that ended the unit. If a scrapped unit was voided later, this is the void event. */
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
      extra -> '$.lives' AS lives,
      (SELECT render_set FROM print_job WHERE print_job.unit = unit.id AND render_set IS NOT NULL
        ORDER BY print_job.id DESC LIMIT 1) AS render_set,
      extra -> '$.roleLabels' AS role_labels
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
  // An event that changes a unit has a `prev`. The event that made the unit has the same number as the unit. Other
  // events that name a unit, such as an event of the Next button, are left out.
  'unit-events': `SELECT seq, line FROM event
    WHERE seq > @after AND seq <= @upTo AND (seq IN (SELECT value FROM json_each(@sets)) OR EXISTS (
      SELECT 1 FROM unit WHERE uci = line ->> '$.uci' AND (prev IS NOT NULL OR unit.id = seq) AND ${UNIT_FITS}))`,
  leaves: `SELECT seq, leaf FROM event WHERE seq > @after AND seq <= @upTo`,
};
