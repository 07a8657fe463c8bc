import type { Spool, Spooled } from './spool.ts';

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

export function openBackups(ledger: string, spool: Spool): Backups {
  return {
    make: (signal) =>
      spool.make<BackupMade>({
        entry: 'jobs/backup.js',
        ending: 'db',
        task: (out): BackupTask => ({ ledger, out }),
        ...(signal ? { signal } : {}),
      }),
  };
}

/* Names of scheduled backups: when they were made (UTC) and of how many events. */

export function backupName(at: number, treeSize: number): string {
  const stamp = new Date(at).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
  return `claimstamp-${stamp}-${treeSize}.db`;
}

/** When a scheduled backup of this name was made, ms since 1970; undefined for any other file. */
export function backupTime(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^claimstamp-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-\d+\.db$/.exec(name) ?? [];
  if (year === undefined) return undefined;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
