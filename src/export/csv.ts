import { harmless } from '../platform/formula-marks.ts';
import { isoTime, type Column, type Form } from './columns.ts';

/*
 * CSV files follow RFC 4180, in UTF-8, with CRLF line ends and commas. Texts are quoted and numbers are not. The
 * quotes make programs read S/Ns such as 0012 and 123E456789 as text. An absent value is an empty cell. A spreadsheet
 * treats a text that starts with a formula character as a formula, even if the text is quoted. If the system's list
 * separator is a semicolon (as in most of Europe), a cell also begins after each semicolon. To prevent formulas, this
 * code puts an apostrophe before each formula character at the start of a cell. If a cell already starts with an
 * apostrophe, this code puts a second apostrophe before it. So a program can restore the original text.
 */

/**
 * Finds lines in which a cell may start with a formula character or an apostrophe. The pattern may match too many
 * lines, but never misses such a line.
 */
const SIGN = /[";\t\r\n][=+\-@'＝＋－＠]/;

/** The character between the cells. In most of Europe, Excel expects semicolons. */
export type Separator = ',' | ';';

export function csvHead(columns: Column[], separator: Separator = ','): string {
  return `${columns.map(({ name }) => name).join(separator)}\r\n`;
}

export function csvForm(columns: Column[], separator: Separator = ','): Form {
  return {
    row: row(columns, separator, quoted),
    care: {
      sign: SIGN,
      row: row(columns, separator, (name) => `csv_cell(${name})`),
      functions: { csv_cell: (text) => `"${harmless(text).replaceAll('"', '""')}"` },
    },
  };
}

function row(columns: Column[], separator: Separator, text: (name: string) => string): string {
  const cells = columns.map(({ name, kind }) => {
    if (kind === 'int') return name;
    if (kind === 'time') return `'"' || ${isoTime(name)} || '"'`;
    if (kind === 'code' || kind === 'stamp') return `'"' || ${name} || '"'`;
    return text(name);
  });
  // `concat` (unlike `||`) treats NULL as an empty string.
  return `concat(${cells.join(`, '${separator}', `)}, char(13, 10))`;
}

function quoted(name: string): string {
  return `'"' || replace(${name}, '"', '""') || '"'`;
}
