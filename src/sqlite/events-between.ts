import { existing } from './existing.ts';
import { readEvent } from '../model/event-check.ts';
import type { EventType } from '../model/event-data.ts';
import { parseLine, type Event } from '../model/event.ts';
import { openForReading } from './open.ts';

/** The times of events may be out of order by at most this much, in ms. Clock corrections are a few minutes at most. */
export const CLOCK_SLACK_MS = 60 * 60 * 1000;

/**
 * Yields the events of these types, in the order of the ledger. `from` is inclusive and `to` is exclusive, both in ms
 * since 1970.
 */
export function* eventsBetween(
  file: string,
  { from, to, types }: { from: number; to: number; types: readonly EventType[] },
): Iterable<Event> {
  const db = openForReading(file);
  try {
    const lineOf = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
    const last = existing(db.prepare<[], number>(`SELECT coalesce(max(seq), 0) FROM event`).pluck().get());
    const isWanted = types.map(() => 'instr(line, ?)').join(' OR ');
    const lines = db
      .prepare<(number | string)[], string>(
        `SELECT line FROM event WHERE seq >= ? AND seq <= ? AND (${isWanted}) ORDER BY seq`,
      )
      .pluck();
    const timeOf = (seq: number): number => parseLine(existing(lineOf.get(seq))).at;
    const begin = firstFrom(from - CLOCK_SLACK_MS, last, timeOf);
    const end = firstFrom(to + CLOCK_SLACK_MS, last, timeOf);
    const needles = types.map((type) => `"type":"${type}"`);
    for (const line of lines.iterate(begin, end, ...needles)) {
      const event = readEvent(line);
      if (event.at >= from && event.at < to && types.includes(event.type)) yield event;
    }
  } finally {
    db.close();
  }
}

/**
 * Returns the number of the first event that happened at or after this time. If all events happened earlier, returns
 * the last number plus one.
 */
export function firstFrom(at: number, last: number, timeOf: (seq: number) => number): number {
  let low = 1;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (timeOf(middle) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
