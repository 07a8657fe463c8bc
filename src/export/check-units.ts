import { readEvent } from '../model/event-check.ts';
import { bodyOf, type Event } from '../model/event.ts';
import type { PrintJob } from '../model/print-job.ts';
import { project, type Projected } from '../decide/project.ts';
import type { Row } from '../decide/seen.ts';
import type { Unit } from '../model/unit.ts';
import type { Findings } from '../proof/verification.ts';
import { UNIT_COLUMNS, type UnitStory } from './columns.ts';
import { asWritten } from '../platform/formula-marks.ts';
import { defined } from '../platform/own.ts';

/*
 * Compares units.csv with the events of its units. `project` (decide/project.ts) defines what an event means. A bundle
 * contains no products or work orders, so `project` finds no rows for them.
 */

/** The cells of a row, by column name. */
export type UnitCells = Record<string, string>;

export interface UnitCheck {
  event: (line: string) => Promise<void>;
  /** Reports each row that has no events, and each unit that has no row. */
  end: () => Promise<void>;
}

interface Held extends UnitStory {
  /** The numbers of the unit's print jobs. */
  jobs: Set<number>;
  cells: UnitCells | undefined;
}

/**
 * Reads the rows of units.csv and the events at the same time. The rows are in the order of the events that made their
 * units.
 */
export function openUnitCheck(nextRow: () => Promise<UnitCells | undefined>, findings: Findings): UnitCheck {
  const held = new Map<string, Held>();
  const jobs = new Map<number, PrintJob>();
  const seen: Projected = { ...UNKNOWN, unit: (uci) => held.get(uci)?.unit, printJob: (id) => jobs.get(id) };

  const make = async (unit: Unit): Promise<Held> => {
    const cells = await nextRow();
    const isIts = cells?.['seq'] === String(unit.id) && cells['uci'] === unit.uci;
    if (!isIts)
      findings.add({
        what: `event ${unit.id} made a unit, but units.csv has no row for it, or the row is out of order`,
        seq: unit.id,
        uci: unit.uci,
      });
    return {
      unit,
      identity: new Map(),
      body: {},
      end: undefined,
      set: undefined,
      jobs: new Set(),
      cells: isIts ? cells : undefined,
    };
  };
  const apply = (one: Held, rows: Row[], event: Event): void => {
    for (const row of rows) {
      if (row.table === 'identity') one.identity.set(row.property, row.value);
      if (row.table === 'freed-identity') one.identity.clear();
      if (row.table === 'print-job') {
        jobs.set(row.job.id, row.job);
        one.jobs.add(row.job.id);
        one.set = newestSet(one.jobs, jobs);
      }
    }
    if (one.unit.issuedSeq === event.seq) one.body = bodyOf(event);
    if (event.type === 'void' || event.type === 'scrapped') one.end = event.data;
  };
  return {
    async event(line) {
      const event = readEvent(line);
      // A render set belongs to no unit, because many units may share it.
      if (event.type === 'render-set') return;
      const rows = project(event, seen);
      const row = rows.find((one) => one.table === 'unit');
      if (row === undefined) {
        findings.add({ what: `event ${event.seq} names no unit`, seq: event.seq });
        return;
      }
      const { unit, before } = row;
      const one = before === undefined ? await make(unit) : defined(held.get(unit.uci));
      one.unit = unit;
      apply(one, rows, event);
      held.set(unit.uci, one);
      if (one.cells?.['last_seq'] !== String(unit.lastSeq)) return;
      compare(one, one.cells, findings);
      held.delete(unit.uci);
      for (const id of one.jobs) jobs.delete(id);
    },
    async end() {
      for (const { unit, cells } of held.values()) {
        if (cells === undefined) continue;
        const what = `events of unit ${unit.id} in units.csv are missing from events.jsonl, or its last event is missing from units.csv`;
        findings.add({ what, uci: unit.uci, column: 'last_seq' });
      }
      for (let row = await nextRow(); row !== undefined; row = await nextRow())
        findings.add({ what: `units.csv has a row that no event made, "seq" ${Number(row['seq'])}` });
    },
  };
}

/** Look-ups that `project` calls, although a bundle contains no data for them. */
const UNKNOWN = {
  product: () => undefined,
  station: () => undefined,
  printer: () => undefined,
  workOrder: () => undefined,
  // Only units are compared, so the values in this list do not matter.
  shippingList: (id: string) => ({ id, target: 1, units: 1 }),
  counter: () => 0,
};

function compare(held: Held, cells: UnitCells, findings: Findings): void {
  const { id, uci } = held.unit;
  for (const { name, kind, told } of UNIT_COLUMNS) {
    const wanted = told(held);
    // A bundle from an earlier version of the program has fewer columns.
    if (wanted === undefined || cells[name] === undefined) continue;
    const cell = kind === 'text' || kind === 'json' ? asWritten(cells[name]) : cells[name];
    if (cell === wanted || (kind === 'json' && isSameJson(cell, wanted))) continue;
    findings.add({
      what: `units.csv: ${name} of unit ${id} differs from its events`,
      uci,
      table: 'units.csv',
      column: name,
    });
  }
}

function isSameJson(a: string, b: string): boolean {
  try {
    const sorted = (text: string): string =>
      JSON.stringify(Object.entries(JSON.parse(text)).toSorted(([one], [other]) => (one < other ? -1 : 1)));
    return sorted(a) === sorted(b);
  } catch {
    return false;
  }
}

/** Returns the render set of the newest print job that was sent. */
function newestSet(ids: Set<number>, jobs: Map<number, PrintJob>): number | undefined {
  const sent = [...ids].filter((id) => jobs.get(id)?.set !== undefined);
  return sent.length === 0 ? undefined : jobs.get(Math.max(...sent))?.set;
}
