import type Database from 'better-sqlite3';
import type { AccessPage } from '../contract/ledger.ts';
import type { Row } from '../decide/seen.ts';
import type { Findings } from '../proof/verification.ts';
import { ABOUT_ACCESS, auditedAs, type AuditedType } from '../model/audit/kinds.ts';
import { parseLine } from '../model/event.ts';
import { readEvent } from '../model/event-check.ts';
import { maskedUnit } from '../model/masking.ts';
import type { Unit } from '../model/unit.ts';
import { CLOCK_SLACK_MS, firstFrom } from './events-between.ts';
import { existing } from './existing.ts';

/*
 * The table `access_event` contains the numbers of two kinds of events: what people did beyond the line's normal work
 * (model/audit/kinds.ts), and drills. With this table, these events are found without reading all events.
 */

/** Returns the lines of one page of events, newest first. */
export function openAccessPages(db: Database.Database): (page: AccessPage) => string[] {
  // For each type, a range of an index is read. The newest events of all these ranges make up the page.
  const range = (actor: string): Database.Statement<[object], number> =>
    db
      .prepare<[object], number>(
        `SELECT seq FROM access_event WHERE type = @type AND seq >= @first AND seq < @before${actor} ORDER BY seq DESC LIMIT @limit`,
      )
      .pluck();
  const [ofAll, ofActor] = [range(''), range(' AND actor = @actor')];
  const firstPrints = openFirstPrints(db);
  const aboutUnit = openAboutUnit(db);
  const lineOf = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const last = db.prepare<[], number>(`SELECT coalesce(max(seq), 0) FROM event`).pluck();
  const timeOf = (seq: number): number => parseLine(existing(lineOf.get(seq))).at;
  const firstAt = (at: number): number => firstFrom(at, existing(last.get()), timeOf);
  return ({ before, limit, type, types = type === undefined ? ABOUT_ACCESS : [type], actor, unit, from, to }) => {
    const bounds = {
      first: from === undefined ? 0 : firstAt(from - CLOCK_SLACK_MS),
      before: to === undefined ? before : Math.min(before, firstAt(to + CLOCK_SLACK_MS)),
    };
    const named = actor === undefined ? {} : { actor };
    const statement = actor === undefined ? ofAll : ofActor;
    const seqsOf = (each: AuditedType): number[] =>
      each === 'first-printed'
        ? firstPrints({ ...bounds, limit }, actor)
        : statement.all({ ...bounds, ...named, limit, type: each });
    const isBetween = (line: string): boolean => {
      if (from === undefined && to === undefined) return true;
      const { at } = parseLine(line);
      return at >= (from ?? -Infinity) && at < (to ?? Infinity);
    };
    const listed: string[] = [];
    for (;;) {
      const found = unit === undefined ? types.flatMap(seqsOf) : aboutUnit(unit, { ...bounds, limit }, types, actor);
      const page = found.toSorted((a, b) => b - a).slice(0, limit);
      listed.push(...page.map((seq) => existing(lineOf.get(seq))).filter(isBetween));
      if (listed.length >= limit || page.length < limit) return listed.slice(0, limit);
      bounds.before = existing(page.at(-1));
    }
  };
}

/**
 * To find the first labels of one actor, the audit searches at most this many first labels. To find the events
 * `bulk-read` or `exported` that name one unit, it searches at most this many of them. SQLite reads this many in about
 * ten milliseconds.
 */
const MAX_LOOKED_AT = 20_000;

/**
 * Finds the events that queued the first label of a unit. These events need no separate index: each print job stores
 * the number of the event that queued it, and most print jobs are for first labels.
 */
function openFirstPrints(
  db: Database.Database,
): (page: { first: number; before: number; limit: number }, actor: string | undefined) => number[] {
  const jobs = `SELECT id FROM print_job WHERE reprint IS NULL AND id >= @first AND id < @before ORDER BY id DESC LIMIT`;
  const all = db.prepare<[object], number>(`${jobs} @limit`).pluck();
  const ofActor = db
    .prepare<[object], number>(
      `SELECT seq FROM (${jobs} ${MAX_LOOKED_AT}) AS job JOIN event ON event.seq = job.id
       WHERE line ->> '$.actor' = @actor ORDER BY seq DESC LIMIT @limit`,
    )
    .pluck();
  return (page, actor) => (actor === undefined ? all.all(page) : ofActor.all({ ...page, actor }));
}

interface SeqPage {
  first: number;
  before: number;
  limit: number;
}

/**
 * Finds the unit's own events that the audit lists, and the events `bulk-read` and `exported` that name the unit. Each
 * of these lists begins with its newest event.
 */
function openAboutUnit(
  db: Database.Database,
): (
  unit: Pick<Unit, 'id' | 'uci'>,
  page: SeqPage,
  types: readonly AuditedType[],
  actor: string | undefined,
) => number[] {
  const chain = db
    .prepare<[object], string>(
      `WITH RECURSIVE chain (seq, line, prev) AS (
         SELECT seq, line, prev FROM event WHERE seq = (SELECT last_seq FROM unit WHERE uci = @uci)
         UNION ALL SELECT event.seq, event.line, event.prev FROM event JOIN chain ON event.seq = chain.prev)
       SELECT line FROM chain WHERE seq >= @first AND seq < @before ORDER BY seq DESC`,
    )
    .pluck();
  const reads = (ofActor: string): Database.Statement<[object], number> =>
    db
      .prepare<[object], number>(
        `SELECT event.seq FROM (SELECT seq FROM access_event WHERE type = @type AND seq >= @first AND seq < @before
           ORDER BY seq DESC LIMIT ${MAX_LOOKED_AT}) AS read CROSS JOIN event ON event.seq = read.seq
         WHERE line ->> '$.data.filter.unit' IN (@masked, @id)${ofActor} ORDER BY event.seq DESC LIMIT @limit`,
      )
      .pluck();
  const [byAll, byActor] = [reads(''), reads(` AND line ->> '$.actor' = @actor`)];
  return ({ id, uci }, page, types, actor) => {
    const own = chain.all({ ...page, uci }).flatMap((line) => {
      const event = readEvent(line);
      const type = auditedAs(event) ?? (event.type === 'print-queued' ? 'first-printed' : undefined);
      const isAsked = type !== undefined && types.includes(type) && (actor === undefined || event.actor === actor);
      return isAsked ? [event.seq] : [];
    });
    const read = (['bulk-read', 'exported'] as const).filter((type) => types.includes(type));
    const named = { ...page, id, masked: maskedUnit({ id, uci }), ...(actor === undefined ? {} : { actor }) };
    const statement = actor === undefined ? byAll : byActor;
    return [...own.slice(0, page.limit), ...read.flatMap((type) => statement.all({ ...named, type }))];
  };
}

/** Compares the table `access_event` with the events. */
export function openAccessCompare(
  db: Database.Database,
  findings: Findings,
): { save: (row: Extract<Row, { table: 'access-event' }>) => void; end: () => void } {
  const table = 'access_event';
  const stored = db.prepare<[number], { type: string; actor: string }>(
    `SELECT type, actor FROM access_event WHERE seq = ?`,
  );
  const count = db.prepare<[], number>(`SELECT count(*) FROM access_event`).pluck();
  let rows = 0;
  return {
    save({ seq, ...expected }) {
      const row = stored.get(seq);
      if (row === undefined)
        return findings.add({ what: `event ${seq} belongs in the table, but has no row`, seq, table });
      rows++;
      for (const column of ['type', 'actor'] as const)
        if (row[column] !== expected[column])
          findings.add({ what: `${table} ${seq}: ${column} differs from its event`, seq, table, column });
    },
    end() {
      if (existing(count.get()) !== rows)
        findings.add({ what: `${table} has rows for events that do not belong in it`, table });
    },
  };
}
