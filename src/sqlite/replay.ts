import { existing } from './existing.ts';
import type Database from 'better-sqlite3';
import { checkEvent } from '../model/event-check.ts';
import { parseLine, type EventLine } from '../model/event.ts';
import { previousOf, project, type Projected } from '../decide/project.ts';
import type { Row } from '../decide/seen.ts';
import type { Findings } from '../proof/verification.ts';
import { openJobCompare } from './compare-jobs.ts';
import { openSmallTables } from './compare-tables.ts';
import { openUnitCompare } from './compare-units.ts';

/*
 * What the events come to, compared with what stands in the tables. What an event means is said in one place, `project`
 * (seen.ts); here its rows are held against the stored ones instead of being saved.
 *
 * Rows of units and print jobs are numbered as the events that made them, so both are read side by side, a block at a
 * time. What has become what its row says is let go of; should a later event ask for it, its row is what it was. So
 * memory holds what is on its way, not ten million units.
 */

/** Events and rows read at a time. */
const BLOCK = 1024;

/** Runs inside the caller's transaction, over events 1 to `size`. */
export function replay(
  db: Database.Database,
  size: number,
  findings: Findings,
  onProgress: (done: number) => void,
): void {
  let seq = 0;
  const small = openSmallTables(db, findings);
  const units = openUnitCompare(db, small.ids, findings, () => seq);
  const jobs = openJobCompare(db, small.ids, findings, () => seq);
  const seen: Projected = { ...small.seen, unit: units.get, printJob: jobs.get };
  const block = openBlocks(db);

  const apply = (row: Row): void => {
    if (row.table === 'unit') units.save(row.unit, row.before);
    else if (row.table === 'identity') units.bind(row.property, row.value);
    else if (row.table === 'freed-identity') units.free();
    else if (row.table === 'print-job') jobs.save(row.job, units.current()?.id);
    else small.save(row);
  };
  const replayLine = (line: string, prev: number | null): void => {
    const parsed = readLine(line, seq, findings);
    if (parsed === undefined) return;
    try {
      const rows = project(checkEvent(parsed), seen);
      if (previousOf(rows) !== prev) addWrongPrevious(findings, parsed, previousOf(rows), prev);
      for (const row of rows) apply(row);
      units.settle();
    } catch {
      // What was thrown names what the code missed, not what is wrong with the ledger.
      findings.add({ what: `event ${seq} does not fit the events before it`, seq, table: 'event' });
    }
  };
  for (let begin = 0; begin < size;) {
    const { end, lines, prevs, seqs } = block(begin, Math.min(begin + BLOCK, size));
    units.load(begin, end);
    jobs.load(begin, end);
    for (const [i, line] of lines.entries()) {
      seq = seqs?.[i] ?? begin + 1 + i;
      replayLine(line, prevs[i] ?? null);
    }
    onProgress(end);
    begin = end;
  }
  units.end();
  jobs.end();
  small.end();
}

interface Block {
  end: number;
  lines: string[];
  prevs: (number | null)[];
  /** Where some are missing. */
  seqs?: number[];
}

function openBlocks(db: Database.Database): (begin: number, end: number) => Block {
  const lines = db
    .prepare<[number, number], string>(`SELECT line FROM event WHERE seq > ? AND seq <= ? ORDER BY seq`)
    .pluck();
  // Numbers of a block as one text: a value each would take longer than what is done with them.
  const numbers = (column: 'seq' | 'prev'): ((begin: number, end: number) => number[]) => {
    const select = db.prepare<[number, number], string>(
      `SELECT json_group_array(${column}) FROM (SELECT ${column} FROM event WHERE seq > ? AND seq <= ? ORDER BY seq)`,
    );
    return (begin, end) => JSON.parse(existing(select.pluck().get(begin, end)));
  };
  const [seqs, prevs] = [numbers('seq'), numbers('prev')];
  const next = db.prepare<[number], number>(`SELECT min(seq) FROM event WHERE seq > ?`).pluck();
  return (begin, end) => {
    const block = { end, lines: lines.all(begin, end), prevs: prevs(begin, end) };
    if (block.lines.length === end - begin) return block;
    // Where events are missing, the next one may be far away.
    if (block.lines.length === 0) return { ...block, end: existing(next.get(begin)) - 1 };
    return { ...block, seqs: seqs(begin, end) };
  };
}

function readLine(line: string, seq: number, findings: Findings): EventLine | undefined {
  try {
    const event = parseLine(line);
    if (event.seq !== seq)
      findings.add({ what: `event ${seq} says that it is number ${event.seq}`, seq, table: 'event' });
    event.seq = seq;
    return event;
  } catch {
    // A parser's words quote what they stumbled over, which may be a Claim ID.
    findings.add({ what: `event ${seq} is no line of a ledger`, seq, table: 'event' });
    return undefined;
  }
}

function addWrongPrevious(findings: Findings, event: EventLine, expected: number | null, stored: number | null): void {
  const { seq, uci } = event;
  findings.add({
    what: `event ${seq} names ${stored ?? 'none'} as its unit's event before; it is ${expected ?? 'none'}`,
    seq,
    table: 'event',
    column: 'prev',
    ...(uci === undefined ? {} : { uci }),
  });
}
