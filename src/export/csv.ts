import { isoTime, type Column, type Form } from './columns.ts';

/*
 * RFC 4180 in UTF-8: CRLF, a comma, every text in quotes and every number without, so that a program which takes quoted
 * cells for text gets S/Ns such as 0012 and 123E456789 as they are. An absent value is an empty cell.
 *
 * Spreadsheets run what begins like a formula, also inside of quotes, and where the system's list separator is a
 * semicolon (as in most of Europe) a cell of theirs begins behind each one. So an apostrophe stands before the sign, and
 * before an apostrophe that stood there already, which makes it possible to take it away again.
 */

/**
 * Where a spreadsheet may see a cell begin: at the start, behind a semicolon, a tab or a line break, quotes or none
 * between. What must not stand there: the signs of formulas, their wide forms, and our own mark.
 */
const BEGIN = String.raw`(?:^|[;\t\r\n])"*`;
const DANGER = new RegExp(`(?=[=+\\-@'＝＋－＠])(?<=${BEGIN})`, 'g');
const MARK = new RegExp(`'(?<=${BEGIN}')`, 'g');

/** The same places in finished lines, where each text begins with a quote: more than needed, never less. */
const SIGN = /[";\t\r\n][=+\-@'＝＋－＠]/;

/** No spreadsheet takes it for a formula. */
export function harmless(text: string): string {
  return text.replace(DANGER, "'");
}

/** What it was before it was made harmless. */
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
  // To `concat` nothing is an empty text.
  return `concat(${cells.join(`, ',', `)}, char(13, 10))`;
}

function quoted(name: string): string {
  return `'"' || replace(${name}, '"', '""') || '"'`;
}
