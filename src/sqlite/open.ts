import { existing } from './existing.ts';
import { addBoundIdentity } from './former-identity.ts';
import { addSpelledKey } from './identity-key.ts';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';
import { fileProblem } from '../platform/file-error.ts';
import { migrationsFolder } from '../platform/package-root.ts';
import { own } from '../platform/own.ts';

/**
 * The application id of a ledger file, which stands for "CLST". The application id distinguishes ledgers from other
 * SQLite files.
 */
const APPLICATION_ID = 0x434c5354;

/**
 * The size of SQLite's cache, in KiB. Even for a ledger with ten million units, this cache holds the upper levels of
 * the indexes and the pages that one group writes. The leaf pages of the indexes are cached by the operating system. A
 * larger cache makes commits slower, because SQLite scans the entire cache after most commits that split a page.
 * Measured with 400,000 units and groups of 16, a unit took 129 µs with a cache of 128 MiB, 94 µs with 32 MiB, and 66
 * µs with 8 MiB. The machine was also doing other work at that time. There are no measurements with ten million units.
 */
const CACHE_KIB = 8 * 1024;

/** After a checkpoint, the file of the write-ahead log is truncated to this size. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Migrates the ledger and opens it for its only writer. If the file is not a ledger or was written by a newer version,
 * throws `ledger-unavailable` and does not change the file.
 */
export function openForWriting(file: string): Database.Database {
  const problem = fileProblem(file);
  if (problem !== undefined) throw new ClaimstampError('ledger-unavailable', problem);
  try {
    refuseStrange(file);
    return openLedger(file);
  } catch (error) {
    throw error instanceof Database.SqliteError ? unopened(error.code, file) : error;
  }
}

/** How long the writer waits, in ms, for another program that has locked the ledger. Meanwhile, no device is answered. */
const LOCK_WAIT_MS = 1000;

function openLedger(file: string): Database.Database {
  const db = new Database(file, { timeout: LOCK_WAIT_MS });
  try {
    const mode = db.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal')
      throw new ClaimstampError(
        'ledger-unavailable',
        `${file} cannot use a write-ahead log: put the data folder on a local disk`,
      );
    harden(db);
    db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
    // SQLite's automatic checkpoint would hide errors. So the automatic checkpoint is off. The writer makes a
    // checkpoint itself, after it has answered.
    db.pragma('wal_autocheckpoint = 0');
    migrate(db, migrations());
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** For each SQLite error code, why the file cannot be opened and what to do about it. */
const UNOPENED: Record<string, string> = {
  SQLITE_NOTADB: 'is not a Claimstamp ledger: set CLAIMSTAMP_DATA to another folder',
  SQLITE_CORRUPT: 'is damaged: restore a backup',
  SQLITE_CANTOPEN: 'cannot be opened: allow this user to read and write the file and its folder',
  SQLITE_READONLY: 'cannot be written: allow this user to write the file and its folder',
  SQLITE_FULL: 'cannot be written because its disk is full: free some space',
  SQLITE_BUSY: 'is locked by another program: end the program that has opened this file',
};

function unopened(code: string, file: string): ClaimstampError {
  const why = own(UNOPENED, code) ?? `cannot be opened (${code}): check the disk that holds the file`;
  return new ClaimstampError('ledger-unavailable', `${file} ${why}`);
}

/** Opens a ledger for reading, while its writer may be running. */
export function openForReading(file: string): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    harden(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * True if SQLite can read the file where it is. If not, the caller can read a copy of the file in another folder. In
 * WAL mode, SQLite must be able to write to a file's folder even to read the file.
 */
export function canRead(file: string): boolean {
  try {
    const db = openForReading(file);
    try {
      schemaVersion(db);
      return true;
    } finally {
      db.close();
    }
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    // An error with any other code would also occur in any other folder.
    return !/^SQLITE_(CANTOPEN|READONLY|IOERR)/.test(error.code);
  }
}

/**
 * Checks the structure of the entire file and counts its events, which takes a few seconds for a million units. If a
 * backup was copied over the file, SQLite may still read the newest pages from the write-ahead log, and older pages
 * from the backup.
 */
export function isWhole(db: Database.Database, events: number): boolean {
  const [counted, leaves] = ['count(*)', 'count(leaf)'].map((count) =>
    db.prepare<[], number>(`SELECT ${count} FROM event`).pluck().get(),
  );
  return counted === events && leaves === events && db.pragma('integrity_check(1)', { simple: true }) === 'ok';
}

function harden(db: Database.Database): void {
  // In WAL mode, the default of the driver is NORMAL. With NORMAL, a power failure would lose commits that have already
  // been answered.
  db.pragma('synchronous = FULL');
  db.pragma('fullfsync = ON');
  db.pragma('foreign_keys = ON');
  // Some triggers forbid deleting. Without `recursive_triggers`, INSERT OR REPLACE could delete a row without running
  // these triggers.
  db.pragma('recursive_triggers = ON');
  db.pragma('trusted_schema = OFF');
  db.pragma(`cache_size = -${CACHE_KIB}`);
  if (db.pragma('synchronous', { simple: true }) !== 2) throw new Error('synchronous=FULL could not be set');
}

export interface Migration {
  version: number;
  name: string;
  checksum: string;
  sql: string;
}

/**
 * The newest migration that this code knows. If an older release is unpacked over a newer one, migration files of the
 * newer version may still be in the folder. Without this limit, those files would make this code accept a ledger whose
 * schema is too new for this code.
 */
const SCHEMA = 44;

export function migrations(folder = join(migrationsFolder, 'sqlite')): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_.*\.sql$/.test(name) && Number(name.slice(0, 4)) <= SCHEMA)
    .toSorted()
    .map((name) => {
      const sql = readFileSync(join(folder, name), 'utf8');
      return { version: Number(name.slice(0, 4)), name, checksum: createHash('sha256').update(sql).digest('hex'), sql };
    });
}

/**
 * Throws if the file is not a ledger, or if its schema is newer than this program. The file is opened read-only. If the
 * connection were writable, closing it would move another program's write-ahead log into the file.
 */
export function refuseStrange(file: string): void {
  if (!existsSync(file)) return;
  const db = new Database(file, { readonly: true });
  try {
    refuseForeign(db, file);
    refuseNewer(db, migrations());
  } finally {
    db.close();
  }
}

function refuseForeign(db: Database.Database, file: string): void {
  const id = db.pragma('application_id', { simple: true });
  const tables = existing(
    db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'`).get(),
  );
  if (id === APPLICATION_ID || tables.n === 0) return;
  throw new ClaimstampError(
    'ledger-unavailable',
    `${file} is not a Claimstamp ledger: set CLAIMSTAMP_DATA to another folder`,
  );
}

export function schemaVersion(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function refuseNewer(db: Database.Database, known: Migration[]): void {
  const newest = known.at(-1)?.version ?? 0;
  const version = schemaVersion(db);
  if (version <= newest) return;
  throw new ClaimstampError(
    'ledger-unavailable',
    `the ledger was written by a newer version (schema ${version}, but this version supports ${newest}): start the newer version, or restore a backup that this version made (docs/admin.md). Nothing was changed`,
  );
}

/**
 * Applies the missing migrations. In a new ledger, all of them are one transaction, so the service waits for the disk
 * only once. Otherwise, each migration has its own transaction. Throws if the file of a migration that was already
 * applied has changed.
 */
export function migrate(db: Database.Database, known: Migration[]): void {
  addSpelledKey(db);
  addBoundIdentity(db);
  const isNew = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'migration'`).get() === undefined;
  const applied = isNew
    ? []
    : db.prepare<[], Migration>(`SELECT version, name, checksum FROM migration ORDER BY version`).all();
  for (const { version, name, checksum } of applied) {
    const file = known.find((migration) => migration.version === version);
    if (file?.checksum === checksum) continue;
    throw new ClaimstampError(
      'ledger-unavailable',
      `migration ${name} was changed after it was applied: restore the original file of this migration`,
    );
  }
  const missing = known.filter(({ version }) => !applied.some((done) => done.version === version));
  const groups = applied.length === 0 ? [missing] : missing.map((one) => [one]);
  for (const group of groups)
    db.transaction(() => {
      db.exec(MIGRATION_TABLE);
      for (const migration of group) apply(db, migration);
    }).immediate();
}

/** SQLite keeps this text as it is, and `claimstamp verify` compares it, so it must not change. */
const MIGRATION_TABLE = `CREATE TABLE IF NOT EXISTS migration (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT`;

function apply(db: Database.Database, { version, name, checksum, sql }: Migration): void {
  db.exec(sql);
  db.prepare(`INSERT INTO migration (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)`).run(
    version,
    name,
    checksum,
    new Date().toISOString(),
  );
  db.pragma(`user_version = ${version}`);
  db.pragma(`application_id = ${APPLICATION_ID}`);
}
