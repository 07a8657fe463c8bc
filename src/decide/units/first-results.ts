import type { Event } from '../../model/event.ts';

/*
 * A figure about first results counts a unit only in the period in which its first result happened. The unit's earlier
 * events may be older than the period.
 */

/** Finds out what happened to a unit before a given event. */
export interface Past {
  /**
   * Returns the unit's earlier events of the types `PAST`, newest first. `seq` is the number of an event of the unit.
   */
  before: (seq: number) => Iterable<Event>;
  /** The Claim IDs of the units that were ever returned. */
  returned: ReadonlySet<string>;
}

export const NO_PAST: Past = { before: () => [], returned: new Set() };

/** The types of the earlier events that are needed. */
export const PAST = ['issued', 'verified', 'verify-failed', 'tested', 'returned', 'return-closed', 'shipped'] as const;

export interface Firsts {
  /** Must be called for each event of the period. */
  add: (event: Event) => void;
  /**
   * True if the current life of the unit has no earlier event like this one. The caller must itself remember the events
   * of the period. Events during an open return are never the first, because they are counted for the RMA. Events
   * `tested` do not name the RMA themselves.
   */
  isFirst: (event: Event, isLike: (earlier: Event) => boolean) => boolean;
}

export function openFirsts({ before, returned }: Past): Firsts {
  // Most units of a period were also issued in it. For these units, reading the earlier events of each result would
  // take several times as long as the entire count.
  const fresh = new Set<string>();
  return {
    add({ type, uci, seq }) {
      if (type !== 'issued' || uci === undefined || fresh.has(uci) || returned.has(uci)) return;
      const [earlier] = before(seq);
      if (earlier === undefined) fresh.add(uci);
    },
    isFirst({ uci, seq }, isLike) {
      if (uci !== undefined && fresh.has(uci)) return true;
      let isClosed = false;
      for (const earlier of before(seq)) {
        if (earlier.type === 'returned') return isClosed;
        if (isLike(earlier)) return false;
        if (earlier.type === 'return-closed' || earlier.type === 'shipped') isClosed = true;
      }
      return true;
    },
  };
}

export function isScan({ type }: Event): boolean {
  return type === 'verified' || type === 'verify-failed';
}
