import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../platform/atomic-file.ts';

/*
 * The folder in which an ERP and the service exchange files. The ERP writes to `inbox`, and the service to `outbox`,
 * `done` and `failed`. A name appears only when its file is complete.
 */

export const PLACES = ['inbox', 'outbox', 'done', 'failed'] as const;
export type Place = (typeof PLACES)[number];

/** A file with the orders of a year is smaller. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** The maximum number of files that are taken in one look. The others are taken in the next look. */
const MAX_AT_ONCE = 100;

/** A file in `inbox` whose size and time have not changed between two looks. */
export interface Arrived {
  name: string;
  bytes: number;
}

export interface OrderFolder {
  /**
   * Returns the files that are complete, oldest first. An ERP may write a file slowly, so a file counts as complete when
   * its size and its time are the same as at the look before.
   */
  arrived: () => Promise<Arrived[]>;
  /** Returns undefined if the file has changed, or is gone. */
  read: (file: Arrived) => Promise<Buffer | undefined>;
  /** Moves a file from `inbox` to another place. The new name begins with `stamp`, so no file is overwritten. */
  move: (name: string, place: 'done' | 'failed', stamp: string) => Promise<void>;
  /** Writes a file. Its name appears when the file is complete and on disk. */
  write: (place: Place, name: string, text: string) => Promise<void>;
  /** Returns how many files are in `outbox`. */
  unread: () => Promise<number>;
}

export function openOrderFolder(folder: string): OrderFolder {
  let before = new Map<string, string>();

  const stateOf = async (name: string): Promise<{ key: string; bytes: number; at: number } | undefined> => {
    const found = await lstat(join(folder, 'inbox', name)).catch(() => undefined);
    // Only a regular file: a link could lead to any file of this machine.
    if (found?.isFile() !== true) return undefined;
    return { key: `${found.ino} ${found.size} ${found.mtimeMs}`, bytes: found.size, at: found.mtimeMs };
  };
  return {
    async arrived() {
      for (const place of PLACES) await mkdir(join(folder, place), { recursive: true });
      const names = (await readdir(join(folder, 'inbox'))).filter((name) => /^[^.~].*\.csv$/i.test(name));
      const seen = new Map<string, string>();
      const complete: (Arrived & { at: number })[] = [];
      for (const name of names) {
        const state = await stateOf(name);
        if (state === undefined) continue;
        seen.set(name, state.key);
        if (before.get(name) === state.key && state.bytes > 0)
          complete.push({ name, bytes: state.bytes, at: state.at });
      }
      before = seen;
      return complete.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1)).slice(0, MAX_AT_ONCE);
    },
    async read({ name }) {
      const bytes = await readFile(join(folder, 'inbox', name)).catch(() => undefined);
      return (await stateOf(name))?.key === before.get(name) ? bytes : undefined;
    },
    move: (name, place, stamp) => rename(join(folder, 'inbox', name), join(folder, place, `${stamp}-${name}`)),
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
    unread: async () => (await readdir(join(folder, 'outbox'))).filter((name) => !name.startsWith('.')).length,
  };
}
