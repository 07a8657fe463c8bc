import type Database from 'better-sqlite3';
import type { ReturnedUnit, ReturnPage, ReturnSummary } from '../contract/returns.ts';
import type { Seen } from '../decide/seen.ts';
import { readEvent } from '../model/event-check.ts';
import { livesOf } from '../model/returns/lives.ts';
import { defined } from '../platform/own.ts';
import { existing } from './existing.ts';

/** Reads returns by their RMA number. The returned functions must be called inside a snapshot. */
export interface ReturnPages {
  /** Returns RMAs after `after`, in descending order of their numbers. */
  list: (page: ReturnPage) => ReturnSummary[];
  /** Returns one RMA. Returns undefined if no unit was ever returned under its number. */
  one: (rma: string) => ReturnSummary | undefined;
  /** Returns units of an RMA, in the order in which they were received. `after` is the number of a return, or 0. */
  units: (rma: string, after: number, limit: number) => ReturnedUnit[];
}

const SUMMARY = `SELECT rma, count(*) AS received, sum(ended IS NULL) AS open, sum(ended IS 'shipped') AS shipped,
  sum(ended IS 'scrapped') AS scrapped, sum(ended IS 'void') AS void, sum(ended IS 'kept') AS kept FROM unit_return`;

/**
 * A text that sorts after every RMA number. So a descending list that starts from this text contains all RMA numbers.
 */
const AFTER_ALL = '\u{10FFFF}';

export function openReturnPages(db: Database.Database, seen: Seen): ReturnPages {
  const order = `GROUP BY rma ORDER BY rma DESC LIMIT @limit`;
  const all = db.prepare<[object], ReturnSummary>(`${SUMMARY} WHERE rma < @after ${order}`);
  const open = db.prepare<[object], ReturnSummary>(
    `${SUMMARY} WHERE rma IN (SELECT DISTINCT rma FROM unit_return WHERE ended IS NULL AND rma < @after) ${order}`,
  );
  const one = db.prepare<[string], ReturnSummary>(`${SUMMARY} WHERE rma = ? GROUP BY rma`);
  const units = db.prepare<[string, number, number], { seq: number; uci: string; line: string }>(
    `SELECT unit_return.seq, unit.uci, event.line FROM unit_return
       JOIN unit ON unit.id = unit_return.unit JOIN event ON event.seq = unit_return.seq
     WHERE rma = ? AND unit_return.seq > ? ORDER BY unit_return.seq LIMIT ?`,
  );
  return {
    list: ({ after, limit, open: isOpen }) => (isOpen ? open : all).all({ after: after ?? AFTER_ALL, limit }),
    one: (rma) => one.get(rma),
    units: (rma, after, limit) =>
      units.all(rma, after, limit).map(({ seq, uci, line }) => {
        const unit = existing(seen.unit(uci));
        const life = defined(livesOf(unit).find((each) => each.return?.seq === seq));
        const event = readEvent(line);
        if (event.type !== 'returned') throw new Error(`event ${seq} does not return a unit`);
        const { note } = event.data;
        return { unit, life, by: event.actor, ...(note === undefined ? {} : { note }) };
      }),
  };
}
