import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { FeedLines, FeedPage } from '../../contract/ledger.ts';
import type { UnitNumbers } from '../../model/masking.ts';
import { existing } from '../existing.ts';
import { openFeedPages } from './feed-pages.ts';
import { openForReading } from '../open.ts';
import { openUnitNumbers } from '../unit-numbers.ts';

/** Reads the feed in a process other than the one that writes the ledger. Each function makes one short read. */
export interface FeedSource {
  feed: (page: FeedPage) => Promise<FeedLines>;
  head: () => Promise<{ size: number }>;
  unitNumbers: (beginnings: string[], products: readonly string[] | 'all') => Promise<UnitNumbers>;
  close: () => void;
}

interface Opened {
  db: Database.Database;
  inode: number;
  feed: (page: FeedPage) => FeedLines;
  size: Database.Statement<[], number>;
  numbers: (beginnings: string[], products: readonly string[] | 'all') => UnitNumbers;
}

export function openFeedSource(file: string): FeedSource {
  let opened: Opened | undefined;
  const close = (): void => {
    opened?.db.close();
    opened = undefined;
  };
  const open = (): Opened => {
    // If the inode is different, someone has replaced the ledger file.
    const inode = statSync(file).ino;
    if (opened !== undefined && opened.inode !== inode) close();
    if (opened !== undefined) return opened;
    const db = openForReading(file);
    const size = db.prepare<[], number>('SELECT size FROM tree_head').pluck();
    return (opened = { db, inode, feed: openFeedPages(db), size, numbers: openUnitNumbers(db) });
  };
  /** After an error, the next read opens the file again. */
  const use = async <T>(read: (from: Opened) => T): Promise<T> => {
    try {
      return read(open());
    } catch (error) {
      close();
      throw error;
    }
  };
  return {
    feed: (page) => use(({ feed }) => feed(page)),
    head: () => use(({ size }) => ({ size: existing(size.get()) })),
    unitNumbers: (beginnings, products) => use(({ numbers }) => numbers(beginnings, products)),
    close,
  };
}
