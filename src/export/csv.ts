import { isoTime, type Column, type Form } from './columns.ts';

/*
 * RFC 4180 in UTF-8: CRLF, commas, every text in quotes and every number without, so that a program that treats quoted
 * cells as text keeps S/Ns such as 0012 and 123E456789. An absent value is an empty cell.
 *
 * Spreadsheets run text that begins like a formula, even in quotes. If the system's list separator is a semicolon (as in
 * most of Europe), a cell also begins after each semicolon. So an apostrophe is put before the sign, and before an
 * apostrophe that is already there, so that it can be removed again.
 */

/**
 * Places where a spreadsheet may begin a cell: at the start, after a semicolon, a tab or a line break, with or without
 * quotes. Not allowed there: formula signs, their full-width forms, and our own apostrophe.
 */
const BEGIN = String.raw`(?:^|[;\t\r\n])"*`;
const DANGER = new RegExp(`(?=[=+\\-@'＝＋－＠])(?<=${BEGIN})`, 'g');
const MARK = new RegExp(`'(?<=${BEGIN}')`, 'g');

/** The same places in finished lines, where each text begins with a quote. May find too many, never too few. */
const SIGN = /[";\t\r\n][=+\-@'＝＋－＠]/;

/** Prevents spreadsheets from running a text as a formula. */
export function harmless(text: string): string {
  return text.replace(DANGER, "'");
}

/** The original text. */
export function asWritten(cell: string): string {
  return cell.replace(MARK, '');
}

export function csvHead(columns: Column[]): string {
  return `${columns.map(({ name }) => name).join(',')}\r\n`;
}

export function csvForm(columns: Column[]): Form {
  return {
    row: row(columns, quoted),
    care: {
      sign: SIGN,
      row: row(columns, (name) => `csv_cell(${name})`),
      functions: { csv_cell: (text) => `"${harmless(text).replaceAll('"', '""')}"` },
    },
  };
}

function row(columns: Column[], text: (name: string) => string): string {
  const cells = columns.map(({ name, kind }) => {
    if (kind === 'int') return name;
    if (kind === 'time') return `'"' || ${isoTime(name)} || '"'`;
    if (kind === 'code' || kind === 'stamp') return `'"' || ${name} || '"'`;
    return text(name);
  });
  // `concat` treats NULL as empty text.
  return `concat(${cells.join(`, ',', `)}, char(13, 10))`;
}

function quoted(name: string): string {
  return `'"' || replace(${name}, '"', '""') || '"'`;
}
