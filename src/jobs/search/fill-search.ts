import { statSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Found, FoundName, SearchFigures, SearchPage, SearchTask } from '../../contract/search.ts';
import { MIN_PART } from '../../model/search/text.ts';
import { refusal } from '../../platform/error.ts';
import { SPARED_BYTES } from '../../platform/spool.ts';
import {
  isUseless,
  OtherContent,
  openSearchFile,
  removeSearchFile,
  type SearchFile,
} from '../../sqlite/search-file.ts';
import { openSearchSource, type SearchSource } from '../../sqlite/search-source.ts';

/** Fills the search file from the ledger in steps, and answers searches between these steps. */
export interface Filling {
  /**
   * Does a small part of the work. Returns true if there is more work to do. Throws if the file or the ledger cannot be
   * used.
   */
  step: () => boolean;
  figures: () => SearchFigures;
  find: (page: SearchPage) => Found;
  names: (text: string, limit: number) => FoundName[];
  /** Deletes the file. The next steps then fill a new one. */
  rebuild: () => void;
  /** Closes the files. The next step reopens the files. */
  close: () => void;
}

/** The number of units or events in a step. A step takes about 20 ms, and searches have to wait during this time. */
const STEP = 2000;

/**
 * How long (in ms) a search may take. A search then returns what it has found so far, and the position where the next
 * search continues.
 */
const FIND_MS = 80;

export function openFilling({ ledger, file: path }: SearchTask, sparedBytes = SPARED_BYTES): Filling {
  let opened: { file: SearchFile; source: SearchSource; inode: number } | undefined;
  let figures: SearchFigures = { state: 'starting', done: 0, total: 0 };

  const close = (): void => {
    opened?.file.close();
    opened?.source.close();
    opened = undefined;
  };
  const open = (): NonNullable<typeof opened> => {
    // If the inode is different, someone has replaced the ledger file.
    const inode = statSync(ledger).ino;
    if (opened !== undefined && opened.inode !== inode) close();
    if (opened !== undefined) return opened;
    const source = openSearchSource(ledger);
    try {
      return (opened = { file: openSearchFile(path), source, inode });
    } catch (error) {
      source.close();
      throw error;
    }
  };
  /** Runs a function that uses the file. If the file turns out to be damaged, deletes it. */
  const use = <T>(run: (parts: NonNullable<typeof opened>) => T): T => {
    try {
      return run(open());
    } catch (error) {
      close();
      if (isUseless(error)) removeSearchFile(path);
      throw error;
    }
  };

  return {
    step: () =>
      use(({ file, source }) => {
        const { isMore, ...now } = fill(file, source, () => refuseFullDisk(path, sparedBytes));
        figures = now;
        return isMore;
      }),
    figures: () => figures,
    find: (page) => use(({ file, source }) => findIn(file, source, page)),
    names: (text, limit) => use(({ source }) => source.names(text, limit)),
    rebuild() {
      close();
      removeSearchFile(path);
      figures = { ...figures, state: 'building', done: 0 };
    },
    close,
  };
}

function fill(file: SearchFile, source: SearchSource, mayWrite: () => void): SearchFigures & { isMore: boolean } {
  const total = source.size();
  let cursor = file.cursor();
  // The file may belong to another ledger. The file may also be newer than this ledger, if the ledger was restored to
  // an older state.
  if (cursor !== undefined && source.leaf(cursor.upto)?.equals(cursor.leaf) !== true) throw new OtherContent();
  if (cursor === undefined || cursor.upto < total) mayWrite();
  if (cursor === undefined) {
    const leaf = source.leaf(total);
    if (leaf === undefined) return { state: 'ready', done: 0, total, isMore: false };
    cursor = { done: 0, upto: total, leaf };
  }
  if (cursor.done < cursor.upto) {
    mayWrite();
    const rows = source.units(cursor.done, cursor.upto, STEP);
    const done = rows.length < STEP ? cursor.upto : (rows.at(-1)?.id ?? cursor.upto);
    file.add(rows, { ...cursor, done });
    return done < cursor.upto
      ? { state: 'building', done, total, isMore: true }
      : { state: 'ready', done, total, isMore: done < total };
  }
  if (cursor.upto === total) return { state: 'ready', done: total, total, isMore: false };
  const { rows, last } = source.changed(cursor.upto, STEP);
  const leaf = source.leaf(last);
  if (leaf !== undefined) file.add(rows, { done: last, upto: last, leaf });
  return { state: 'ready', done: last, total, isMore: last < total };
}

function findIn(file: SearchFile, source: SearchSource, { sought, after, newest, limit }: SearchPage): Found {
  const ids: number[] = [];
  const identities: Found['identities'] = {};
  if ('contains' in sought && Array.from(sought.contains).length < MIN_PART) return { ids, identities, next: null };
  const end = performance.now() + FIND_MS;
  for (const id of file.candidates(sought, { after, newest: newest ?? false })) {
    const hit = source.hit(id, sought);
    if (hit !== undefined) ids.push(id);
    if (hit?.identity !== undefined) identities[id] = hit.identity;
    if (ids.length === limit || performance.now() > end) return { ids, identities, next: id };
  }
  return { ids, identities, next: null };
}

function refuseFullDisk(path: string, sparedBytes: number): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < sparedBytes) throw refusal('disk-full', 'noRoom');
}
