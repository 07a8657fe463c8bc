import type { EndData } from '../model/event-data.ts';
import { ENDS, FACTS, statusOf, type Unit } from '../model/unit.ts';
import { own } from '../platform/own.ts';

/** A column of an export, with the same name in CSV, XLSX and JSONL. sqlite/export-reader.ts has its SQL. */
export interface Column {
  name: string;
  /**
   * `code`: only letters, digits and ". _ / -", so no format needs to escape it; `text`: any text; `json`: a JSON object;
   * `time`: ms since 1970; `stamp`: a time as in a ledger line.
   */
  kind: 'int' | 'code' | 'text' | 'json' | 'time' | 'stamp';
  /** Width in a workbook, in letters, when it differs from the kind's. */
  width?: number;
}

/** The data of a unit's events. */
export interface UnitStory {
  unit: Unit;
  identity: Map<string, string>;
  /** The body of the event that gave the unit out. */
  body: { readonly [name: string]: unknown };
  /** Fields of the event that ended the unit. */
  end: EndData | undefined;
}

export interface UnitColumn extends Column {
  /** The expected cell, for the check of a bundle; undefined when the events alone do not determine it. */
  told: (story: UnitStory) => string | undefined;
}

/* Add columns only at the end: people read them by position. docs/exports.md describes each. */

export const UNIT_COLUMNS: UnitColumn[] = [
  { name: 'seq', kind: 'int', told: ({ unit }) => String(unit.id) },
  { name: 'uci', kind: 'code', told: ({ unit }) => unit.uci },
  { name: 'serial', kind: 'code', told: ({ unit }) => unit.serial ?? '' },
  { name: 'product', kind: 'code', width: 30, told: ({ unit }) => unit.product },
  // A device without its own name has the product's, which the unit's events do not contain.
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

/** Undefined when the value is not text. */
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
 * How a format writes one row: an SQL expression over the columns. Joining a thousand rows inside SQLite takes less than
 * half the time of row by row.
 */
export interface Form {
  row: string;
  /** The expression may use `n`: for the nth matching row, counted from 1, `numbered(nth)`. */
  numbered?: (nth: number) => string;
  /** Rows whose text contains `sign` are written by `row` with these functions instead: slow, but rare. */
  care?: { sign: RegExp; row: string; functions: { [name: string]: (value: string) => string } };
}

/** A `time` as RFC 3339, UTC with ms, as in ledger lines. `strftime` takes five times as long. */
export function isoTime(name: string): string {
  return `replace(datetime(${name} / 1000.0, 'unixepoch', 'subsec'), ' ', 'T') || 'Z'`;
}
