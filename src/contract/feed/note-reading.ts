import { readEvent } from '../../model/event-check.ts';
import type { FeedFilter, Ledger } from '../ledger.ts';
import { FEED_READ, type Cursor, type Feed } from './feed.ts';

export interface Reading {
  actor: string;
  from: Cursor;
  filter: FeedFilter;
  masked: boolean;
}

/** Records that a consumer reads the feed. */
export type NoteReading = (reading: Reading) => Promise<void>;

/** How many ledger entries are read at a time to find a consumer's event. */
const PAGE = 100;

/**
 * Records one event per consumer and day. The event says who is reading the feed, from which address, and whether
 * Claim IDs are masked. `count` is the number of events after the cursor at that moment. After a restart, the ledger
 * is searched once, so that no event is recorded twice.
 */
export function notesReadings(
  { ledger, now }: { ledger: Pick<Ledger, 'accessEvents' | 'record'>; now: () => number },
  feed: Feed,
): NoteReading {
  let today = NaN;
  const noted = new Map<string, Promise<void>>();

  async function isNoted({ actor, masked }: Reading, from: number): Promise<boolean> {
    for (let before = Number.MAX_SAFE_INTEGER; ;) {
      const lines = await ledger.accessEvents({ types: ['bulk-read'], actor, from, before, limit: PAGE });
      const events = lines.map(readEvent);
      const isSame = events.some(
        ({ type, data }) => type === 'bulk-read' && data.what === FEED_READ && data.filter['masked'] === masked,
      );
      if (isSame || lines.length < PAGE) return isSame;
      before = events.at(-1)?.seq ?? 0;
    }
  }

  async function note(reading: Reading, day: number): Promise<void> {
    if (await isNoted(reading, day)) return;
    const { actor, from, filter, masked } = reading;
    const { types, ...rest } = filter;
    const named = { masked, after: from.seq, ...rest, ...(types === undefined ? {} : { types: types.join(',') }) };
    const count = Math.max(0, (await feed.size()) - from.seq);
    await ledger.record({ kind: 'note-bulk-read', what: FEED_READ, filter: named, count, actor });
  }

  return (reading) => {
    const at = new Date(now());
    const day = new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
    if (day !== today) noted.clear();
    today = day;
    const key = `${reading.masked} ${reading.actor}`;
    const before = noted.get(key);
    if (before !== undefined) return before;
    const noting = note(reading, day);
    noted.set(key, noting);
    noting.catch(() => noted.delete(key));
    return noting;
  };
}
