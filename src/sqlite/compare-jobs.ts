import type Database from 'better-sqlite3';
import type { PrintJob } from '../model/print-job.ts';
import type { Findings } from '../proof/verification.ts';
import { JOB_COLUMNS, jobFrom, jobValues, SELECT_JOB, type JobRow, type JobIdsOf } from './job-row.ts';
import type { Value } from './unit-row.ts';
import { existing } from './existing.ts';

/** Makes print jobs from the events and compares them with their rows, as compare-units.ts does for units. */
export interface JobCompare {
  load: (begin: number, end: number) => void;
  get: (id: number) => PrintJob | undefined;
  /** `unit` is the row id of the unit that the label is for. */
  save: (job: PrintJob, unit: number | undefined) => void;
  end: () => void;
}

interface Held {
  job: PrintJob;
  unit: number | undefined;
  stored: Value[] | undefined;
}

const COLUMNS = JOB_COLUMNS.split(',').map((name) => name.trim());
const ID = COLUMNS.indexOf('id');

export function openJobCompare(
  db: Database.Database,
  ids: Omit<JobIdsOf, 'unit'>,
  findings: Findings,
  seq: () => number,
): JobCompare {
  const block = db
    .prepare<[number, number], Value[]>(`SELECT ${JOB_COLUMNS} FROM print_job WHERE id > ? AND id <= ?`)
    .raw();
  const byId = db.prepare<[number], JobRow>(`${SELECT_JOB} WHERE print_job.id = ?`);
  const held = new Map<number, Held>();
  let loaded = new Map<number, Value[]>();

  const valuesOf = ({ job, unit }: Held): Value[] => jobValues(job, { ...ids, unit: () => unit });
  const fetch = (id: number): Held | undefined => {
    const [values] = id < seq() ? block.all(id - 1, id) : [];
    const row = values && byId.get(id);
    if (row === undefined) return undefined;
    const job = jobFrom(row);
    const found = { job, unit: undefined, stored: values };
    held.set(id, found);
    return found;
  };
  const unmade = (): void => {
    for (const id of loaded.keys())
      findings.add({ what: `print job ${id} has a row, but no event made it`, table: 'print_job' });
  };
  return {
    load(begin, end) {
      unmade();
      loaded = new Map(block.all(begin, end).map((values) => [Number(values[ID]), values]));
    },
    get: (id) => (held.get(id) ?? fetch(id))?.job,
    save(job, unit) {
      const known = held.get(job.id);
      const one = { job, unit, stored: known ? known.stored : loaded.get(job.id) };
      loaded.delete(job.id);
      const isSame = one.stored !== undefined && valuesOf(one).every((value, i) => value === one.stored?.[i]);
      if (isSame) held.delete(job.id);
      else held.set(job.id, one);
    },
    end() {
      unmade();
      for (const one of held.values()) {
        const { job, stored } = one;
        const about = { table: 'print_job', uci: job.uci };
        if (stored === undefined) findings.add({ ...about, what: `print job ${job.id} has events, but no row` });
        for (const [i, value] of stored === undefined ? [] : valuesOf(one).entries()) {
          if (value === stored?.[i]) continue;
          const column = existing(COLUMNS[i]);
          findings.add({ ...about, column, what: `print job ${job.id}: ${column} differs from its events` });
        }
      }
    },
  };
}
