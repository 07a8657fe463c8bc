import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ErpFilesFact } from '../../decide/forecasts/forecast.ts';
import { syncFolder } from '../../platform/atomic-file.ts';
import { errorCode } from '../../platform/error.ts';
import { fileError } from '../../platform/file-error.ts';

/*
 * The folder in which an ERP and the service exchange files. The ERP writes to `inbox`, and the service to `outbox`,
 * `done` and `failed`. A file gets its name only when it is complete.
 */

export const PLACES = ['inbox', 'outbox', 'done', 'failed'] as const;
export type Place = (typeof PLACES)[number];

/** A file with the orders of a year is smaller. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** A file whose name ends with this text says why another file was refused. */
export const ERRORS = '.errors.txt';

/** The maximum number of files whose age is read. Further files are not counted. */
const MAX_COUNTED = 2000;

/** If a file is not taken for this long (ms), it has a wrong name, is empty, or cannot be read. */
const STUCK_MS = 60 * 60 * 1000;

/** Common file systems allow names of this length, in bytes. */
const MAX_NAME_BYTES = 255;

/** A name that was shortened contains this many characters of a hash, so that two names stay different. */
const HASH_LETTERS = 6;

/** A file in `inbox` whose size and time have not changed since the folder was last read. */
export interface Arrived {
  name: string;
  bytes: number;
  /** Two files with the same key have the same content. */
  key: string;
}

export interface Listing {
  /** The files that are complete, oldest first. */
  files: Arrived[];
  /** The files that can never be taken, each with the reason. */
  unusable: { name: string; why: string }[];
  /** The keys of all files, also of those that are not complete. */
  keys: ReadonlyMap<string, string>;
}

export interface OrderFolder {
  /**
   * Lists `inbox`. An ERP may write a file slowly, so a file counts as complete when its size and its time are the same
   * as when the folder was last read.
   */
  arrived: () => Promise<Listing>;
  /** Returns undefined if the file has changed, or is gone. */
  read: (file: Arrived) => Promise<Buffer | undefined>;
  /**
   * Returns a name that begins with `stamp` and that no file in `done` or `failed` has. A name that would be too long
   * is shortened.
   */
  freeName: (name: string, stamp: string) => Promise<string>;
  /**
   * Moves a file from `inbox` to another place, where it gets the name `as`. If the ERP has written the file again
   * since it was read, the file goes back to `inbox`, and `move` returns false. Also returns false if the file is gone.
   */
  move: (file: Arrived, place: 'done' | 'failed', as: string) => Promise<boolean>;
  /** Writes a file. The file gets its name only when it is complete and on disk. */
  write: (place: Place, name: string, text: string) => Promise<void>;
  /**
   * Counts the files that wait for the ERP or for a person. Ignores files in `inbox` whose names are in `known`. A
   * missing folder counts as empty.
   */
  counts: (now: number, known?: ReadonlySet<string>) => Promise<Omit<ErpFilesFact, 'trouble' | 'file' | 'isFull'>>;
}

interface State {
  key: string;
  bytes: number;
  at: number;
}

export function openOrderFolder(folder: string): OrderFolder {
  const inbox = join(folder, 'inbox');
  let before: ReadonlyMap<string, string> = new Map<string, string>();
  return {
    async arrived() {
      for (const place of PLACES) await mkdir(join(folder, place), { recursive: true });
      const names = (await readdir(inbox)).filter((name) => /^[^.~].*\.(csv|xlsx)$/is.test(name));
      const keys = new Map<string, string>();
      const complete: (Arrived & { at: number })[] = [];
      const unusable: Listing['unusable'] = [];
      for (const name of names) {
        const state = await stateOf(join(inbox, name)).catch((error: unknown) => ({ why: fileError(error) }));
        if (state !== undefined && 'why' in state) unusable.push({ name, why: state.why });
        else if (state !== undefined) {
          keys.set(name, state.key);
          if (before.get(name) === state.key && state.bytes > 0) complete.push({ name, ...state });
        } else if (name.includes(NOT_UTF8)) unusable.push({ name, why: 'its name is not in UTF-8' });
      }
      before = keys;
      const files = complete.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
      return { files, unusable, keys };
    },
    async read({ name, key }) {
      const bytes = await unlessGone(readFile(join(inbox, name)));
      return (await keyOf(join(inbox, name))) === key ? bytes : undefined;
    },
    async freeName(name, stamp) {
      for (let count = 1; ; count++) {
        const free = stampedName(name, count === 1 ? stamp : `${stamp}-${count}`);
        const paths = [join('done', free), join('failed', free), join('failed', `${free}${ERRORS}`)];
        const taken = await Promise.all(paths.map((path) => unlessGone(lstat(join(folder, path)))));
        if (taken.every((one) => one === undefined)) return free;
      }
    },
    async move({ name, key }, place, as) {
      const moved = join(folder, place, as);
      const isThere = await unlessGone(rename(join(inbox, name), moved).then(() => true));
      if (isThere === undefined) return false;
      const isAsRead = (await keyOf(moved)) === key;
      // The file gets a new name, because the ERP may have written another file with the old name meanwhile.
      if (!isAsRead) await rename(moved, join(inbox, as));
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
    counts: (now, known) => countFiles(folder, now, known),
  };
}

/** If bytes of a file's name are not UTF-8, Node replaces them with this character, and cannot open the file. */
const NOT_UTF8 = '\ufffd';

/** Returns undefined if there is no such file. If it is not a regular file, returns the reason why it is not taken. */
async function stateOf(path: string): Promise<State | { why: string } | undefined> {
  const found = await unlessGone(lstat(path));
  if (found === undefined) return undefined;
  // A link could lead to any file of this machine.
  if (!found.isFile()) return { why: found.isDirectory() ? 'it is a folder' : 'it is a link or a special file' };
  return { key: `${found.ino} ${found.size} ${found.mtimeMs}`, bytes: found.size, at: found.mtimeMs };
}

async function keyOf(path: string): Promise<string | undefined> {
  const state = await stateOf(path);
  return state !== undefined && 'key' in state ? state.key : undefined;
}

/** Returns undefined if the file is gone. The ERP or a person may remove a file at any time. */
async function unlessGone<T>(use: Promise<T>): Promise<T | undefined> {
  try {
    return await use;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Puts the stamp before the name, and shortens a name that would be too long. An error file has the same name with a
 * longer ending, and its draft has an even longer one.
 */
function stampedName(name: string, stamp: string): string {
  const most = MAX_NAME_BYTES - Buffer.byteLength(`.${stamp}-${ERRORS}.tmp`);
  if (Buffer.byteLength(name) <= most) return `${stamp}-${name}`;
  const end = `-${createHash('sha256').update(name).digest('hex').slice(0, HASH_LETTERS)}${extname(name)}`;
  let begin = '';
  for (const letter of name) {
    if (Buffer.byteLength(begin + letter + end) > most) break;
    begin += letter;
  }
  return `${stamp}-${begin}${end}`;
}

async function countFiles(
  folder: string,
  now: number,
  known: ReadonlySet<string> = new Set(),
): ReturnType<OrderFolder['counts']> {
  const namesIn = async (place: Place): Promise<string[]> =>
    (await readdir(join(folder, place)).catch(() => [])).filter((name) => !/^[.~]/.test(name));
  const agesIn = async (place: Place): Promise<number[]> => {
    const names = (await namesIn(place)).filter((name) => place !== 'inbox' || !known.has(name));
    const states = names.slice(0, MAX_COUNTED).map((name) => stateOf(join(folder, place, name)).catch(() => undefined));
    return (await Promise.all(states)).flatMap((state) =>
      state === undefined || 'why' in state ? [] : [now - state.at],
    );
  };
  const [failed, inbox, outbox] = await Promise.all([namesIn('failed'), agesIn('inbox'), agesIn('outbox')]);
  return {
    failed: failed.filter((name) => name.endsWith(ERRORS)).length,
    stuck: inbox.filter((ageMs) => ageMs > STUCK_MS).length,
    unread: outbox.length,
    unreadMs: Math.max(0, ...outbox),
  };
}
