import type { Spooled } from '../platform/spool.ts';

/** Makes copies of the ledger, each a snapshot that is checked before it is handed out. */
export interface Backups {
  make(signal?: AbortSignal): Promise<Spooled<BackupMade>>;
}

export interface BackupMade {
  /** Events and units in the copy. */
  treeSize: number;
  units: number;
  /** The file's SHA-256, hexadecimal. */
  sha256: string;
}

/** Figures of the scheduled backups. */
export interface BackupFigures {
  /** ms since 1970; undefined before the first one. */
  lastAt: number | undefined;
  failures: number;
}

export interface BackupTask {
  ledger: string;
  out: string;
}
