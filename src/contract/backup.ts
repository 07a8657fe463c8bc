import type { Spooled } from '../platform/spool.ts';

/** Copies of the ledger as it is at one moment, checked before anybody gets one. */
export interface Backups {
  make(signal?: AbortSignal): Promise<Spooled<BackupMade>>;
}

export interface BackupMade {
  /** Events and units in the copy. */
  treeSize: number;
  units: number;
  /** Of the file, in hex. */
  sha256: string;
}

/** Of the backups that are made by the clock. */
export interface BackupFigures {
  /** ms since 1970; undefined when there is none. */
  lastAt: number | undefined;
  failures: number;
}

export interface BackupTask {
  ledger: string;
  out: string;
}
