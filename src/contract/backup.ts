import type { Spooled } from '../platform/spool.ts';

/** Makes copies of the ledger. Each copy is a snapshot of the ledger. The copy is checked before the caller gets it. */
export interface Backups {
  make(by: string, signal?: AbortSignal): Promise<Spooled<BackupMade>>;
}

export interface BackupMade {
  /** The number of events in the copy. */
  treeSize: number;
  units: number;
  /** The SHA-256 of the file, in hexadecimal. */
  sha256: string;
}

/** Figures of the scheduled backups. */
export interface BackupFigures {
  /** The time of the last backup, in ms since 1970. The value is undefined before the first backup. */
  lastAt: number | undefined;
  failures: number;
  /** When the next backup is due, in ms since 1970. The value is undefined before the first look at the folder. */
  nextAt: number | undefined;
  /** True while a backup is being made. */
  making: boolean;
  /** Why the last attempt failed, or undefined if it did not fail. */
  problem: string | undefined;
  /** True if the folder for backups is on the disk of the ledger. The value is undefined before the first look. */
  sameDisk: boolean | undefined;
  /**
   * How often new events could not be appended to the folder for backups. The value is undefined for a ledger in
   * PostgreSQL.
   */
  lineFailures?: number;
}

/**
 * The child's answer from the service: the signed checkpoint of the copy. `note` is absent while the service signs no
 * checkpoints.
 */
export interface BackupSigned {
  note?: string;
}

export interface BackupTask {
  ledger: string;
  out: string;
}
