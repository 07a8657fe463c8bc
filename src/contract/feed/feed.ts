import { openTurns } from '../../platform/turns.ts';
import type { FeedFilter, FeedLines, FeedPage, Ledger } from '../ledger.ts';

/*
 * The feed of events. The feed only reads from the ledger. The feed reads one page at a time, even if there are several
 * consumers, so that agents get answers between pages. While consumers wait, the feed keeps checking the size of the
 * ledger. So the feed does not depend on the writer, and also sees events from other processes.
 */

/** A position in the ledger: directly after the event `seq`, which happened at `at` (ms since 1970). */
export interface Cursor {
  seq: number;
  at?: number;
}

export interface FeedPart {
  lines: string[];
  /** The position after the last event that was read, even if this event does not match the filter. */
  cursor: Required<Cursor>;
}

export interface Feed {
  /**
   * Returns at most `limit` matching events, in the order of the ledger, starting at the position `from`. If there are
   * no such events, waits for one. Returns no events if none comes within `waitMs`, or if `signal` aborts.
   */
  next: (from: Cursor, filter: FeedFilter, how: FeedWait) => Promise<FeedPart>;
  /**
   * True if the ledger still contains the event of this cursor. In a ledger that was restored, different events may
   * have the same numbers.
   */
  knows: (cursor: Cursor) => Promise<boolean>;
  /**
   * The number of events in the ledger. If fewer than `least` events are known, first fetches the events of other
   * processes: a caller may know the number of an event from another process that shares the ledger.
   */
  size: (least?: number) => Promise<number>;
}

/** The functions of a ledger that the feed uses. */
export interface FeedLedger extends Pick<Ledger, 'feed'> {
  head: () => Promise<{ size: number }>;
  /** Absent if another process keeps the copy of the ledger up to date. */
  catchUp?: () => Promise<void>;
}

export interface FeedWait {
  waitMs: number;
  limit: number;
  signal: AbortSignal;
}

/** The number of events on one page. The thread that answers agents needs less than a millisecond to read a page. */
const PAGE = 50;

/** Once a part of the feed has this number of characters, it ends with the current page. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * How long (in ms) a search for matching events may take if the consumer does not wait. The consumer then gets the
 * events found so far.
 */
const SEARCH_MS = 1000;

/** While consumers wait, the feed checks for new events ten times a second. A check takes about 0.1 ms. */
const LOOK_EVERY_MS = 100;

export function openFeed(ledger: FeedLedger, clock: () => number): Feed {
  const grown = watchesSize(ledger);
  const turns = openTurns();
  let last: Promise<unknown> = Promise.resolve();
  const read = (page: FeedPage): Promise<FeedLines> => {
    const mine = last.then(async () => {
      const lines = await ledger.feed(page);
      await turns();
      return lines;
    });
    last = mine.catch(() => null);
    return mine;
  };
  const size = async (least = 0): Promise<number> => {
    const { size: before } = await ledger.head();
    if (before >= least || ledger.catchUp === undefined) return before;
    await ledger.catchUp();
    return (await ledger.head()).size;
  };
  return {
    async next(from, filter, { waitMs, limit, signal }) {
      const begin = clock();
      const end = begin + waitMs;
      const lines: string[] = [];
      let cursor = { seq: from.seq, at: from.at ?? 0 };
      let characters = 0;
      while (!signal.aborted) {
        const page = await read({ ...filter, after: cursor.seq, limit: Math.min(PAGE, limit - lines.length) });
        lines.push(...page.lines);
        cursor = { seq: page.seq, at: page.at };
        for (const { length } of page.lines) characters += length;
        if (lines.length >= limit || characters >= MAX_CHARACTERS) break;
        const now = clock();
        if (page.seq < page.size) {
          if (now < Math.max(end, begin + SEARCH_MS)) continue;
          break;
        }
        if (now >= end || lines.some(isNews)) break;
        await grown(page.size, end - now, signal);
      }
      return { lines, cursor };
    },
    async knows({ seq, at }) {
      if (seq === 0) return true;
      if ((await size(seq)) < seq) return false;
      const found = await read({ after: seq - 1, limit: 1 });
      return found.seq === seq && (at === undefined || found.at === at);
    },
    size,
  };
}

/**
 * False for an event that only records who reads the feed, because it must not wake up waiting consumers. Otherwise,
 * such events would often be the only new ones. Consumers get such an event together with the next event of another
 * type.
 */
function isNews(line: string): boolean {
  return !line.includes(`,"type":"bulk-read",`) || !line.includes(`,"data":{"what":"${FEED_READ}",`);
}

/** The value of `what` in the event which records that a consumer reads the feed. */
export const FEED_READ = 'events';

/** Returns a function that waits up to `ms` milliseconds for the ledger to have more than `size` events. */
function watchesSize(
  ledger: Pick<FeedLedger, 'head'>,
): (size: number, ms: number, signal: AbortSignal) => Promise<void> {
  const waiting = new Set<() => void>();
  let seen = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    // If there is an error, all waiting consumers wake up. Each consumer then reads for itself and gets the same error.
    const { size } = await ledger.head().catch(() => ({ size: -1 }));
    if (size !== seen) for (const wake of waiting) wake();
    seen = size;
    timer = waiting.size === 0 ? undefined : setTimeout(() => void look(), LOOK_EVERY_MS).unref();
  };
  return (size, ms, signal) =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(late);
        signal.removeEventListener('abort', wake);
        waiting.delete(wake);
        resolve();
      };
      const late = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
      waiting.add(wake);
      timer ??= setTimeout(() => void look(), LOOK_EVERY_MS).unref();
      if (signal.aborted || seen > size) wake();
    });
}
