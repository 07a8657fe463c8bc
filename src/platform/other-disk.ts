import { readFileSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { ClaimstampError } from './error.ts';
import { fileError } from './file-error.ts';

/*
 * A backup folder is usually on another disk than the ledger. If this disk is not mounted, the folder either is missing
 * or is an empty folder on the ledger's disk. Backups in that empty folder would fill the wrong disk without anyone
 * noticing.
 */

/** This file lists the folders that were once on a different disk than the data folder, one path per line. */
const REMEMBERED = 'other-disks.txt';

/**
 * Throws `invalid` if the folder is missing. Also throws `invalid` if the folder was once on another disk and is now on
 * the data folder's disk. Returns true if both folders are on the same disk.
 */
export async function refuseLostDisk(folder: string, data: string): Promise<boolean> {
  const [there, own] = await Promise.all([stat(folder), stat(data)]).catch((error: unknown) => {
    throw new ClaimstampError('invalid', missing(folder, fileError(error)));
  });
  if (!there.isDirectory()) throw new ClaimstampError('invalid', `${folder} is a file: name a folder`);
  const known = remembered(data);
  if (there.dev !== own.dev) {
    if (!known.includes(folder)) await writeAtomically(join(data, REMEMBERED), `${[...known, folder].join('\n')}\n`);
    return false;
  }
  if (known.includes(folder)) throw new ClaimstampError('invalid', lost(folder, data));
  return true;
}

/** If `refuseLostDisk` would refuse the folder, returns why. Changes nothing. */
export function lostDiskProblem(folder: string, data: string | undefined): string | undefined {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) return missing(resolve(folder), 'there is no such file or folder');
  const own = data === undefined ? undefined : statSync(data, { throwIfNoEntry: false });
  if (data === undefined || own?.dev !== there.dev || !remembered(data).includes(folder)) return undefined;
  return lost(folder, data);
}

function missing(folder: string, why: string): string {
  return `${folder}: ${why}. Create the folder, or mount its disk`;
}

function lost(folder: string, data: string): string {
  return `${folder} was on another disk and is now on the disk of the ledger: mount its disk. If the folder was moved on purpose, remove its line from ${join(data, REMEMBERED)}`;
}

function remembered(data: string): string[] {
  try {
    return readFileSync(join(data, REMEMBERED), 'utf8').split('\n').filter(Boolean);
  } catch {
    // Nothing has been remembered yet. If the file exists but cannot be read, a later check that finds a folder on
    // another disk rewrites the file.
    return [];
  }
}
