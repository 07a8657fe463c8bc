import type { BackupMade, Backups, BackupSigned, BackupTask } from '../contract/backup.ts';
import type { Spool } from '../platform/spool.ts';
import type { Checkpoint, Checkpoints } from '../proof/checkpoint.ts';

/**
 * Each backup contains a checkpoint that covers exactly the events in the backup. So when the backup is restored, it is
 * possible to tell which events the service recorded and which ones someone appended to the file.
 */
export function openBackups(ledger: string, spool: Spool, checkpoints: Pick<Checkpoints, 'sign'>): Backups {
  /**
   * A backup without a checkpoint is better than no backup. For example, no checkpoint can be made while the ledger is
   * held or the disk is full.
   */
  const sign = (head: Omit<Checkpoint, 'origin'>): Promise<BackupSigned> =>
    checkpoints.sign(head).catch((): BackupSigned => ({}));
  return {
    make: (by, signal) =>
      spool.make<BackupMade>({
        by,
        entry: 'jobs/make-backup-child.js',
        ending: 'db',
        task: (out): BackupTask => ({ ledger, out }),
        answer: sign,
        signal,
      }),
  };
}
