import type Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';

/**
 * The write-ahead log (WAL) of a ledger. The writer makes checkpoints, which move the content of the log into the
 * ledger file.
 */
export interface Wal {
  /** Must be called when a row or an answer was added. */
  add: () => void;
  /** Moves the content of the log into the ledger file, and syncs both files. */
  checkpoint: () => void;
  /**
   * If the write-ahead log is long, makes a checkpoint without waiting for readers. With `early`, does so even if the
   * log is much shorter. Returns true if a checkpoint was made. Throws if the checkpoint fails.
   */
  tidy: (early?: boolean) => boolean;
}

/**
 * The writer makes a checkpoint when the WAL has this many pages of 4 KiB. With 4000 pages, the 99th percentile of a
 * commit was 0.7 ms. With SQLite's default of 1000 pages, the 99th percentile was 3.8 ms. The slowest commit took about
 * 8 ms with either number of pages. The times are medians of six runs with groups of 4, on a machine that was also
 * doing other work. After a crash, the next start has to read at most 16 MiB of the log.
 */
const WAL_PAGES = 4000;

/**
 * While an import is running and no command waits, the writer makes a checkpoint when the WAL has this many pages. An
 * import fills 4000 pages in a fifth of a second, and a checkpoint of 4000 pages delays agents for about 40 ms. With
 * this setting, a checkpoint takes about 4 ms.
 */
const EARLY_WAL_PAGES = 150;

/**
 * The length of the log is reread after this many additions. The length is not read more often, because SQLite has to
 * parse the query each time. Each row or answer that is added makes the log a few pages longer.
 */
const LOOK_EVERY = 64;

export function openWal(db: Database.Database): Wal {
  const look = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
  const empty = db.prepare<[], { busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
  /** How many rows and answers were added since the length was last read. */
  let added = 0;
  return {
    add: () => void added++,
    checkpoint() {
      if (empty.get()?.busy !== 0)
        throw new ClaimstampError('busy', 'the write-ahead log cannot be emptied while another program reads it');
    },
    tidy(early = false) {
      if (added < (early ? 1 : LOOK_EVERY)) return false;
      added = 0;
      const { log = 0, checkpointed = 0 } = look.get() ?? {};
      const isLong = early ? log - checkpointed >= EARLY_WAL_PAGES : log >= WAL_PAGES;
      if (!isLong || checkpointed >= log) return false;
      db.pragma('wal_checkpoint(PASSIVE)');
      return true;
    },
  };
}
