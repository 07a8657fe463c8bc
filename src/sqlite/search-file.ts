import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Sought } from '../contract/search.ts';

/*
 * The file of the search (`search.db`). It has every three letters in a row of the S/Ns and identity values, and the
 * last two letters of the Claim IDs, each with the numbers of the units that have them. It has no Claim ID and can be
 * made again from the ledger at any time.
 */

/** One unit as the search knows it. The texts are as `searchText` returns them. */
export interface SearchRow {
  id: number;
  uci: string;
  serial: string | undefined;
  identity: string[];
}

/** The units with a number of at most `done` are in the file, as they were after `upto` events. */
export interface SearchCursor {
  done: number;
  upto: number;
  /** The leaf hash of the event `upto`. A ledger with another hash there is another ledger. */
  leaf: Buffer;
}

export interface SearchFile {
  cursor: () => SearchCursor | undefined;
  /** Adds rows, and moves the cursor, in one transaction. A row that is there gets what it does not have yet. */
  add: (rows: SearchRow[], cursor: SearchCursor) => void;
  /** Numbers of units that may have what is sought. Whoever shows a unit must look at the unit. */
  candidates: (sought: Sought, page: { after: number; newest: boolean }) => Iterable<number>;
  close: () => void;
}

/** The version of the schema below. A file with another version is made again. */
const VERSION = 1;

/** Marks SQLite files of the search: "CLSS". */
const APPLICATION_ID = 0x434c5353;

/** No S/N and no identity value has this sign after `searchText`. So the last letters are found only as last letters. */
const MARK = '~';

/**
 * A table without content has only the trigrams. Without `columnsize` and with `detail=none`, a unit with an S/N and a
 * MAC takes about 40 bytes.
 */
const SCHEMA = `
  CREATE VIRTUAL TABLE part USING fts5(serial, identity, ending,
    tokenize = 'trigram case_sensitive 1', content = '', detail = none, columnsize = 0);
  CREATE TABLE cursor (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    done INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    leaf BLOB NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};`;

/** Opens the file. A file that is missing, damaged or of another version is made new. */
export function openSearchFile(file: string): SearchFile {
  try {
    return openKnown(file);
  } catch (error) {
    if (!isUseless(error)) throw error;
    removeSearchFile(file);
    return openKnown(file);
  }
}

export function removeSearchFile(file: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(file + ending, { force: true });
}

/** True if the file is not what this code wrote. Another error, such as a full disk, may go away. */
export function isUseless(error: unknown): boolean {
  return (
    error instanceof OtherContent ||
    (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|ERROR|MISMATCH|CONSTRAINT)/.test(error.code))
  );
}

/** The file has another version, or belongs to another ledger. */
export class OtherContent extends Error {}

function openKnown(file: string): SearchFile {
  const db = new Database(file);
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('journal_mode = WAL');
    // After a power failure, the last units may be missing, but the cursor is as old as they are.
    db.pragma('synchronous = NORMAL');
    const isNew = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
    if (isNew) db.transaction(() => db.exec(SCHEMA))();
    const [id, version] = ['application_id', 'user_version'].map((name) => db.pragma(name, { simple: true }));
    if (id !== APPLICATION_ID || version !== VERSION) throw new OtherContent();
    return preparedOn(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function preparedOn(db: Database.Database): SearchFile {
  const cursor = db.prepare<[], SearchCursor>('SELECT done, upto, leaf FROM cursor');
  const move = db.prepare<[SearchCursor]>(
    `INSERT INTO cursor (one, done, upto, leaf) VALUES (1, @done, @upto, @leaf)
     ON CONFLICT DO UPDATE SET done = @done, upto = @upto, leaf = @leaf`,
  );
  // A second row with one number adds its trigrams to those of the first.
  const insert = db.prepare<[number, string, string, string]>(
    'INSERT INTO part (rowid, serial, identity, ending) VALUES (?, ?, ?, ?)',
  );
  const upward = db
    .prepare<[string, number], number>('SELECT rowid FROM part WHERE part MATCH ? AND rowid > ? ORDER BY rowid')
    .pluck();
  const downward = db
    .prepare<[string, number], number>('SELECT rowid FROM part WHERE part MATCH ? AND rowid < ? ORDER BY rowid DESC')
    .pluck();
  return {
    cursor: () => cursor.get(),
    add: db.transaction((rows: SearchRow[], after: SearchCursor) => {
      // FTS5 writes a piece of the index whenever a number is lower than the one before.
      for (const { id, uci, serial, identity } of rows.toSorted((a, b) => a.id - b.id))
        insert.run(id, serial ?? '', identity.filter((value) => value !== serial).join('\n'), MARK + uci.slice(-2));
      move.run(after);
    }),
    candidates: (sought, { after, newest }) =>
      newest
        ? downward.iterate(matchOf(sought), after === 0 ? Number.MAX_SAFE_INTEGER : after)
        : upward.iterate(matchOf(sought), after),
    close: () => db.close(),
  };
}

/** The most trigrams of a search. Few units have so many of them, and the last ones tell units apart best. */
const MAX_WORDS = 12;

/** Returns the query for units with all trigrams of a text. Only the unit itself shows whether they follow each other. */
function matchOf(sought: Sought): string {
  const text = 'ending' in sought ? MARK + sought.ending.slice(-2) : sought.contains;
  const signs = Array.from(text);
  const words = new Set(signs.slice(0, -2).map((_, at) => signs.slice(at, at + 3).join('')));
  return [...words]
    .slice(-MAX_WORDS)
    .map((word) => `"${word}"`)
    .join(' AND ');
}
