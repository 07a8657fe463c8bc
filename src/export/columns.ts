import type { EndData } from '../model/event-data.ts';
import { ENDS, FACTS, statusOf, type Unit } from '../model/unit.ts';
import { own } from '../platform/own.ts';

/**
 * A column of an export. The column's name is the same in CSV, XLSX and JSONL. The column's SQL is in
 * sqlite/export-reader.ts.
 */
export interface Column {
  name: string;
  /**
   * `code` contains only letters, digits and ". _ / -", so no format needs to escape it. `text` is any text. `json` is
   * a JSON object. `time` is a number of ms since 1970. `stamp` is a time in the format of ledger lines.
   */
  kind: 'int' | 'code' | 'text' | 'json' | 'time' | 'stamp';
  /**
   * The column's width in an Excel file, in characters. If no width is given, the column has the default width for its
   * kind.
   */
  width?: number;
}

/** The unit's own data, from its events. */
export interface UnitStory {
  unit: Unit;
  identity: Map<string, string>;
  /** The body that the device sent, from the event that issued the unit. */
  body: { readonly [name: string]: unknown };
  /** The data of the event that voided or scrapped the unit. */
  end: EndData | undefined;
  /** The render set of the newest label. */
  set: number | undefined;
}

export interface UnitColumn extends Column {
  /**
   * Used to check a bundle: returns the value that the cell should have. Returns undefined if that value cannot be
   * computed from the unit's events.
   */
  told: (story: UnitStory) => string | undefined;
}

/* Add new columns only at the end, because people read columns by position. docs/formats.md describes the columns. */

export const UNIT_COLUMNS: UnitColumn[] = [
  { name: 'seq', kind: 'int', told: ({ unit }) => String(unit.id) },
  { name: 'uci', kind: 'code', told: ({ unit }) => unit.uci },
  { name: 'serial', kind: 'code', told: ({ unit }) => unit.serial ?? '' },
  { name: 'product', kind: 'code', width: 30, told: ({ unit }) => unit.product },
  // If a device sends no name, the cell contains the product's name. This name is not in the unit's events.
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
  // The unit's last return. The row's facts and status cover only the time since this return.
  { name: 'rma', kind: 'code', told: ({ unit }) => unit.extra?.return?.rma ?? '' },
  { name: 'returned_at', kind: 'time', told: ({ unit }) => timeIn(unit.extra?.return?.at) },
  { name: 'return_reason', kind: 'text', told: ({ unit }) => unit.extra?.return?.reason ?? '' },
  { name: 'disposition', kind: 'code', told: ({ unit }) => unit.extra?.return?.disposition ?? '' },
  { name: 'return_end', kind: 'code', told: ({ unit }) => unit.extra?.return?.closed?.how ?? '' },
  { name: 'return_closed_at', kind: 'time', told: ({ unit }) => timeIn(unit.extra?.return?.closed?.at) },
  { name: 'lives', kind: 'json', told: ({ unit: { extra } }) => (extra?.lives ? JSON.stringify(extra.lives) : '') },
  // The render set (template, fonts and so on) with which the unit's newest label was printed.
  { name: 'render_set', kind: 'int', told: ({ set }) => (set === undefined ? '' : String(set)) },
  // The labels of other roles, such as box. The column `labels` counts only labels of the device.
  {
    name: 'role_labels',
    kind: 'json',
    told: ({ unit: { extra } }) => (extra?.roleLabels ? JSON.stringify(extra.roleLabels) : ''),
  },
];

function timeIn(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString();
}

/** Returns undefined if the value in the body is not a string. */
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
 * The SQL that a format uses to write one row. `row` is an SQL expression over the columns. SQLite joins the texts of a
 * thousand rows. Reading the joined texts takes less than half as long as reading row by row.
 */
export interface Form {
  row: string;
  /**
   * The expression `row` may use `n`. In the first matching row, `n` is `numbered(1)`, in the second `numbered(2)`, and
   * so on.
   */
  numbered?: (nth: number) => string;
  /**
   * If a row's text matches `sign`, the row is reformatted with the `row` and `functions` given here. Reformatting is
   * slow, but few rows match.
   */
  care?: { sign: RegExp; row: string; functions: { [name: string]: (value: string) => string } };
}

/**
 * Formats a `time` like the lines of the ledger: as RFC 3339 in UTC with ms. SQLite's function `strftime` would take
 * five times as long.
 */
export function isoTime(name: string): string {
  return `replace(datetime(${name} / 1000.0, 'unixepoch', 'subsec'), ' ', 'T') || 'Z'`;
}
