import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../../platform/error.ts';

/*
 * The data folder of a demo. The folder's name contains the ID of the process that made it, so that the next demo can
 * remove the folder of a demo that was killed.
 */

const NAME = /^claimstamp-demo-(\d+)-/;

/** Makes an empty folder. `drop` removes it. */
export function openDemoFolder(): { data: string; drop: () => void } {
  const data = mkdtempSync(join(tmpdir(), `claimstamp-demo-${process.pid}-`));
  return { data, drop: () => remove(data) };
}

/** Removes the folders of this user's demos that no longer run. Returns how many folders it removed. */
export function removeLeftDemos(): number {
  const left = readdirSync(tmpdir()).filter((name) => {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    return Number.isSafeInteger(pid) && isOwnFolder(join(tmpdir(), name)) && !runs(pid);
  });
  for (const name of left) remove(join(tmpdir(), name));
  return left.length;
}

/** False for links and for folders of other users: anyone may make files in the folder for temporary files. */
function isOwnFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
}

/**
 * True if another process with this ID runs. In a container, an earlier demo may have had the same process ID as this
 * process.
 */
function runs(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

function remove(folder: string): void {
  // After a service was killed, its child processes can still write into the folder for a moment.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
