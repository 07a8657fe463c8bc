import { existing } from './existing.ts';
import type Database from 'better-sqlite3';
import { checkEvent } from '../model/event-check.ts';
import { parseLine, type EventLine } from '../model/event.ts';
import { previousOf, project, type Projected } from '../decide/project.ts';
import type { Row } from '../decide/seen.ts';
import type { Findings } from '../proof/verification.ts';
import type { AccessChecked } from './compare-access.ts';
import { openAccessCompare } from './access-events.ts';
import { openJobCompare } from './compare-jobs.ts';
import { openSmallTables } from './compare-tables.ts';
import { openShipmentCompare } from './shipping-rows.ts';
import { openUnitCompare } from './compare-units.ts';

/*
 * Remakes the tables from the events and compares them with the stored tables. Only `project` (decide/project.ts)
 * defines what an event means. The service saves the rows that `project` returns. This check compares the rows from
 * `project` with the stored ones. The row of a unit or a print job has the number of the event that made it. So rows
 * and events can be read together, block by block. Ten million units would not fit in memory. So a unit or print job
 * that equals its row is dropped from memory. If a later event changes such a unit or print job, that unit or job is
 * reread.
 */

/** How many events and rows are read at a time. */
const BLOCK = 1024;

/** Compares the events from 1 to `size`. The caller must have opened a transaction. */
export function replay(
  db: Database.Database,
  size: number,
  findings: Findings,
  onProgress: (done: number) => void,
): AccessChecked {
  let seq = 0;
  const small = openSmallTables(db, findings);
  const units = openUnitCompare(db, small.ids, findings, () => seq);
  const jobs = openJobCompare(db, small.ids, findings, () => seq);
  const access = openAccessCompare(db, findings);
  const shipments = openShipmentCompare(db, findings, { list: small.ids.list, unit: () => units.current()?.id });
  const seen: Projected = { ...small.seen, unit: units.get, printJob: jobs.get };
  const block = openBlocks(db);

  const apply = (row: Row): void => {
    if (row.table === 'unit') units.save(row.unit, row.before);
    else if (row.table === 'identity') units.bind(row.property, row.value);
    else if (row.table === 'freed-identity') units.free();
    else if (row.table === 'access-event') access.save(row);
    else if (row.table === 'shipment' || row.table === 'dropped-shipment') shipments.save(row);
    else if (row.table === 'print-job') jobs.save(row.job, units.current()?.id);
    else small.save(row);
  };
  const replayLine = (line: string, prev: number | null): void => {
    const parsed = readLine(line, seq, findings);
    if (parsed === undefined) return;
    try {
      const event = checkEvent(parsed);
      const rows = project(event, seen);
      small.tell(event);
      if (previousOf(rows) !== prev) addWrongPrevious(findings, parsed, previousOf(rows), prev);
      for (const row of rows) apply(row);
      units.settle();
    } catch {
      // The message of the error is ignored, because it describes a missing value and not what is wrong in the ledger.
      findings.add({ what: `event ${seq} contradicts the events before it`, seq, table: 'event' });
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
  access.end();
  shipments.end();
  return small.end();
}

interface Block {
  end: number;
  lines: string[];
  prevs: (number | null)[];
  /** The numbers of the events. Undefined if no event is missing. */
  seqs?: number[];
}

function openBlocks(db: Database.Database): (begin: number, end: number) => Block {
  const lines = db
    .prepare<[number, number], string>(`SELECT line FROM event WHERE seq > ? AND seq <= ? ORDER BY seq`)
    .pluck();
  // Reads the numbers of a block as a single text. Reading the numbers as separate values would take longer than
  // comparing them.
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
    // If events are missing, the next one may have a much higher number.
    if (block.lines.length === 0) return { ...block, end: existing(next.get(begin)) - 1 };
    return { ...block, seqs: seqs(begin, end) };
  };
}

function readLine(line: string, seq: number, findings: Findings): EventLine | undefined {
  try {
    const event = parseLine(line);
    if (event.seq !== seq)
      findings.add({ what: `event ${seq} has the number ${event.seq} in its line`, seq, table: 'event' });
    event.seq = seq;
    return event;
  } catch {
    // The message of the error is not used. A JSON parser quotes the faulty text in its message, and this text may
    // contain a Claim ID.
    findings.add({ what: `event ${seq} is not a ledger line`, seq, table: 'event' });
    return undefined;
  }
}

function addWrongPrevious(findings: Findings, event: EventLine, expected: number | null, stored: number | null): void {
  const { seq, uci } = event;
  findings.add({
    what: `event ${seq} names ${stored ?? 'none'} as its unit's previous event, but the previous event is ${expected ?? 'none'}`,
    seq,
    table: 'event',
    column: 'prev',
    ...(uci === undefined ? {} : { uci }),
  });
}
