import Database from 'better-sqlite3';
import { leafHash, append, packRange, type CompactRange } from '../../src/proof/tree.ts';
import type { Dice } from './busy-ledger.ts';

/*
 * Somebody who can write the ledger's file and knows how it is made: drops the triggers, changes what they forbid, and
 * puts the triggers back.
 */

/** Every table that follows from the events, with the columns that are checked; the rest of the tables is ordinary. */
export const CHECKED_TABLES = [
  'event',
  'tree_head',
  'subtree',
  'unit',
  'identity',
  'identity_spelling',
  'former_identity',
  'print_job',
  'product',
  'work_order',
  'station',
  'printer',
  'reservation',
  'serial_counter',
  'access',
  'access_covered',
  'access_event',
] as const;

/**
 * Not events, and not rebuilt from them. `checkpoint` is checked by what its notes say; `credential` and `person` are
 * compared with the commitments in the events (test/sqlite/access-rows.test.ts). The busy ledger has no shipping lists and
 * no returns, because ledgers of earlier versions are made from it.
 */
export const ORDINARY_TABLES = [
  'checkpoint',
  'claimed',
  'copied',
  'credential',
  'import',
  'import_part',
  'introduced',
  'invented',
  'migration',
  'label_approval',
  'label_content',
  'label_revision',
  'once',
  'person',
  'probe',
  'render_set',
  'repeat',
  'shipment',
  'shipping_list',
  'sighting',
  'snooze',
  'unit_return',
] as const;

type Cell = string | number | Uint8Array | null;
type Cells = Record<string, Cell>;

export interface Column {
  name: string;
  type: string;
  /** Its place in the primary key, 0 where it is not in it. */
  key: number;
}

/** What was done, and how it must be told: every name that is given must stand in one finding. */
export interface Attack {
  what: string;
  told: { table: string; column?: string; seq?: number; uci?: string };
}

export function columnsOf(db: Database.Database, table: string): Column[] {
  const rows = db.prepare(`SELECT name, type, pk AS key FROM pragma_table_info(?)`).all(table);
  return rows as Column[];
}

/** Runs `act` with no trigger and no constraint in the way, and leaves the schema as it was. */
export function tamper<T>(file: string, act: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    db.pragma('foreign_keys = OFF');
    db.pragma('ignore_check_constraints = ON');
    db.pragma('synchronous = OFF');
    const triggers = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all() as {
      name: string;
      sql: string;
    }[];
    return db.transaction(() => {
      for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
      const result = act(db);
      for (const { sql } of triggers) db.exec(sql);
      return result;
    })();
  } finally {
    db.close();
  }
}

/** One cell of one row becomes another. Throws where a constraint that SQLite cannot leave out stands against it. */
export function changeCell(db: Database.Database, dice: Dice, table: string, chosen?: string): Attack {
  const columns = columnsOf(db, table);
  const column = columnNamed(columns, chosen ?? columns[dice(columns.length)]?.name);
  const row = someRow(db, dice, table);
  const value = changed(dice, row[column.name] as Cell, column);
  update(db, table, columns, row, { [column.name]: value });
  const now = { ...row, [column.name]: value };
  return {
    what: `${table}.${column.name}: ${shown(row[column.name])} became ${shown(value)}`,
    told: tellOf(db, table, column.name, row, now),
  };
}

function columnNamed(columns: Column[], name: string | undefined): Column {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`there is no column ${name}`);
  return column;
}

export function deleteRow(db: Database.Database, dice: Dice, table: string): Attack {
  const row = someRow(db, dice, table);
  const told = tellOf(db, table, undefined, row, row);
  const { sql, values } = whereOf(columnsOf(db, table), row);
  db.prepare(`DELETE FROM ${table} WHERE ${sql}`).run(...values);
  return { what: `${table}: ${shown(Object.values(row)[0])} deleted`, told };
}

/** A copy of a row beside it, its keys changed where they must be. */
export function insertRow(db: Database.Database, dice: Dice, table: string): Attack {
  const columns = columnsOf(db, table);
  const row = { ...someRow(db, dice, table) };
  const keys = new Set(UNIQUE[table] ?? columns.filter(({ key }) => key > 0).map(({ name }) => name));
  for (const column of columns.filter(({ name }) => keys.has(name))) row[column.name] = another(db, table, row, column);
  insert(db, table, row);
  return { what: `${table}: a row inserted`, told: { table } };
}

/** Columns in which two rows differ by constraint. */
const UNIQUE: Record<string, string[]> = {
  unit: ['id', 'uci', 'serial'],
  identity: ['value', 'unit'],
  product: ['id', 'name'],
  work_order: ['id', 'name'],
  station: ['id', 'name'],
  printer: ['id', 'name'],
  reservation: ['id', 'name'],
  serial_counter: ['prefix'],
  tree_head: ['one'],
};

/** Two rows change places: each has the other's columns and its own key. */
export function swapRows(db: Database.Database, dice: Dice, table: string): Attack | undefined {
  const columns = columnsOf(db, table);
  const [a, b] = [someRow(db, dice, table), someRow(db, dice, table)];
  const own = columns.filter(({ key }) => key > 0).map(({ name }) => name);
  const crossed = (mine: Cells, other: Cells): Cells =>
    Object.fromEntries(columns.map(({ name }) => [name, own.includes(name) ? mine[name] : other[name]])) as Cells;
  const [first, second] = [crossed(a, b), crossed(b, a)];
  if (JSON.stringify(first) === JSON.stringify(a) || JSON.stringify(first) === JSON.stringify(second)) return undefined;
  for (const row of [a, b]) {
    const { sql, values } = whereOf(columns, row);
    db.prepare(`DELETE FROM ${table} WHERE ${sql}`).run(...values);
  }
  insert(db, table, first);
  insert(db, table, second);
  return { what: `${table}: ${shown(Object.values(a)[0])} and ${shown(Object.values(b)[0])} swapped`, told: { table } };
}

/** An event in the middle; all behind it are counted on. */
export function insertEvent(db: Database.Database, dice: Dice): Attack {
  const size = db.prepare(`SELECT max(seq) FROM event`).pluck().get() as number;
  const at = 1 + dice(size);
  const row = db.prepare(`SELECT * FROM event WHERE seq = ?`).get(1 + dice(size)) as Cells;
  db.prepare(`UPDATE event SET seq = -seq WHERE seq >= ?`).run(at);
  db.prepare(`UPDATE event SET seq = 1 - seq WHERE seq < 0`).run();
  insert(db, 'event', { ...row, seq: at });
  return { what: `an event inserted as number ${at}`, told: { table: 'event' } };
}

/**
 * All that can be done without the key: a line is written anew, and its hash, the subtrees and the head of the tree with
 * it. Of the projections, only the table of what people did has the name of who did it.
 */
export function rewriteHistory(db: Database.Database, dice: Dice): Attack {
  const size = db.prepare(`SELECT max(seq) FROM event`).pluck().get() as number;
  const seq = 1 + dice(size);
  const line = db.prepare(`SELECT line FROM event WHERE seq = ?`).pluck().get(seq) as string;
  const forged = line.replace('"actor":"', '"actor":"not-');
  db.prepare(`UPDATE event SET line = ?, leaf = ? WHERE seq = ?`).run(forged, leafHash(forged), seq);
  db.prepare(`UPDATE access_event SET actor = 'not-' || actor WHERE seq = ?`).run(seq);
  hashAnew(db);
  return { what: `event ${seq} rewritten with every hash above it`, told: { table: 'checkpoint' } };
}

/** Subtrees and head of the tree as they follow from the hashes that stand there. */
export function hashAnew(db: Database.Database): void {
  db.exec(`DELETE FROM subtree`);
  const keep = db.prepare(`INSERT INTO subtree (last, size, hash) VALUES (?, ?, ?)`);
  let range: CompactRange = { size: 0, hashes: [] };
  for (const leaf of db.prepare(`SELECT leaf FROM event ORDER BY seq`).pluck().all() as Uint8Array[]) {
    range = append(range, leaf, ({ last, size, hash }) => {
      if (size >= 1024) keep.run(last, size, hash);
    });
  }
  db.prepare(`UPDATE tree_head SET size = ?, range = ?`).run(range.size, packRange(range));
}

function someRow(db: Database.Database, dice: Dice, table: string): Cells {
  const count = db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  return db.prepare(`SELECT * FROM ${table} LIMIT 1 OFFSET ?`).get(dice(count)) as Cells;
}

function whereOf(columns: Column[], row: Cells): { sql: string; values: Cell[] } {
  const keys = columns.filter(({ key }) => key > 0).map(({ name }) => name);
  return { sql: keys.map((name) => `${name} IS ?`).join(' AND '), values: keys.map((name) => row[name] as Cell) };
}

function update(db: Database.Database, table: string, columns: Column[], row: Cells, set: Cells): void {
  const { sql, values } = whereOf(columns, row);
  const names = Object.keys(set);
  const to = names.map((name) => `${name} = ?`).join(', ');
  const { changes } = db
    .prepare(`UPDATE ${table} SET ${to} WHERE ${sql}`)
    .run(...names.map((name) => set[name]), ...values);
  if (changes !== 1) throw new Error(`${table}: ${changes} rows changed`);
}

function insert(db: Database.Database, table: string, row: Cells): void {
  const names = Object.keys(row);
  const places = names.map(() => '?').join(', ');
  db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`).run(...Object.values(row));
}

/** Another value of the same type. */
function changed(dice: Dice, value: Cell, { type }: Column): Cell {
  if (type === 'INTEGER')
    return value === null ? dice(1000) : (value as number) + (dice(2) === 0 ? 1 : -1) * (1 + dice(3));
  if (type === 'BLOB') {
    const bytes = Buffer.from(value as Uint8Array);
    bytes[dice(bytes.length)]! ^= 1 << dice(8);
    return bytes;
  }
  const text = (value ?? '') as string;
  const at = dice(text.length + 1);
  const what = dice(3);
  if (what === 0 || text === '') return `${text.slice(0, at)}${'0A"}x'[dice(5)]}${text.slice(at)}`;
  const inside = Math.min(at, text.length - 1);
  if (what === 1) return text.slice(0, inside) + text.slice(inside + 1);
  const other = String.fromCodePoint((text.codePointAt(inside) as number) ^ (1 << dice(3)));
  return text.slice(0, inside) + other + text.slice(inside + 1);
}

/** A value for a key that is not taken. */
function another(db: Database.Database, table: string, row: Cells, { name, type }: Column): Cell {
  if (row[name] === null) return null;
  if (type !== 'INTEGER') return `${String(row[name])}X`;
  return (db.prepare(`SELECT max(${name}) FROM ${table}`).pluck().get() as number) + 1;
}

function tellOf(
  db: Database.Database,
  table: string,
  column: string | undefined,
  row: Cells,
  now: Cells,
): Attack['told'] {
  // Whoever moves a row to another key leaves a hole here and a stranger there.
  if (table === 'event' && column !== 'seq') return { table, seq: row['seq'] as number };
  if (table === 'unit' && column !== 'id' && column !== 'uci')
    return { table, uci: now['uci'] as string, ...(column === undefined ? {} : { column }) };
  if (table === 'identity' && column !== 'unit') {
    const uci = db.prepare(`SELECT uci FROM unit WHERE id = ?`).pluck().get(row['unit']);
    return { table, uci: uci as string };
  }
  return { table };
}

function shown(value: Cell | undefined): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').slice(0, 16);
  return JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
}
