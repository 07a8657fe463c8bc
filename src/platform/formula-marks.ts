/*
 * Exports put an apostrophe before each text that a spreadsheet would run as a formula. Imports remove this apostrophe
 * (docs/formats.md).
 */

/**
 * A spreadsheet may start a new cell at the beginning of a text, or after a semicolon, a tab or a line break. The cell
 * may begin with quotes. Matches a formula character, a full-width formula character or an apostrophe at the beginning
 * of a cell.
 */
const BEGIN = String.raw`(?:^|[;\t\r\n])"*`;
const DANGER = new RegExp(`(?=[=+\\-@'＝＋－＠])(?<=${BEGIN})`, 'g');
const MARK = new RegExp(`'(?<=${BEGIN}')`, 'g');

/** Changes a text so that spreadsheets do not run it as a formula. */
export function harmless(text: string): string {
  return text.replace(DANGER, "'");
}

/** Restores the text that `harmless` changed. */
export function asWritten(cell: string): string {
  return cell.replace(MARK, '');
}
