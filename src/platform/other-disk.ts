import { readFileSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { ClaimstampError, errorCode } from './error.ts';
import { fileError } from './file-error.ts';

/*
 * A backup folder is usually on another disk than the ledger. If this disk is not mounted, the folder either is missing
 * or is an empty folder on the ledger's disk. Backups in that empty folder would fill the wrong disk without anyone
 * noticing.
 */

/** This file lists the folders that were once on a different disk than the data folder, one path per line. */
const REMEMBERED = 'other-disks.txt';

/**
 * This line says that the file was damaged once. Before the damage, the file may have named a folder whose disk is not
 * mounted now. So when the service adds a folder to the file, it keeps this line.
 */
const TORN = '?';

/**
 * Throws `invalid` if the folder is missing. Also throws `invalid` if the folder was once on another disk and is now on
 * the data folder's disk. Returns true if both folders are on the same disk.
 */
export async function refuseLostDisk(folder: string, data: string): Promise<boolean> {
  const [there, own] = await Promise.all([stat(folder), stat(data)]).catch((error: unknown) => {
    throw new ClaimstampError('invalid', missing(folder, fileError(error)));
  });
  if (!there.isDirectory()) throw new ClaimstampError('invalid', `${folder} is a file: name a folder`);
  const { folders, isDamaged } = remembered(data);
  if (there.dev !== own.dev) {
    if (!folders.includes(folder)) {
      const lines = [...folders, folder, ...(isDamaged ? [TORN] : [])];
      await writeAtomically(join(data, REMEMBERED), `${lines.join('\n')}\n`);
    }
    return false;
  }
  const problem = onOwnDisk(folder, data);
  if (problem !== undefined) throw new ClaimstampError('invalid', problem);
  return true;
}

/** If `refuseLostDisk` would refuse the folder, returns why. Changes nothing. */
export function lostDiskProblem(folder: string, data: string | undefined): string | undefined {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) return missing(resolve(folder), 'there is no such file or folder');
  const own = data === undefined ? undefined : statSync(data, { throwIfNoEntry: false });
  return data === undefined || own?.dev !== there.dev ? undefined : onOwnDisk(folder, data);
}

/** Returns why a folder on the ledger's disk is refused, or undefined if the folder was never on another disk. */
function onOwnDisk(folder: string, data: string): string | undefined {
  const { folders, isDamaged } = remembered(data);
  if (folders.includes(folder)) return lost(folder, data);
  return isDamaged ? unknown(folder, data) : undefined;
}

function missing(folder: string, why: string): string {
  return `${folder}: ${why}. Create the folder, or mount its disk`;
}

function lost(folder: string, data: string): string {
  return `${folder} was on another disk and is now on the disk of the ledger: mount its disk. If the folder was moved on purpose, remove its line from ${join(data, REMEMBERED)}`;
}

function unknown(folder: string, data: string): string {
  return `${folder} is on the disk of the ledger, and ${join(data, REMEMBERED)} is damaged, so it is unknown whether the folder was on another disk before: mount its disk. If the folder belongs on the disk of the ledger, remove the damaged file`;
}

interface Remembered {
  folders: string[];
  /** True if the file may have named more folders. */
  isDamaged: boolean;
}

function remembered(data: string): Remembered {
  let text: string;
  try {
    text = readFileSync(join(data, REMEMBERED), 'utf8');
  } catch (error) {
    return { folders: [], isDamaged: errorCode(error) !== 'ENOENT' };
  }
  // The last line is incomplete if it does not end with a line break.
  const lines = text.split('\n').slice(0, -1).filter(Boolean);
  const folders = lines.filter((line) => isAbsolute(line) && !line.includes('\0'));
  return { folders, isDamaged: !text.endsWith('\n') || folders.length < lines.length };
}
