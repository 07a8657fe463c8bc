import type Database from 'better-sqlite3';
import type { AccessPage } from '../contract/ledger.ts';
import type { Row } from '../decide/seen.ts';
import type { Findings } from '../proof/verification.ts';
import { existing } from './existing.ts';

/*
 * The table `access_event` contains the number of each event about access. It also contains the number of each drill, so
 * that the last drills are found without reading the other events.
 */

interface Asked {
  before: number;
  limit: number;
  type: string | null;
  actor: string | null;
}

/** Returns the lines of one page of events, newest first. */
export function openAccessPages(db: Database.Database): (page: AccessPage) => string[] {
  const pages = (where: string) =>
    db
      .prepare<[Asked], string>(
        `SELECT line FROM access_event JOIN event USING (seq) WHERE seq < @before AND ${where} ORDER BY seq DESC LIMIT @limit`,
      )
      .pluck();
  const isAccess = `type <> 'drill-held'`;
  const [all, ofType, ofActor] = [pages(isAccess), pages('type = @type'), pages(`actor = @actor AND ${isAccess}`)];
  const ofBoth = pages('type = @type AND actor = @actor');
  return ({ before, limit, type = null, actor = null }) => {
    const asked = { before, limit, type, actor };
    if (type !== null && actor !== null) return ofBoth.all(asked);
    if (type !== null) return ofType.all(asked);
    return (actor === null ? all : ofActor).all(asked);
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
        return findings.add({ what: `event ${seq} belongs into the table and has no row`, seq, table });
      rows++;
      for (const column of ['type', 'actor'] as const)
        if (row[column] !== expected[column])
          findings.add({ what: `${table} ${seq}: ${column} differs from its event`, seq, table, column });
    },
    end() {
      if (existing(count.get()) !== rows)
        findings.add({ what: `${table} has rows for events that do not belong into it`, table });
    },
  };
}
