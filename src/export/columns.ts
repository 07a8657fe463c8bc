/** One column of an export: the same name in CSV, XLSX and JSONL. Its value in the ledger's terms is in sqlite/dump.ts. */
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

/* Added to at the end only: people read them by their place. docs/exports.md says what each one is. */

export const UNIT_COLUMNS: Column[] = [
  { name: 'seq', kind: 'int' },
  { name: 'uci', kind: 'code' },
  { name: 'serial', kind: 'code' },
  { name: 'product', kind: 'code', width: 30 },
  { name: 'name', kind: 'text' },
  { name: 'model', kind: 'text' },
  { name: 'work_order', kind: 'code' },
  { name: 'lot', kind: 'code' },
  { name: 'station', kind: 'code' },
  { name: 'reservation', kind: 'code' },
  { name: 'status', kind: 'code' },
  { name: 'reserved_at', kind: 'time' },
  { name: 'issued_at', kind: 'time' },
  { name: 'printed_at', kind: 'time' },
  { name: 'verified_at', kind: 'time' },
  { name: 'reported_at', kind: 'time' },
  { name: 'registered_at', kind: 'time' },
  { name: 'void_at', kind: 'time' },
  { name: 'scrapped_at', kind: 'time' },
  { name: 'end_reason', kind: 'text' },
  { name: 'end_note', kind: 'text' },
  { name: 'alarm', kind: 'text' },
  { name: 'outcome', kind: 'code' },
  { name: 'labels', kind: 'int' },
  { name: 'identity', kind: 'json' },
  { name: 'last_seq', kind: 'int' },
];

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
