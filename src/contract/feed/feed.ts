import { setImmediate as turn } from 'node:timers/promises';
import type { FeedFilter, FeedLines, FeedPage, Ledger } from '../ledger.ts';

/*
 * The feed of events. It only reads the ledger. It reads one page at a time, even for several consumers, so that agents
 * are served between pages. While consumers wait, the feed checks the size of the ledger. So it needs nothing from the
 * writer, and also sees the events of other processes.
 */

/** A place in the ledger: after the event `seq`, which happened at `at` (ms since 1970). */
export interface Cursor {
  seq: number;
  at?: number;
}

export interface FeedPart {
  lines: string[];
  /** The place after the last event that was read. Events that do not match were also read. */
  cursor: Required<Cursor>;
}

export interface Feed {
  /**
   * Returns at most `limit` matching events after `from`, in the order of the ledger. If there is none, waits for one.
   * Returns no events if there is none within `waitMs`, or if `signal` aborts.
   */
  next: (from: Cursor, filter: FeedFilter, how: FeedWait) => Promise<FeedPart>;
  /** True if the ledger still has the event of this cursor. A restored ledger has other events with the same numbers. */
  knows: (cursor: Cursor) => Promise<boolean>;
  /** The number of events in the ledger. */
  size: () => Promise<number>;
}

export interface FeedWait {
  waitMs: number;
  limit: number;
  signal: AbortSignal;
}

/** The events of one page. Reading a page takes the thread that answers agents about a millisecond. */
const PAGE = 200;

/** One part has at most this many characters, plus the rest of its last page. */
const MAX_CHARACTERS = 1024 * 1024;

/** If a consumer does not wait and its filter matches few events, it gets the events that are found in this time. */
const SEARCH_MS = 1000;

/** While consumers wait, the feed checks for new events ten times a second. A check takes about 0.1 ms. */
const LOOK_EVERY_MS = 100;

export function openFeed(ledger: Pick<Ledger, 'feed' | 'head'>, clock: () => number): Feed {
  const grown = watchesSize(ledger);
  let last: Promise<unknown> = Promise.resolve();
  const read = (page: FeedPage): Promise<FeedLines> => {
    const mine = last.then(async () => {
      const lines = await ledger.feed(page);
      await turn();
      return lines;
    });
    last = mine.catch(() => null);
    return mine;
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
      const found = await read({ after: seq - 1, limit: 1 });
      return found.seq === seq && (at === undefined || found.at === at);
    },
    size: async () => (await ledger.head()).size,
  };
}

/**
 * An event that says who follows the feed does not wake any consumer, because it would often be the only new event. The
 * others get it together with the next event.
 */
function isNews(line: string): boolean {
  return !line.includes(`,"type":"bulk-read",`) || !line.includes(`,"data":{"what":"${FEED_READ}",`);
}

/** The kind of data that was read, as the event about a consumer of the feed names it. */
export const FEED_READ = 'events';

/** Returns a function that waits until the ledger has more than `size` events, at most for `ms`. */
function watchesSize(ledger: Pick<Ledger, 'head'>): (size: number, ms: number, signal: AbortSignal) => Promise<void> {
  const waiting = new Set<() => void>();
  let seen = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    // After an error, the consumers wake and read for themselves, and get the same error.
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
