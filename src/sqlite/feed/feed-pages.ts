import type Database from 'better-sqlite3';
import type { FeedLines, FeedPage } from '../../contract/ledger.ts';
import { parseLine } from '../../model/event.ts';
import { keysOf } from '../../platform/own.ts';
import { existing } from '../existing.ts';

/**
 * The limit for a page, in characters. The event that exceeds the limit is the last one of the page. The largest body
 * that devices send is 20 kB long, so a page that reaches the limit has at least a dozen events.
 */
const MAX_CHARACTERS = 256 * 1024;

/** If version 1.0 removed a work order, the event does not name the product. The row of the work order stays. */
const REMOVED_FROM = `CASE line ->> '$.type' WHEN 'work-order-removed'
  THEN (SELECT settings ->> '$.product' FROM work_order WHERE name = line ->> '$.data.id') END`;

/**
 * The SQL condition that an event must meet, for each part of the filter. An event that names no unit may concern a
 * work order.
 */
const FITS = {
  types: `line ->> '$.type' IN (SELECT value FROM json_each(@types))`,
  station: `line ->> '$.station' = @station`,
  product: `@product IN (
    CASE WHEN line ->> '$.type' LIKE 'product-%' THEN line ->> '$.data.id' ELSE coalesce(line ->> '$.data.product', ${REMOVED_FROM}) END,
    (SELECT product.name FROM unit JOIN product ON product.id = unit.product WHERE uci = line ->> '$.uci'),
    (SELECT settings ->> '$.product' FROM work_order WHERE name = line ->> '$.work_order'))`,
};

/**
 * Returns the lines of the matching events in the order of the ledger. Also returns the number of the last event that
 * was searched.
 */
export function openFeedPages(db: Database.Database): (page: FeedPage) => FeedLines {
  const prepared = new Map<string, Database.Statement<[object], { seq: number; line: string | null }>>();
  const lineOf = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const last = db.prepare<[], number>(`SELECT coalesce(max(seq), 0) FROM event`).pluck();
  const read = db.transaction(({ after, limit, types, ...filter }: FeedPage): FeedLines => {
    const named = { ...filter, ...(types === undefined ? {} : { types: JSON.stringify(types) }) };
    const fits = keysOf(FITS).flatMap((name) => (named[name] === undefined ? [] : FITS[name]));
    const line = fits.length === 0 ? 'line' : `CASE WHEN ${fits.join(' AND ')} THEN line END AS line`;
    const sql = `SELECT seq, ${line} FROM event WHERE seq > @after ORDER BY seq LIMIT @limit`;
    const statement = prepared.get(sql) ?? db.prepare<[object], { seq: number; line: string | null }>(sql);
    prepared.set(sql, statement);
    const lines: string[] = [];
    let [seq, characters] = [after, 0];
    for (const row of statement.iterate({ after, limit, ...named })) {
      seq = row.seq;
      if (row.line === null) continue;
      lines.push(row.line);
      characters += row.line.length;
      if (characters >= MAX_CHARACTERS) break;
    }
    const newest = lineOf.get(seq);
    return { lines, seq, at: newest === undefined ? 0 : parseLine(newest).at, size: existing(last.get()) };
  });
  return (page) => read.deferred(page);
}
