import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/model/claim-id.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { openReader } from '../../src/sqlite/reader.ts';
import type { UnitPage } from '../../src/contract/ledger.ts';
import type { Command } from '../../src/decide/command.ts';
import { makeBusyLedger } from '../support/busy-ledger.ts';
import { agent } from '../support/map-ledger.ts';
import { tempFolder } from '../support/service.ts';

/*
 * SQLite must find the rows of each statement by an index, because tables with a row for each unit, event or print job
 * grow for years. The statements are those that the writer and the reader really prepare.
 */

/** These tables have a row for each thing that was ever made. All others have a row for each product, person and so on. */
const GROWING = [
  'event',
  'unit',
  'identity',
  'print_job',
  'access_event',
  'access',
  'repeat',
  'subtree',
  'sighting',
  'once',
  'import_part',
  'claimed',
];

/** Statements that may scan, each with what bounds it. */
const BOUNDED: [RegExp, string][] = [
  [
    /FROM unit INDEXED BY unit_alarm WHERE alarm IS NOT NULL ORDER BY id (ASC|DESC) LIMIT 2000\)$/,
    'units with an alarm, by their index',
  ],
  [/ORDER BY seq DESC LIMIT \?$/, 'the newest events, by number'],
  [/^SELECT coalesce\(max\(seq\), 0\) FROM event$/, 'the last number of the index'],
  [/LIMIT 1 OFFSET 19999$/, 'the end of a page of rows'],
  [/WHERE id > @after AND id <= @end/, 'a page of rows'],
  [/WHERE id < @after AND id >= @end/, 'a page of the newest rows'],
  [/WHERE id IN \(SELECT id FROM once ORDER BY id LIMIT \d+\)/, 'the two oldest answers'],
  [/^SELECT part, units FROM import_part ORDER BY part LIMIT 2$/, 'the first parts, by number'],
  [/^SELECT part, units FROM import_part$/, 'all rows, for the move to PostgreSQL'],
  [/FROM \(SELECT product, serial FROM unit WHERE .* ORDER BY id DESC LIMIT 2000\)/, 'the newest units'],
  [/FROM sighting$/, 'all rows, for the move to PostgreSQL'],
  [/WHERE unit\.issued_at >= \? AND unit\.issued_at < \?/, 'the report of a day, made by a child process'],
];

const prepared = new Set<string>();
type Prepare = (sql: string) => Database.Statement;
const prepare: Prepare = Reflect.get(Database.prototype, 'prepare');
let db: Database.Database;

beforeAll(() => {
  const { file } = makeBusyLedger(tempFolder(), 10_000, 7);
  fill(file, 100_000);

  // Statements are recorded as they are prepared, and prepared as always.
  Reflect.set(Database.prototype, 'prepare', function (this: Database.Database, sql: string) {
    prepared.add(sql.replaceAll(/\s+/g, ' '));
    return Reflect.apply(prepare, this, [sql]);
  });
  db = openForWriting(file);
  const ledger = openLedgerFile(db, Date.now, systemRandom);
  ledger.probe();
  const reader = openReader(file);
  for (const filter of [{}, { printer: 'zebra' }, { station: 'nest-1' }, { state: 'queued' as const }])
    reader.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: 100, ...filter });
  for (const filter of FOUND) {
    reader.units({ after: 0, limit: 100, ...filter });
    reader.units({ after: 0, limit: 100, newest: true, ...filter });
  }
  for (const filter of [{}, { types: ['signed-in' as const] }, { actor: 'person:ann' }, { from: 0, to: Date.now() }])
    reader.accessEvents({ before: Number.MAX_SAFE_INTEGER, limit: 100, ...filter });
  reader.exceptions(Date.now());
  reader.times();
  expect(reader.counters(Date.now())).not.toEqual([]);
  reader.snoozes();
  reader.close();
  Reflect.set(Database.prototype, 'prepare', prepare);
});

/** Adds units, one event each. As in the service, SQLite's planner has no counts of rows. */
function fill(file: string, units: number): void {
  const filled = openForWriting(file);
  filled.pragma('synchronous = OFF');
  const ledger = openLedgerFile(filled, Date.now, systemRandom);
  const issue = (n: number): Command => agent({ product: 'P0', mac: `filled-${n}` }, { station: 'nest-0' });
  for (let n = 0; n < units; n += GROUP) ledger.commit(Array.from({ length: GROUP }, (_, i) => issue(n + i)));
  filled.close();
}
const GROUP = 500;

/** Each search for units that an index answers. */
const FOUND: Partial<UnitPage>[] = [
  { workOrder: 'WO-0' },
  { reservation: 'roll-1' },
  { alarm: true },
  { exception: 'wrong-id' },
  { exception: 'no-label' },
  { exception: 'not-scanned' },
  { exception: 'file' },
  { uci: 'JT08FFQXWQ' },
  { prefix: 'JT0' },
  { serial: '264800001' },
  { identity: { properties: ['mac'], macs: ['mac'], value: '1' } },
];

afterAll(() => db.close());

function plan(sql: string): string[] {
  const rows = db
    .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll(/(?<!')[@:]\w+|\?/g, 'NULL')}`)
    .all();
  return rows.map(({ detail }) => detail);
}

/** The parts of a statement's plan that read a growing table from its beginning to its end. */
function scans(sql: string): string[] {
  return plan(sql).filter((detail) => GROWING.includes(/^SCAN (\w+)/.exec(detail)?.[1] ?? ''));
}

const reads = (): string[] => [...prepared].filter((sql) => /^(SELECT|WITH|UPDATE|DELETE|INSERT)/.test(sql));

describe('the statements of the writer and of the screens', () => {
  it('are recorded', () => {
    expect(reads().length).toBeGreaterThan(80);
  });

  it('read no growing table from its beginning to its end', () => {
    const found = reads()
      .filter((sql) => !BOUNDED.some(([bounded]) => bounded.test(sql)))
      .flatMap((sql) => scans(sql).map((scan) => `${scan}: ${sql}`));
    expect(found).toEqual([]);
  });

  it('find the spellings of a MAC by their index, and not among all identities of a product', () => {
    const found = reads().filter((sql) => sql.includes('lower(replace('));
    expect(found.length).toBeGreaterThan(1);
    for (const sql of found) {
      expect(plan(sql).join()).toMatch(/USING (COVERING )?INDEX identity_code\b/);
      if (sql.includes('UNION ALL'))
        expect(plan(sql).join()).toMatch(/USING (COVERING )?INDEX identity_spelling_key \(key=\? AND property=\?/);
    }
  });

  it('find a code among the units of all products in one step, and not in one step for each product', () => {
    const found = reads().filter((sql) => /FROM (unit|identity)\b/.test(sql));
    expect(found.filter((sql) => sql.includes('product IN (SELECT id FROM product)'))).toEqual([]);
    const codes = found.filter((sql) => /\b(lower\(serial\)|value) = [?@]/.test(sql) && !/\bproduct = \?/.test(sql));
    expect(codes.length).toBeGreaterThan(3);
    for (const sql of codes)
      expect(plan(sql).join()).toMatch(
        /INDEX (unit_by_serial|identity_code) \((<expr>=\?|property=\? AND <expr>=\?)\)/,
      );
  });

  it('find the open jobs of a printer by their index, and not among all jobs of the printer', () => {
    const found = reads().filter((sql) => /print_job\.printer = .* IN \('queued', 'sending'\)/.test(sql));
    expect(found.length).toBe(1);
    for (const sql of found) expect(plan(sql).join()).toMatch(/USING INDEX print_job_open\b/);
  });

  it('find the exceptions by their index, and not among all units', () => {
    const found = reads().filter((sql) => sql.includes('closedException') && sql.startsWith('SELECT'));
    expect(found.length).toBeGreaterThan(8);
    const [withoutLabel, others] = [true, false].map((is) => found.filter((sql) => sql.includes('labels = 0') === is));
    for (const sql of others!) expect(plan(sql).join()).toMatch(/unit USING (COVERING )?INDEX unit_waits \(<expr>=\?/);
    for (const sql of withoutLabel!) expect(plan(sql).join()).toMatch(/unit USING INTEGER PRIMARY KEY \(rowid>/);
  });

  it('have no filter that may be absent, because no index can serve it', () => {
    expect(reads().filter((sql) => /[@:]\w+ IS NULL OR/.test(sql))).toEqual([]);
  });
});
