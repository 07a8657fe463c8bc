import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { ClaimstampError } from './error.ts';
import { fileError } from './file-error.ts';

/*
 * A folder for backups is usually on another disk. When this disk is not mounted, the folder is missing, or it is an
 * empty folder on the disk of the ledger. Files there would fill the wrong disk, and no one would miss the backups.
 */

/** Names the folders that have been on another disk than the data folder, one path on each line. */
const REMEMBERED = 'other-disks.txt';

/**
 * Throws `invalid` if the folder is missing, or if it was on another disk before and is now on the disk of the data
 * folder. Returns true if both folders are on one disk.
 */
export async function refuseLostDisk(folder: string, data: string): Promise<boolean> {
  const [there, own] = await Promise.all([stat(folder), stat(data)]).catch((error: unknown) => {
    throw new ClaimstampError('invalid', `${folder}: ${fileError(error)}. Create the folder, or mount its disk`);
  });
  if (!there.isDirectory()) throw new ClaimstampError('invalid', `${folder} is a file: name a folder`);
  const known = remembered(data);
  if (there.dev !== own.dev) {
    if (!known.includes(folder)) await writeAtomically(join(data, REMEMBERED), `${[...known, folder].join('\n')}\n`);
    return false;
  }
  if (known.includes(folder))
    throw new ClaimstampError(
      'invalid',
      `${folder} was on another disk and is now on the disk of the ledger: mount its disk. If the folder was moved on purpose, remove its line from ${join(data, REMEMBERED)}`,
    );
  return true;
}

function remembered(data: string): string[] {
  try {
    return readFileSync(join(data, REMEMBERED), 'utf8').split('\n').filter(Boolean);
  } catch {
    // Nothing was remembered yet. If the file cannot be read, the next check on another disk writes it again.
    return [];
  }
}
