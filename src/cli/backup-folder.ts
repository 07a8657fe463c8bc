import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClaimstampError } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';

/** The scheduled backups of one ledger in a folder. */
export interface FolderBackups {
  folder: string;
  /** The ledger's ID, as in the names of the backup files. */
  log: string;
  /** The paths of the backups, ordered by the number of events, largest first. */
  files: string[];
  /**
   * The time when the service last wrote to the folder (ms since 1970). This time comes from the clock of the machine
   * that has the folder.
   */
  writtenAt: number;
}

const NAME = /^claimstamp-([0-9a-f]+)-\d{8}T\d{6}Z-(\d+)\.db$/;

/** True if the path is a folder and not a backup file. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * In a backup folder, finds the backups that can be restored. If several production lines share the folder, `log` or
 * this machine's signing key (`own`) determines which ledger is meant.
 */
export function backupsInFolder(folder: string, log: string | undefined, own: string | undefined): FolderBackups {
  const names = namesIn(folder);
  const found = names.flatMap((name) => {
    const [, of, size] = NAME.exec(name) ?? [];
    return of === undefined ? [] : [{ name, log: of, size: Number(size) }];
  });
  if (found.length === 0)
    throw new ClaimstampError(
      'invalid',
      `${folder} has no scheduled backup (claimstamp-….db): give the backup folder of the former server (its CLAIMSTAMP_BACKUP_FOLDER); nothing was restored`,
    );
  const logs = [...new Set(found.map((one) => one.log))];
  const chosen = log ?? (logs.length === 1 ? logs[0] : logs.find((one) => one === own));
  const files = found.filter((one) => one.log === chosen).toSorted((a, b) => b.size - a.size);
  if (chosen === undefined || files.length === 0)
    throw new ClaimstampError('invalid', severalLedgers(folder, logs, found, chosen));
  const ofLog = names.filter((name) => name.startsWith(`claimstamp-${chosen}`) && !name.endsWith('.taken-over'));
  return {
    folder,
    log: chosen,
    files: files.map(({ name }) => join(folder, name)),
    writtenAt: Math.max(...ofLog.map((name) => statSync(join(folder, name)).mtimeMs)),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new ClaimstampError('invalid', `${folder} cannot be read: ${fileError(error)}; nothing was restored`);
  }
}

function severalLedgers(
  folder: string,
  logs: string[],
  found: { name: string; log: string }[],
  chosen: string | undefined,
): string {
  const lines = logs.map((log) => `  --log ${log}: ${found.filter((one) => one.log === log).at(-1)?.name}`);
  const why = chosen === undefined ? 'has backups of several ledgers' : `has no backup of the ledger ${chosen}`;
  return `${folder} ${why}. Put the signing key of the ledger into the data folder, or name the ledger:\n${lines.join('\n')}\nNothing was restored`;
}
