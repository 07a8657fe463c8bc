/*
 * The names of scheduled backups. A name contains the log, the time (UTC) and the number of events. If several services
 * share a folder, each of them recognises its own backups by the log.
 */

export interface BackupNames {
  of: (at: number, treeSize: number) => string;
  /** Returns when a backup of this log was made, in ms since 1970, or undefined if the file is not such a backup. */
  time: (name: string) => number | undefined;
  /** True if this is the name of an unfinished backup. */
  isDraft: (name: string) => boolean;
}

export const DRAFT = '.partial';

/** `log` consists of letters and digits, and identifies the log. */
export function backupNames(log: string): BackupNames {
  const own = new RegExp(`^claimstamp-${log}-(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)Z-\\d+\\.db$`);
  const time = (name: string): number | undefined => {
    const [, year, month, day, hour, minute, second] = own.exec(name) ?? [];
    if (year === undefined) return undefined;
    return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  };
  return {
    of(at, treeSize) {
      const stamp = new Date(at).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
      return `claimstamp-${log}-${stamp}-${treeSize}.db`;
    },
    time,
    isDraft: (name) => name.endsWith(DRAFT) && time(name.slice(0, -DRAFT.length)) !== undefined,
  };
}
