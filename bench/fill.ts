import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { Command } from '../src/decide/command.ts';
import { advanceUnit, movedJob, queuedJob } from '../src/model/advance.ts';
import { DEFAULT_LENGTH, generate, systemRandom } from '../src/model/claim-id.ts';
import { eventOf, lineOf, type Event, type Happening } from '../src/model/event.ts';
import { Product } from '../src/model/product.ts';
import { DEFAULT_STATION, StationDefinition } from '../src/model/station.ts';
import type { Unit } from '../src/model/unit.ts';
import { leafHash } from '../src/proof/tree.ts';
import { openLedgerFile } from '../src/sqlite/ledger-file.ts';
import { openForWriting } from '../src/sqlite/open.ts';
import { ledgerFile } from '../src/sqlite/sqlite-ledger.ts';
import { openTables } from '../src/sqlite/tables.ts';
import { openTreeHead } from '../src/sqlite/tree-head.ts';
import { PRODUCT_SETTINGS } from './children.ts';

/*
 * Makes the ledger of a factory after a year of work: each unit was issued, its label was printed, and an operator
 * verified the label. The service decides and records each of these events separately. The code here makes the same
 * events, but writes each row only once, in its final state. This code is five times as fast as the service.
 * `claimstamp verify` accepts the resulting ledger.
 */

export interface Size {
  units: number;
  workOrders: number;
  stations: number;
  products: number;
}

/** The first station, its product and its printer are the same in a ledger of any size. */
export const STATION = 'line-0';
export const PRODUCT = 'P0';

const YEAR_MS = 365 * 24 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
const ACTOR = 'bench';
/** The number of units in one transaction. */
const GROUP = 10_000;

/** Returns the number of events. */
export function fill(data: string, size: Size, say: (text: string) => void): number {
  mkdirSync(data, { recursive: true });
  const db = openForWriting(ledgerFile(data));
  // The benchmark's ledger does not have to survive a power cut.
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -262144');
  const begin = Date.now() - YEAR_MS;
  const ledger = openLedgerFile(db, () => begin, systemRandom);
  for (const outcome of ledger.commit(setUp(data, size))) if ('refused' in outcome) throw outcome.refused;
  const indexes = dropIndexes(db);
  addUnits(db, size, begin, say);
  for (const sql of indexes) db.exec(sql);
  const filled = openLedgerFile(db, Date.now, systemRandom);
  filled.checkpoint();
  db.close();
  toDisk(ledgerFile(data));
  return filled.size();
}

/** Otherwise, the system would write the file while the benchmark measures, and the service's writes would wait. */
function toDisk(file: string): void {
  const fd = openSync(file, 'r+');
  fsyncSync(fd);
  closeSync(fd);
}

function setUp(data: string, { workOrders, stations, products }: Size): Command[] {
  const many = (count: number, command: (n: number) => Command): Command[] =>
    Array.from({ length: count }, (_one, n) => command(n));
  const printer = { name: 'folder', kind: 'file', folder: join(data, 'print'), format: 'pdf', dpi: 203 } as const;
  return [
    { kind: 'set-product', product: Product.parse(PRODUCT_SETTINGS), actor: ACTOR },
    { kind: 'set-station', station: StationDefinition.parse({ name: DEFAULT_STATION }), actor: ACTOR },
    { kind: 'set-printer', printer, actor: ACTOR },
    ...many(products, (n) => {
      const product = Product.parse({ id: `P${n}`, serialPattern: `P${n}.{seq:8}` });
      return { kind: 'set-product', product, actor: ACTOR };
    }),
    ...many(workOrders, (n) => {
      const workOrder = { id: `WO-${n}`, product: `P${n % products}`, planned: 10_000_000, overIssue: 'warn' } as const;
      return { kind: 'set-work-order', workOrder, actor: ACTOR };
    }),
    ...many(stations, (n) => {
      const own = Array.from({ length: products }, (_one, p) => p).filter((p) => p % stations === n);
      const station = StationDefinition.parse({
        name: `line-${n}`,
        printer: printer.name,
        workOrders: Object.fromEntries(own.map((p) => [`P${p}`, `WO-${p}`])),
      });
      return { kind: 'set-station', station, actor: ACTOR };
    }),
  ];
}

/**
 * Drops indexes, because building an index after adding the rows is faster than updating it for each row. The indexes
 * that the service's SQL statements name are kept.
 */
function dropIndexes(db: Database.Database): string[] {
  const indexes = db
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND name NOT IN ('unit_by_serial', 'unit_void_serial') AND (tbl_name = 'unit' OR name IN ('print_job_printer', 'print_job_station', 'print_job_state'))`,
    )
    .all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  return indexes.map(({ sql }) => sql);
}

function addUnits(db: Database.Database, size: Size, begin: number, say: (text: string) => void): void {
  const { units, workOrders, products } = size;
  const tables = openTables(db);
  const tree = openTreeHead(db);
  const insert = db.prepare(`INSERT INTO event (seq, line, leaf, prev) VALUES (?, ?, ?, ?)`);
  const made = Array.from({ length: workOrders }, () => 0);
  const append = (happening: Happening, at: number, prev: number | null): Event => {
    const event = eventOf(happening, tree.range().size + 1, at);
    const line = lineOf(event);
    const leaf = leafHash(line);
    insert.run(event.seq, line, leaf, prev);
    tree.append(leaf);
    return event;
  };
  const addGroup = db.transaction((from: number, to: number) => {
    tree.begin();
    for (let n = from; n < to; n++) {
      // The last unit is an hour old, so that the benchmark's own units are newer.
      const at = Math.floor(begin + ((YEAR_MS - HOUR_MS) * (n + 1)) / units);
      const p = n % products;
      // In the second half of the year, each product uses its second work order.
      const order = Math.min(p + (n < units / 2 ? 0 : products), workOrders - 1);
      addUnit(tables.save, append, {
        n,
        at,
        product: p,
        order,
        station: p % size.stations,
        count: Math.floor(n / products) + 1,
      });
      made[order] = (made[order] ?? 0) + 1;
    }
    tree.save();
  });
  for (let n = 0; n < units; n += GROUP) {
    if (n % 100_000 === 0) say(`history: ${n.toLocaleString('en-US')} of ${units.toLocaleString('en-US')} units`);
    addGroup(n, Math.min(n + GROUP, units));
    db.pragma('wal_checkpoint(PASSIVE)');
  }
  for (const [n, count] of made.entries()) {
    const workOrder = tables.seen.workOrder(`WO-${n}`);
    if (workOrder) tables.save({ table: 'work-order', workOrder: { ...workOrder, units: count } });
  }
  for (let p = 0; p < Math.min(products, units); p++) {
    const product = tables.seen.product(`P${p}`);
    if (product) tables.save({ table: 'product', product: { ...product, used: true } });
    tables.save({
      table: 'counter',
      product: `P${p}`,
      prefix: `P${p}.########`,
      count: Math.ceil((units - p) / products),
    });
  }
}

interface Made {
  n: number;
  at: number;
  product: number;
  order: number;
  station: number;
  /** The sequence number in this unit's S/N. */
  count: number;
}

function addUnit(
  save: ReturnType<typeof openTables>['save'],
  append: (happening: Happening, at: number, prev: number | null) => Event,
  { n, at, product, order, station, count }: Made,
): void {
  const uci = generate(DEFAULT_LENGTH, systemRandom);
  const mac = (0x02_00_00_00_00_00 + n).toString(16).padStart(12, '0');
  const of = { uci, station: `line-${station}`, actor: 'system' } as const;
  let unit: Unit | undefined;
  const add = (happening: Happening): Event => {
    const event = append(happening, at, unit?.lastSeq ?? null);
    unit = advanceUnit(unit, event);
    return event;
  };
  add({
    type: 'issued',
    ...of,
    actor: `agent:10.0.${station}.1`,
    workOrder: `WO-${order}`,
    data: { serial: `P${product}.${String(count).padStart(8, '0')}`, identity: ['mac'] },
    attributes: JSON.stringify({ product: `P${product}`, mac, name: 'Demo', model: 'Demo-01' }),
  });
  const label = { printer: 'folder', copies: 1, firstCopy: 1 };
  const queued = add({ type: 'print-queued', ...of, data: label }) as Event<'print-queued'>;
  const job = { job: queued.seq, ...label };
  add({ type: 'print-moved', ...of, data: { ...job, state: 'sending' } });
  const printed = add({ type: 'printed', ...of, data: job }) as Event<'printed'>;
  add({ type: 'verified', ...of, actor: ACTOR, data: {} });
  if (unit === undefined) return;
  save({ table: 'unit', unit, before: undefined });
  save({ table: 'identity', unit, property: 'mac', value: mac });
  save({ table: 'print-job', job: movedJob(printed, queuedJob(queued)) });
}
