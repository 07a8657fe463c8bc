import { own } from '../platform/own.ts';
import { LINE_END } from './text.ts';
import type { Cell, Problem, Row, Sheet } from './problem.ts';

/** The separators that spreadsheet programs use, with their names. */
const SEPARATORS: Record<string, string> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
  '，': 'full-width commas',
  '；': 'full-width semicolons',
};

/**
 * Reads rows from text. If the first line is, for example, `sep=;`, which Excel writes and reads, it names the
 * separator. Otherwise, this function uses the separator that gives the highest score in the first rows. `score` says
 * how much a row looks like a header.
 */
export function readCsv(text: string, encoding: string, score: (header: Cell[]) => number): Sheet {
  const named = /^"?sep=([^"\r\n])"?[,;\t]*(?:\r\n|\r|\n|$)/i.exec(text);
  const separator = named?.[1] ?? bestSeparator(text, score);
  const problems: Problem[] = [];
  const rows: Row[] = [];
  const begin = named?.[0].length ?? 0;
  for (const row of records(text, begin, separator, problems)) if (!isBlank(row)) rows.push(row);
  const words = own(SEPARATORS, separator) ?? `"${separator}"`;
  return { format: `CSV in ${encoding}, separated by ${words}`, rows, problems, marked: true };
}

function bestSeparator(text: string, score: (header: Cell[]) => number): string {
  const scored = Object.keys(SEPARATORS).map((separator) => {
    const best = { separator, score: 0, cells: 0 };
    let rows = 0;
    for (const row of records(text, 0, separator, [])) {
      if (isBlank(row)) continue;
      const found = score(row.cells);
      if (rows === 0 || found > best.score) Object.assign(best, { score: found, cells: row.cells.length });
      if (++rows > MAX_TITLES) break;
    }
    return best;
  });
  return scored.toSorted((a, b) => b.score - a.score || b.cells - a.cells)[0]?.separator ?? ',';
}

/** The maximum number of lines, such as a title and a date, that are skipped above the header. */
export const MAX_TITLES = 10;

export function isBlank({ cells }: Row): boolean {
  return cells.every(({ text }) => text.trim() === '');
}

/**
 * Reads the rows of a CSV text (RFC 4180), with any kind of line end. If a cell does not start with a quote, quotes
 * inside it are part of the text, as in `24" panel`. Stops at a quote that is never closed, because the rest of the
 * file cannot be divided into cells.
 */
function* records(text: string, begin: number, separator: string, problems: Problem[]): Generator<Row> {
  let at = begin;
  let line = linesIn(text.slice(0, begin));
  while (at < text.length) {
    const row: Row = { line: line + 1, cells: [] };
    do {
      const quote = quoteAt(text, at, separator);
      const cell = quote === undefined ? bareCell(text, at, separator) : quotedCell(text, quote, separator);
      if (cell === undefined) {
        const why = 'a quotation mark is opened and never closed: close it, or write it twice';
        problems.push({ line: row.line, cause: 'quote-not-closed', why });
        return;
      }
      line += linesIn(text.slice(at, cell.end));
      at = cell.end;
      if (cell.quoted && at < text.length && text[at] !== separator && !isLineEnd(text, at)) {
        const why = 'text follows a closing quotation mark: write quotation marks inside quotes twice';
        problems.push({ line: row.line, cause: 'quote-in-text', why });
        at = bareCell(text, at, separator).end;
      }
      row.cells.push({ text: cell.text });
    } while (text[at] === separator && ++at);
    if (at < text.length) line++;
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    yield row;
  }
}

interface RawCell {
  text: string;
  end: number;
  quoted?: true;
}

/** Returns the position of the quote at the start of a cell. Blanks before the quote are skipped. */
function quoteAt(text: string, at: number, separator: string): number | undefined {
  const place = afterBlanks(text, at, separator);
  return text[place] === '"' ? place : undefined;
}

function afterBlanks(text: string, at: number, separator: string): number {
  let after = at;
  while (after < text.length && text[after] !== separator && ' \t\u00a0'.includes(text[after] ?? '')) after++;
  return after;
}

function quotedCell(text: string, at: number, separator: string): RawCell | undefined {
  for (let end = at + 1; ; end += 2) {
    end = text.indexOf('"', end);
    if (end < 0) return undefined;
    if (text[end + 1] === '"') continue;
    const after = afterBlanks(text, end + 1, separator);
    return { text: withoutForcing(text.slice(at + 1, end).replaceAll('""', '"')), end: after, quoted: true };
  }
}

function bareCell(text: string, at: number, separator: string): RawCell {
  let end = at;
  while (end < text.length && text[end] !== separator && !isLineEnd(text, end)) end++;
  return { text: withoutForcing(text.slice(at, end).trim()), end };
}

/** Removes the `="…"` from cells such as `="0012"`, which people write so that Excel keeps the cell as text. */
function withoutForcing(text: string): string {
  return /^="([^"]*)"$/.exec(text)?.[1] ?? text;
}

function isLineEnd(text: string, at: number): boolean {
  return text[at] === '\n' || text[at] === '\r';
}

function linesIn(text: string): number {
  return text.split(LINE_END).length - 1;
}
