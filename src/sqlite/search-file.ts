import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Sought } from '../contract/search.ts';

/*
 * The file that the search uses (`search.db`). The file contains all sequences of three letters in S/Ns and identity
 * values, and the last two letters of Claim IDs. For each of these sequences, the file has the numbers of the units.
 * The file contains no Claim ID and can be remade from the ledger at any time.
 */

/** One unit in the search file. The texts have the form that `searchText` returns. */
export interface SearchRow {
  id: number;
  uci: string;
  serial: string | undefined;
  identity: string[];
}

/** The file contains the units up to number `done`, in their state after `upto` events. */
export interface SearchCursor {
  done: number;
  upto: number;
  /**
   * The leaf hash of the event `upto`. If the ledger's event `upto` has a different hash, the file was made from a
   * different ledger.
   */
  leaf: Buffer;
}

export interface SearchFile {
  cursor: () => SearchCursor | undefined;
  /**
   * In one transaction, adds rows and moves the cursor. If a unit already has a row, adds the texts that this row
   * lacks.
   */
  add: (rows: SearchRow[], cursor: SearchCursor) => void;
  /**
   * Returns the numbers of units that may match. Before a unit is shown, the caller must check whether it really
   * matches.
   */
  candidates: (sought: Sought, page: { after: number; newest: boolean }) => Iterable<number>;
  close: () => void;
}

/** The version of the schema below. A file with a different version is remade. */
const VERSION = 1;

/** The application id that marks the SQLite file of the search: it stands for "CLSS". */
const APPLICATION_ID = 0x434c5353;

/**
 * After `searchText`, no S/N and no identity value contains this character. So the last letters of a Claim ID, which
 * are stored with this character, cannot be confused with other letters.
 */
const MARK = '~';

/**
 * This FTS table stores only the trigrams, not the texts themselves. With `detail=none` and without `columnsize`, a
 * unit that has an S/N and a MAC takes about 40 bytes.
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

/** Opens the search file. A file that is missing or damaged, or has a different version, is remade. */
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

/**
 * True if the error means that the file's content is no longer what this code wrote. Other errors, such as a full disk,
 * may be temporary.
 */
export function isUseless(error: unknown): boolean {
  return (
    error instanceof OtherContent ||
    (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|ERROR|MISMATCH|CONSTRAINT)/.test(error.code))
  );
}

/** The file has a different version or belongs to a different ledger. */
export class OtherContent extends Error {}

function openKnown(file: string): SearchFile {
  const db = new Database(file);
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('journal_mode = WAL');
    // After a power failure, the last units may be missing. The stored cursor is then just as old, so these units are
    // added again.
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
  // If a second row with the same number is added, its trigrams are added to those of the first row.
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
      // The rows are sorted, because FTS5 writes a piece of its index each time a number is lower than the one before.
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

/**
 * The maximum number of trigrams that a search uses. A unit that contains this many trigrams of the searched text
 * almost always matches. The last trigrams are used, because they distinguish units best.
 */
const MAX_WORDS = 12;

/**
 * Returns the query for units that contain all trigrams of a text. Only the unit itself shows whether the trigrams
 * follow each other.
 */
function matchOf(sought: Sought): string {
  const text = 'ending' in sought ? MARK + sought.ending.slice(-2) : sought.contains;
  const signs = Array.from(text);
  const words = new Set(signs.slice(0, -2).map((_, at) => signs.slice(at, at + 3).join('')));
  return [...words]
    .slice(-MAX_WORDS)
    .map((word) => `"${word}"`)
    .join(' AND ');
}
