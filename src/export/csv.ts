import { isoTime, type Column, type Form } from './columns.ts';

/*
 * RFC 4180 in UTF-8, with CRLF and commas. Texts are in quotes and numbers are not. So a program that treats quoted
 * cells as text keeps S/Ns such as 0012 and 123E456789. An absent value is an empty cell. Spreadsheets run a text that
 * begins like a formula, even in quotes. If the system's list separator is a semicolon (as in most of Europe), a cell
 * also begins after each semicolon. So an apostrophe is added before a formula sign. An apostrophe in the same place
 * also gets an added apostrophe, so that the original text can be restored.
 */

/**
 * A spreadsheet may begin a cell in these places: at the start, and after a semicolon, a tab or a line break, also if
 * quotes follow. A text must not have a formula sign, a full-width formula sign or an apostrophe there.
 */
const BEGIN = String.raw`(?:^|[;\t\r\n])"*`;
const DANGER = new RegExp(`(?=[=+\\-@'＝＋－＠])(?<=${BEGIN})`, 'g');
const MARK = new RegExp(`'(?<=${BEGIN}')`, 'g');

/** Finds these places in complete lines, where texts begin with a quote. It may match too much, but misses nothing. */
const SIGN = /[";\t\r\n][=+\-@'＝＋－＠]/;

/** Changes a text so that spreadsheets do not run it as a formula. */
export function harmless(text: string): string {
  return text.replace(DANGER, "'");
}

/** Restores the text that `harmless` changed. */
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
  // `concat` treats NULL as an empty text.
  return `concat(${cells.join(`, ',', `)}, char(13, 10))`;
}

function quoted(name: string): string {
  return `'"' || replace(${name}, '"', '""') || '"'`;
}
