import type { Event } from '../../model/event.ts';

/*
 * A figure about first results counts a unit only in the period in which its first result happened. The unit's earlier
 * events may be older than the period.
 */

/** Returns the unit's earlier events of the types `PAST`, newest first. `seq` is the number of an event of the unit. */
export type EventsBefore = (seq: number) => Iterable<Event>;

/** The types of the earlier events that are needed. */
export const PAST = ['issued', 'verified', 'verify-failed', 'tested', 'returned', 'return-closed', 'shipped'] as const;

/**
 * True if the current life of the unit has no earlier event like this one. Events during an open return are never the
 * first, because they are counted for the RMA. Events `tested` do not name the RMA themselves.
 */
export function isFirst({ seq }: Event, before: EventsBefore, isLike: (earlier: Event) => boolean): boolean {
  let isClosed = false;
  for (const earlier of before(seq)) {
    if (earlier.type === 'returned') return isClosed;
    if (isLike(earlier)) return false;
    if (earlier.type === 'return-closed' || earlier.type === 'shipped') isClosed = true;
  }
  return true;
}

export function isScan({ type }: Event): boolean {
  return type === 'verified' || type === 'verify-failed';
}
