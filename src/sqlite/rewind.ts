import type Database from 'better-sqlite3';
import type { LaterEnd } from '../decide/report.ts';
import { advanceUnit, movedJob, queuedJob } from '../model/advance.ts';
import { readEvent } from '../model/event-check.ts';
import type { PrintJob } from '../model/print-job.ts';
import { isEnded, type Unit } from '../model/unit.ts';

interface Counted {
  units: Unit[];
  jobs: PrintJob[];
}

/**
 * Returns units and their print jobs as they were directly after event `seq`. Only units that have had an event since
 * then are recalculated, from their own events. `jobs` are the print jobs of these units.
 */
export function rewound(db: Database.Database, { units, jobs }: Counted, seq: number): Counted {
  const changed = units.filter(({ lastSeq }) => lastSeq > seq);
  if (changed.length === 0) return { units, jobs };
  const earlier = linesUntil(db);
  const was = new Map<string, Unit | undefined>();
  const jobsThen: PrintJob[] = [];
  for (const { uci, lastSeq } of changed) {
    const { unit, own } = replayed(earlier.all(lastSeq, seq));
    was.set(uci, unit);
    jobsThen.push(...own);
  }
  return {
    units: units.flatMap((unit) => (was.has(unit.uci) ? (was.get(unit.uci) ?? []) : unit)),
    jobs: [...jobs.filter(({ uci }) => !was.has(uci)), ...jobsThen].toSorted((a, b) => a.id - b.id),
  };
}

/**
 * Returns a statement that reads the events of a unit up to a given event, oldest first. The caller gives the number of
 * the unit's last event.
 */
function linesUntil(db: Database.Database): Database.Statement<[number, number], string> {
  return db
    .prepare<[number, number], string>(
      `WITH RECURSIVE chain (seq, line, prev) AS (
         SELECT seq, line, prev FROM event WHERE seq = ?
         UNION ALL SELECT event.seq, event.line, event.prev FROM event JOIN chain ON event.seq = chain.prev)
       SELECT line FROM chain WHERE seq <= ? ORDER BY seq`,
    )
    .pluck();
}

/** Returns the events after event `seq` that voided, scrapped or returned one of the units, oldest first. */
export function endedSince(db: Database.Database, units: Unit[], seq: number): LaterEnd[] {
  const lines = linesUntil(db);
  const later: LaterEnd[] = [];
  for (const unit of units) {
    if (unit.lastSeq <= seq || (!isEnded(unit) && unit.extra?.return === undefined)) continue;
    let before: Unit | undefined;
    for (const line of lines.all(unit.lastSeq, unit.lastSeq)) {
      const event = readEvent(line);
      const isEnd = event.type === 'void' || event.type === 'scrapped' || event.type === 'returned';
      if (isEnd && event.seq > seq && before !== undefined) later.push({ event, before });
      before = advanceUnit(before, event);
    }
  }
  return later.toSorted((a, b) => a.event.seq - b.event.seq);
}

function replayed(lines: string[]): { unit: Unit | undefined; own: PrintJob[] } {
  let unit: Unit | undefined;
  const own = new Map<number, PrintJob>();
  for (const line of lines) {
    const event = readEvent(line);
    unit = advanceUnit(unit, event);
    if (event.type === 'print-queued') own.set(event.seq, queuedJob(event));
    if (event.type === 'print-moved' || event.type === 'printed')
      own.set(event.data.job, movedJob(event, own.get(event.data.job)));
  }
  return { unit, own: [...own.values()] };
}
