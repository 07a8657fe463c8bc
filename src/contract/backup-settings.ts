import { path, whole } from '../model/setting-types.ts';

/** The settings of scheduled backups and of drills. */
export const BACKUP_SETTINGS = {
  backupFolder: path
    .optional()
    .meta({ description: 'Folder of the scheduled [backups](backup.md)', 'x-default': 'off' }),
  backupEvery: whole('a whole number of hours', 1, 8760).default(24).describe('Hours between two scheduled backups'),
  backupKeep: whole('a whole number of backups', 1, 1000).default(7).describe('Number of scheduled backups to keep'),
  drillDays: whole('a whole number of days', 1, 3660).optional().meta({
    description: 'Days from one [drill](backup.md#drills) to the next of the same kind; a forecast reminds you',
    'x-default': 'off',
  }),
};
