import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErpFilesFact } from '../../decide/forecasts/forecast.ts';
import { syncFolder } from '../../platform/atomic-file.ts';

/*
 * The folder in which an ERP and the service exchange files. The ERP writes to `inbox`, and the service to `outbox`,
 * `done` and `failed`. A file gets its name only when it is complete.
 */

export const PLACES = ['inbox', 'outbox', 'done', 'failed'] as const;
export type Place = (typeof PLACES)[number];

/** A file with the orders of a year is smaller. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** The maximum number of files that are taken at a time. The others are taken the next time. */
const MAX_AT_ONCE = 100;

/** A file whose name ends like this says why another file was refused. */
export const ERRORS = '.errors.txt';

/** The maximum number of files whose age is read. Further files are not counted. */
const MAX_COUNTED = 2000;

/** If a file is not taken for this long (ms), it has a wrong name, is empty, or cannot be read. */
const STUCK_MS = 60 * 60 * 1000;

/** A file in `inbox` whose size and time have not changed since the folder was last read. */
export interface Arrived {
  name: string;
  bytes: number;
}

export interface OrderFolder {
  /**
   * Returns the files that are complete, oldest first. An ERP may write a file slowly, so a file counts as complete
   * when its size and its time are the same as when the folder was last read.
   */
  arrived: () => Promise<Arrived[]>;
  /** Returns undefined if the file has changed, or is gone. */
  read: (file: Arrived) => Promise<Buffer | undefined>;
  /**
   * Moves a file from `inbox` to another place. The new name begins with `stamp`, so no file is overwritten. If the ERP
   * has written the file again since it was read, it goes back to `inbox`, and `move` returns false.
   */
  move: (name: string, place: 'done' | 'failed', stamp: string) => Promise<boolean>;
  /** Writes a file. The file gets its name only when it is complete and on disk. */
  write: (place: Place, name: string, text: string) => Promise<void>;
  /** Counts the files that wait for the ERP or for a person. A missing folder counts as empty. */
  counts: (now: number) => Promise<Omit<ErpFilesFact, 'trouble' | 'isFull'>>;
}

export function openOrderFolder(folder: string): OrderFolder {
  let before = new Map<string, string>();

  const stateOf = async (path: string): Promise<{ key: string; bytes: number; at: number } | undefined> => {
    const found = await lstat(path).catch(() => undefined);
    // Only a regular file: a link could lead to any file of this machine.
    if (found?.isFile() !== true) return undefined;
    return { key: `${found.ino} ${found.size} ${found.mtimeMs}`, bytes: found.size, at: found.mtimeMs };
  };
  return {
    async arrived() {
      for (const place of PLACES) await mkdir(join(folder, place), { recursive: true });
      const names = (await readdir(join(folder, 'inbox'))).filter((name) => /^[^.~].*\.(csv|xlsx)$/i.test(name));
      const seen = new Map<string, string>();
      const complete: (Arrived & { at: number })[] = [];
      for (const name of names) {
        const state = await stateOf(join(folder, 'inbox', name));
        if (state === undefined) continue;
        seen.set(name, state.key);
        if (before.get(name) === state.key && state.bytes > 0)
          complete.push({ name, bytes: state.bytes, at: state.at });
      }
      before = seen;
      return complete.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1)).slice(0, MAX_AT_ONCE);
    },
    async read({ name }) {
      const path = join(folder, 'inbox', name);
      const bytes = await readFile(path).catch(() => undefined);
      return (await stateOf(path))?.key === before.get(name) ? bytes : undefined;
    },
    async move(name, place, stamp) {
      const moved = join(folder, place, `${stamp}-${name}`);
      await rename(join(folder, 'inbox', name), moved);
      const isAsRead = (await stateOf(moved))?.key === before.get(name);
      before.delete(name);
      // The file gets a new name, because the ERP may have written another file with the old name meanwhile.
      if (!isAsRead) await rename(moved, join(folder, 'inbox', `${stamp}-${name}`));
      return isAsRead;
    },
    async write(place, name, text) {
      const draft = join(folder, place, `.${name}.tmp`);
      try {
        await writeFile(draft, text, { flush: true });
        await rename(draft, join(folder, place, name));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      await syncFolder(join(folder, place));
    },
    async counts(now) {
      const namesIn = async (place: Place): Promise<string[]> =>
        (await readdir(join(folder, place)).catch(() => [])).filter((name) => !/^[.~]/.test(name));
      const agesIn = async (place: Place): Promise<number[]> => {
        const states = (await namesIn(place)).slice(0, MAX_COUNTED).map((name) => stateOf(join(folder, place, name)));
        return (await Promise.all(states)).flatMap((state) => (state === undefined ? [] : [now - state.at]));
      };
      const [failed, inbox, outbox] = await Promise.all([namesIn('failed'), agesIn('inbox'), agesIn('outbox')]);
      return {
        failed: failed.filter((name) => name.endsWith(ERRORS)).length,
        stuck: inbox.filter((ageMs) => ageMs > STUCK_MS).length,
        unread: outbox.length,
        unreadMs: Math.max(0, ...outbox),
      };
    },
  };
}
