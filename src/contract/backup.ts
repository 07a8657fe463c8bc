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
  /** When the next backup is due, in ms since 1970. Undefined until the folder has been read for the first time. */
  nextAt: number | undefined;
  /** True while a backup is being made. */
  making: boolean;
  /** Why the last attempt failed, or undefined if it did not fail. */
  problem: string | undefined;
  /** True if the backup folder is on the ledger's disk. Undefined until this has been checked for the first time. */
  sameDisk: boolean | undefined;
  /**
   * How many times new events could not be appended to the backup folder. The value is undefined for a ledger in
   * PostgreSQL.
   */
  lineFailures?: number;
}

/**
 * The service's answer to the child: the signed checkpoint of the copy. `note` is absent while the service signs no
 * checkpoints.
 */
export interface BackupSigned {
  note?: string;
}

export interface BackupTask {
  ledger: string;
  out: string;
}
