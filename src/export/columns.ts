import type { EndData } from '../model/event-data.ts';
import { ENDS, FACTS, statusOf, type Unit } from '../model/unit.ts';
import { own } from '../platform/own.ts';

/** One column of an export: the same name in CSV, XLSX and JSONL. Its value in the ledger's terms is in sqlite/export-reader.ts. */
export interface Column {
  name: string;
  /**
   * `code`: letters, digits and ". _ / -" by the rule that let it in, so it needs no care in any format; `text`: whatever
   * somebody wrote; `json`: a JSON object; `time`: ms since 1970; `stamp`: a time as it stands in a line.
   */
  kind: 'int' | 'code' | 'text' | 'json' | 'time' | 'stamp';
  /** In a workbook, in letters, where it is another than its kind's. */
  width?: number;
}

/** What the events of a unit tell of it. */
export interface UnitStory {
  unit: Unit;
  identity: Map<string, string>;
  /** The body of the event that gave it out. */
  body: { readonly [name: string]: unknown };
  /** What the event says that ended it. */
  end: EndData | undefined;
}

export interface UnitColumn extends Column {
  /** What the cell must hold, for the check of a bundle; undefined where the events alone do not tell. */
  told: (story: UnitStory) => string | undefined;
}

/* Added to at the end only: people read them by their place. docs/exports.md says what each one is. */

export const UNIT_COLUMNS: UnitColumn[] = [
  { name: 'seq', kind: 'int', told: ({ unit }) => String(unit.id) },
  { name: 'uci', kind: 'code', told: ({ unit }) => unit.uci },
  { name: 'serial', kind: 'code', told: ({ unit }) => unit.serial ?? '' },
  { name: 'product', kind: 'code', width: 30, told: ({ unit }) => unit.product },
  // A device without a name of its own has the product's, which no event of the unit says.
  { name: 'name', kind: 'text', told: ({ body }) => textIn(body, 'name') || undefined },
  { name: 'model', kind: 'text', told: ({ body }) => textIn(body, 'model') },
  { name: 'work_order', kind: 'code', told: ({ unit }) => unit.workOrder ?? '' },
  { name: 'lot', kind: 'code', told: () => undefined },
  { name: 'station', kind: 'code', told: ({ unit }) => unit.station ?? '' },
  { name: 'reservation', kind: 'code', told: ({ unit }) => unit.reservation ?? '' },
  { name: 'status', kind: 'code', told: ({ unit }) => statusOf(unit) },
  ...[...FACTS, ...ENDS].map((fact): UnitColumn => ({
    name: `${fact}_at`,
    kind: 'time',
    told: ({ unit }) => timeIn(unit.facts[fact]),
  })),
  { name: 'end_reason', kind: 'text', told: ({ end }) => end?.reason ?? '' },
  { name: 'end_note', kind: 'text', told: ({ end }) => end?.note ?? '' },
  { name: 'alarm', kind: 'text', told: ({ unit }) => unit.alarm ?? '' },
  { name: 'outcome', kind: 'code', told: ({ unit }) => unit.outcome ?? '' },
  { name: 'labels', kind: 'int', told: ({ unit }) => String(unit.labels) },
  {
    name: 'identity',
    kind: 'json',
    told: ({ identity }) => (identity.size === 0 ? '' : JSON.stringify(Object.fromEntries(identity))),
  },
  { name: 'last_seq', kind: 'int', told: ({ unit }) => String(unit.lastSeq) },
];

function timeIn(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString();
}

/** Undefined where somebody said something that is no text. */
function textIn(body: UnitStory['body'], name: string): string | undefined {
  const value = own(body, name) ?? '';
  return typeof value === 'string' ? value : undefined;
}

export const EVENT_COLUMNS: Column[] = [
  { name: 'seq', kind: 'int' },
  { name: 'at', kind: 'stamp' },
  { name: 'type', kind: 'code' },
  { name: 'uci', kind: 'code' },
  { name: 'actor', kind: 'text' },
  { name: 'station', kind: 'code' },
  { name: 'work_order', kind: 'code' },
  { name: 'data', kind: 'json' },
];

/**
 * How a format writes one row: an SQL expression over the columns. A thousand rows put together inside SQLite cost less
 * than half of what they cost row by row.
 */
export interface Form {
  row: string;
  /** The expression has `n` as well: this text for the n-th of all rows that fit, 1 is the first. */
  numbered?: (nth: number) => string;
  /** Rows in whose text `sign` is found are written by `row` instead, with these functions: rare, so they may cost. */
  care?: { sign: RegExp; row: string; functions: { [name: string]: (value: string) => string } };
}

/** A `time` as RFC 3339, UTC with ms, as lines have it. `strftime` takes five times as long. */
export function isoTime(name: string): string {
  return `replace(datetime(${name} / 1000.0, 'unixepoch', 'subsec'), ' ', 'T') || 'Z'`;
}
