import Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';
import { openLedgerFile, type LedgerFile } from '../sqlite/ledger-file.ts';
import { openForWriting, schemaVersion } from '../sqlite/open.ts';
import { systemRandom } from '../model/claim-id.ts';

/** The SQLite file of this process, with the tables that are made from the shared events. */
export interface Copy {
  /**
   * Returns the open file. If the file was closed after an error, reopens the file. Throws if the file cannot be
   * reopened or is damaged.
   */
  ledger: () => LedgerFile;
  /**
   * Each change of a row that is not made from events has a number. This is the number of the last such change in the
   * copy. `saveChanges` saves this number in the open transaction.
   */
  changes: () => number;
  saveChanges: (changes: number) => void;
  leafAt: (seq: number) => Uint8Array | undefined;
  /** The schema version of the copy, or 0 while the copy is closed after an error. */
  schema: () => number;
  /**
   * Closes the file after an error, because the state that SQLite has cached may be wrong. A damaged file is not
   * reopened later.
   */
  giveUp: (error: unknown) => void;
  /** Makes a checkpoint and closes the file. */
  close: () => void;
}

const INSTEAD = 'move this file out of the data folder and restart; PostgreSQL has all its data';

/**
 * If SQLite reports that the copy is damaged, returns an error. Returns undefined for other errors, because after such
 * an error another attempt may succeed.
 */
export function damageOf(error: unknown): ClaimstampError | undefined {
  if (!(error instanceof Database.SqliteError) || !/^SQLITE_(NOTADB|CORRUPT)/.test(error.code)) return undefined;
  return new ClaimstampError('ledger-unavailable', `the copy of the ledger on this machine is damaged: ${INSTEAD}`);
}

/** If the copy cannot be opened, throws `ledger-unavailable` with a message that says what to do. */
export function openCopy(file: string): Copy {
  let open: Opened | undefined = openFile(file);
  let damage: ClaimstampError | undefined;
  const here = (): Opened => {
    if (damage) throw damage;
    return (open ??= openFile(file));
  };
  const letGo = (): void => {
    const gone = open;
    open = undefined;
    try {
      gone?.db.close();
    } catch {
      // Ignore the error, because the file is no longer used.
    }
  };
  return {
    ledger: () => here().ledger,
    changes: () => here().db.prepare<[], number>(`SELECT side FROM copied`).pluck().get() ?? 0,
    saveChanges: (changes) => void here().db.prepare(`UPDATE copied SET side = ?`).run(changes),
    leafAt: (seq) => here().db.prepare<[number], Uint8Array>(`SELECT leaf FROM event WHERE seq = ?`).pluck().get(seq),
    schema: () => (open === undefined ? 0 : schemaVersion(open.db)),
    giveUp(error) {
      damage ??= damageOf(error);
      letGo();
    },
    close() {
      try {
        open?.ledger.checkpoint();
      } catch {
        // Ignore the error, because the next start reads the write-ahead log.
      }
      letGo();
    },
  };
}

interface Opened {
  db: Database.Database;
  ledger: LedgerFile;
}

function openFile(file: string): Opened {
  let db: Database.Database | undefined;
  try {
    db = openForWriting(file);
    // If a power cut makes the copy lose data, PostgreSQL still has the data. So commits to the copy need not wait for
    // the disk.
    db.pragma('synchronous = NORMAL');
    db.exec(`INSERT INTO copied (one, side) VALUES (1, 0) ON CONFLICT DO NOTHING`);
    const ledger = openLedgerFile(db, Date.now, systemRandom);
    ledger.check();
    return { db, ledger };
  } catch (error) {
    db?.close();
    if (!(error instanceof ClaimstampError)) throw error;
    throw new ClaimstampError(error.code, `${error.message}; or, because ${file} is only a copy, ${INSTEAD}`);
  }
}
