import type Database from 'better-sqlite3';
import { advanceUnit, movedJob, queuedJob } from '../model/advance.ts';
import { readEvent } from '../model/event-check.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { Unit } from '../model/unit.ts';

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
  const earlier = db
    .prepare<[number, number], string>(
      `WITH RECURSIVE chain (seq, line, prev) AS (
         SELECT seq, line, prev FROM event WHERE seq = ?
         UNION ALL SELECT event.seq, event.line, event.prev FROM event JOIN chain ON event.seq = chain.prev)
       SELECT line FROM chain WHERE seq <= ? ORDER BY seq`,
    )
    .pluck();
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
