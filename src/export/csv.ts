import { harmless } from '../platform/formula-marks.ts';
import { isoTime, type Column, type Form } from './columns.ts';

/*
 * CSV files are in the format of RFC 4180, in UTF-8, with CRLF and commas. Texts are in quotes and numbers are not, so
 * that programs read S/Ns such as 0012 and 123E456789 as text. An absent value is an empty cell. A spreadsheet treats a
 * text that begins with a formula sign as a formula, even if the text is in quotes. If the system's list separator is a
 * semicolon (as in most of Europe), a cell also begins after each semicolon. To prevent formulas, this code adds an
 * apostrophe before each formula sign at the beginning of a cell. An apostrophe at the beginning of a cell also gets an
 * apostrophe before it, so that the original text can be restored.
 */

/**
 * Finds lines in which a formula sign or an apostrophe may be at the beginning of a cell. The pattern may match too
 * many lines, but it misses no line.
 */
const SIGN = /[";\t\r\n][=+\-@'＝＋－＠]/;

/** The separator of the cells. In most of Europe, Excel expects semicolons. */
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
  // `concat` treats NULL as an empty text.
  return `concat(${cells.join(`, '${separator}', `)}, char(13, 10))`;
}

function quoted(name: string): string {
  return `'"' || replace(${name}, '"', '""') || '"'`;
}
