import type { BackupMade, Backups, BackupTask } from '../contract/backup.ts';
import type { Spool } from '../platform/spool.ts';

export function openBackups(ledger: string, spool: Spool): Backups {
  return {
    make: (signal) =>
      spool.make<BackupMade>({
        entry: 'jobs/make-backup-child.js',
        ending: 'db',
        task: (out): BackupTask => ({ ledger, out }),
        signal,
      }),
  };
}
