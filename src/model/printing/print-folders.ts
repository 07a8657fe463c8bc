import { join, resolve } from 'node:path';

/**
 * Returns the folders in which printers may write files: those in the settings, or else a folder in the data folder.
 */
export function printFoldersOf({ data, printFolders }: { data: string; printFolders: readonly string[] }): string[] {
  return (printFolders.length === 0 ? [join(data, 'print')] : printFolders).map((folder) => resolve(folder));
}
