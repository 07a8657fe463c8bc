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

/** What is known about the scheduled backups. */
export interface BackupFigures {
  /** The time of the last backup, in ms since 1970. Undefined before the first backup. */
  lastAt: number | undefined;
  failures: number;
  /**
   * The time when the next backup is due, in ms since 1970. Undefined until the backup folder has been read for the
   * first time.
   */
  nextAt: number | undefined;
  /** True while a backup is in progress. */
  making: boolean;
  /** The reason why the last attempt failed. Undefined if it succeeded. */
  problem: string | undefined;
  /**
   * True if the backup folder and the ledger are on the same disk. Undefined until this has been checked for the first
   * time.
   */
  sameDisk: boolean | undefined;
  /** How many times new events could not be appended to the backup folder. Undefined if the ledger is in PostgreSQL. */
  lineFailures?: number;
}

/**
 * The service's answer to the child process: the signed checkpoint of the copy. `note` is absent if the service
 * currently signs no checkpoints.
 */
export interface BackupSigned {
  note?: string;
}

export interface BackupTask {
  ledger: string;
  out: string;
}
