import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ACCESS_EVENTS } from '../src/model/event-data.ts';
import { migrate, migrations } from '../src/sqlite/open.ts';

/**
 * Columns of older schemas that newer schemas store in another form. For each of these columns, an SQL expression
 * computes the value that the older schema had.
 */
const FORMER: Record<string, string> = { issued_seq: 'id + issued_after' };

/** The first schema in which the table `access_event` contains more than events about access and drills. */
const AUDIT = 34;

/**
 * Copies the rows of a ledger to a database of an older schema. Leaves out tables and columns that the older schema
 * does not have.
 */
export function asOf(ledger: string, file: string, version: number): void {
  rmSync(file, { force: true });
  const db = new Database(file);
  migrate(
    db,
    migrations().filter((one) => one.version <= version),
  );
  db.prepare(`ATTACH ? AS now`).run(ledger);
  const tables = db
    .prepare(
      `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('migration', 'tree_head')`,
    )
    .pluck()
    .all() as string[];
  db.pragma('foreign_keys = OFF');
  for (const table of tables) {
    const columnsOf = (schema: string): string[] =>
      db.prepare(`SELECT name FROM pragma_table_info(?, ?)`).pluck().all(table, schema) as string[];
    const now = columnsOf('now');
    const columns = columnsOf('main').filter((name) => now.includes(name) || name in FORMER);
    if (columns.length === 0 || now.length === 0) continue;
    const values = columns.map((name) => FORMER[name] ?? name);
    db.exec(`INSERT INTO main.${table} (${columns.join()}) SELECT ${values.join()} FROM now.${table}`);
  }
  if (version < AUDIT && tables.includes('access_event')) {
    const types = [...ACCESS_EVENTS, 'drill-held'];
    db.prepare(`DELETE FROM main.access_event WHERE type NOT IN (${types.map(() => '?').join()})`).run(...types);
  }
  db.exec(
    `UPDATE main.tree_head SET size = (SELECT size FROM now.tree_head), range = (SELECT range FROM now.tree_head)`,
  );
  db.close();
}
