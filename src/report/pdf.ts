import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Listed, ListedLater, Report } from '../decide/report.ts';
import { BOTTOM, footerAt, INK, MARGIN, openPaper, PAGE, PALE, put, RIGHT, RULE, rule, type Paper } from './paper.ts';
import { openRows } from './rows.ts';
import { backSaid, columnsOf, figureRows, grouped, laterSaid, printTable, SIGNATURES, sinceSaid } from './words.ts';
import { titleOf, todaySaid, when, type Column } from './words.ts';

/*
 * Draws a reconciliation report on A4 paper. The first page contains the figures and is signed by people. The lists
 * follow on the next pages. Sizes are in points.
 */

const ROW = 12.5;
const ROW_SIZE = 7.5;
/** The height of a list's header, and the space after a list. */
const HEAD = 38;
const AFTER = 24;

/** Who made the report, and the name of the site. */
export interface Made {
  by?: string;
  site?: string | undefined;
}

export async function drawReport(report: Report, out: Writable, made: Made = {}): Promise<void> {
  const doc = openPaper(infoOf(report));
  doc.pipe(out);
  const footer = [made.site, titleOf(report).join(' '), `drawn up ${when(drawnUp(report))}`].filter(
    (one) => one !== undefined,
  );
  const lists = listsOf(report).map(([title, units]) => laidOut(doc, report, title, units));
  const pages = pagesOf(lists);
  let page = 0;
  const newPage = (): number => {
    doc.addPage();
    footerAt(doc, footer.join(' · '), ++page, pages);
    return MARGIN;
  };
  newPage();
  firstPage(doc, report, made);
  let y = BOTTOM;
  for (const list of lists) y = await drawList({ doc, newPage, out }, list, y);
  doc.end();
  await once(out, 'finish');
}

function infoOf(report: Report): Record<string, unknown> {
  return { Title: titleOf(report).join(' '), Producer: 'Claimstamp', CreationDate: new Date(drawnUp(report)) };
}

function drawnUp({ at, since }: Report): string {
  return since?.at ?? at;
}

function firstPage(doc: Paper, report: Report, { by, site }: Made): void {
  const [what, name] = titleOf(report);
  put(doc, 'sans', 10, PALE, site === undefined ? what : `${site} · ${what}`, MARGIN, MARGIN);
  put(doc, 'bold', sizeToFit(doc, name, 22), INK, name, MARGIN, MARGIN + 15);
  let y = MARGIN + 52;
  for (const [label, value] of figureRows(report, by)) {
    put(doc, 'sans', 9, PALE, label, MARGIN, y);
    y += Math.max(15, wrap(doc, value, MARGIN + 120, y) + 4);
  }
  y = partition(doc, report, y + 14);
  y = printed(doc, report, y + 18);
  const root = report.root === undefined ? '' : `, root ${report.root}`;
  put(doc, 'sans', 7.5, PALE, `Ledger: ${report.treeSize} events${root}`, MARGIN, y + 8);
  if (report.closed) sinceClosing(doc, report, y + 26);
  signAt(doc);
}

/** The font size and the line height of the changes after the closing. A person who signs has to see these changes. */
const LATER_SIZE = 9;
const LATER_LINE = 14;

/** Writes as many changes after the closing as fit above the signature. The list at the end contains all of them. */
function sinceClosing(doc: Paper, report: Report, top: number): void {
  const said = sinceSaid(report);
  const { since, closed } = report;
  let y = top;
  const line = (face: string, text: string, x = MARGIN): void => {
    put(doc, face, LATER_SIZE, INK, text, x, y, RIGHT - x);
    y += LATER_LINE;
  };
  line('sans', `All figures and lists above and below are those of the closing on ${when(closed?.at)}.`);
  if (said === undefined || since === undefined) return;
  line('bold', `Since the closing: ${said}`);
  line('sans', todaySaid(since).join(': '));
  const back = backSaid(since);
  if (back !== undefined) line('sans', back);
  const space = Math.max(0, Math.floor((SIGN_TOP - y) / (2 * LATER_LINE)));
  const isAll = since.units.length <= space;
  const shown = since.units.slice(0, isAll ? space : Math.max(0, space - 1));
  for (const unit of shown) {
    const { uci, serial = '', status, at } = unit;
    line('bold', `${grouped(uci)}  ${serial}  ${status} ${when(at).slice(0, 16)}`, MARGIN + 10);
    line('sans', laterSaid(unit), MARGIN + 20);
  }
  if (!isAll)
    line('sans', `and ${since.units.length - shown.length} more: see the list "Since the closing"`, MARGIN + 10);
}

/** Draws the parts of the reconciliation and their sum in one row. */
function partition(doc: Paper, { figures, roll, closed }: Report, top: number): number {
  const cells: [string, number][] = roll
    ? [
        ['Reserved', roll.reserved],
        ['Given out', roll.given],
        ['Voided', roll.voided],
        ['Left on the roll', roll.left],
      ]
    : [
        ['Issued', figures.issued],
        [closed === undefined ? 'Released' : 'Released at closing', figures.parts.released],
        ['Void', figures.parts.void],
        ['Scrapped', figures.parts.scrapped],
        ['Unaccounted', figures.parts.unaccounted],
      ];
  const width = (RIGHT - MARGIN) / cells.length;
  cells.forEach(([label, value], i) => {
    const x = MARGIN + i * width;
    doc.rect(x, top, width, 56).lineWidth(0.75).stroke(RULE);
    put(doc, 'sans', 8, PALE, label, x + 8, top + 8);
    put(doc, 'bold', 19, INK, value.toLocaleString('en'), x + 8, top + 24);
    const sign = i === 0 ? '=' : '+';
    if (i < cells.length - 1) put(doc, 'bold', 11, PALE, sign, x + width - 14, top + 31);
  });
  return top + 56;
}

function printed(doc: Paper, report: Report, top: number): number {
  let y = top;
  for (const [label, value, note] of printTable(report)) {
    rule(doc, MARGIN, RIGHT, y - 4);
    put(doc, 'sans', 9, INK, label, MARGIN, y);
    put(doc, 'bold', 9, INK, value, MARGIN + 190, y);
    if (note !== '') put(doc, 'sans', 8.5, PALE, note, MARGIN + 260, y + 0.5, RIGHT - MARGIN - 260);
    y += 18;
  }
  return y;
}

const SIGN_TOP = PAGE.height - MARGIN - 92;

function signAt(doc: Paper): void {
  SIGNATURES.forEach((label, i, all) => {
    const width = (RIGHT - MARGIN - 18 * (all.length - 1)) / all.length;
    const x = MARGIN + i * (width + 18);
    rule(doc, x, x + width, SIGN_TOP + 40, 0.75, INK);
    put(doc, 'sans', 8, PALE, label, x, SIGN_TOP + 45);
  });
}

type Units = (Listed | ListedLater)[];

function listsOf({ lists, signedOff = [], since, closed }: Report): [title: string, units: Units][] {
  const signed = new Set(signedOff.map(({ uci }) => uci));
  const released = closed === undefined ? 'Released' : 'Released at the closing';
  const signer = since === undefined || closed === undefined ? {} : { by: closed.by };
  const named: [string, Units][] = [
    ['Since the closing', since?.units ?? []],
    ['Signed off though unaccounted', signedOff.map((unit) => ({ ...unit, ...signer }))],
    ['Unaccounted', (lists.unaccounted ?? []).filter(({ uci }) => !signed.has(uci))],
    ['Void', lists.void ?? []],
    ['Scrapped', lists.scrapped ?? []],
    ['Left on the roll', lists.left ?? []],
    [released, lists.released ?? []],
  ];
  return named.filter(([, list]) => list.length > 0);
}

interface List {
  title: string;
  units: Units;
  columns: Column[];
  /** The lines of a text that wraps. */
  linesOf: (text: string, width: number) => string[];
  /** The number of text lines in the row of a unit. */
  heightOf: (unit: Listed | ListedLater) => number;
}

function laidOut(doc: Paper, report: Report, title: string, units: Units): List {
  const columns = columnsOf(units, report);
  const wrapping = columns.filter(({ wraps }) => wraps);
  const known = new Map<string, string[]>();
  const linesOf = (text: string, width: number): string[] => {
    const lines = known.get(text) ?? broken(doc, text, width);
    known.set(text, lines);
    return lines;
  };
  const heightOf = (unit: Listed | ListedLater): number =>
    Math.max(1, ...wrapping.map(({ text, width }) => linesOf(text(unit), width).length));
  return { title, units, columns, linesOf, heightOf };
}

/** Breaks a text into lines of this width, between words where possible. */
function broken(doc: Paper, text: string, width: number): string[] {
  doc.font('sans').fontSize(ROW_SIZE);
  const fits = (line: string): boolean => doc.widthOfString(line.trimEnd()) <= width;
  const lines: string[] = [];
  let line = '';
  const add = (piece: string): void => {
    if (line !== '' && !fits(line + piece)) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  };
  for (const word of text.split(/(?<= )/)) for (const piece of fits(word) ? [word] : word) add(piece);
  return [...lines, line.trimEnd()];
}

interface Drawing {
  doc: Paper;
  newPage: () => number;
  out: Writable;
}

/** After this many rows, the event loop gets a turn, so that the memory of finished pages can be freed. */
const ROWS_A_TURN = 2000;

/**
 * The space that a list's header and a few rows need. If less space than this is left, the list begins on a new page.
 */
const LEAST_BEGIN = 90;

/**
 * Draws a list that begins at `top`, or on a new page if too little space is left there. Returns the position at which
 * the next list may begin.
 */
async function drawList(
  { doc, newPage, out }: Drawing,
  { title, units, columns, linesOf, heightOf }: List,
  top: number,
): Promise<number> {
  const head = (y: number): number => {
    put(doc, 'bold', 12, INK, `${title} (${units.length.toLocaleString('en')})`, MARGIN, y);
    for (const { x, label } of columns) put(doc, 'sans', 7.5, PALE, label, MARGIN + x, y + 22);
    rule(doc, MARGIN, RIGHT, y + 33);
    return y + HEAD;
  };
  let y = head(top + LEAST_BEGIN > BOTTOM ? newPage() : top);
  const rows = openRows(doc, ROW_SIZE, INK);
  const draw = ({ x, face, width }: Column, text: string, at: number): void => {
    const isDrawn = rows.add({ face, text, x: MARGIN + x, y: at, width });
    if (!isDrawn) put(doc, face, ROW_SIZE, INK, text, MARGIN + x, at, width);
  };
  for (const [index, unit] of units.entries()) {
    const height = heightOf(unit);
    if (y + (height - 1) * ROW > BOTTOM) {
      rows.flush();
      y = head(newPage());
    }
    for (const column of columns) {
      const text = column.text(unit);
      const lines = column.wraps ? linesOf(text, column.width) : [text];
      for (const [at, line] of lines.entries()) draw(column, line, y + at * ROW);
    }
    y += height * ROW;
    if (index % ROWS_A_TURN !== ROWS_A_TURN - 1) continue;
    if (out.writableNeedDrain) await once(out, 'drain');
    await turn();
  }
  rows.flush();
  return y + AFTER;
}

/** Returns the number of pages: the first page, and the pages that `drawList` needs for these lists. */
function pagesOf(lists: List[]): number {
  let pages = 1;
  let top = BOTTOM;
  for (const { units, heightOf } of lists) {
    const begin = top + LEAST_BEGIN > BOTTOM ? (pages++, MARGIN) : top;
    let y = begin + HEAD;
    for (const unit of units) {
      const height = heightOf(unit);
      if (y + (height - 1) * ROW > BOTTOM) {
        pages++;
        y = MARGIN + HEAD;
      }
      y += height * ROW;
    }
    top = y + AFTER;
  }
  return pages;
}

/** Returns a font size at which the name fits on one line. */
function sizeToFit(doc: Paper, text: string, size: number): number {
  const width = doc.font('bold').fontSize(size).widthOfString(text);
  return Math.min(size, Math.floor((size * (RIGHT - MARGIN)) / width));
}

/** Writes text on as many lines as needed, up to the right margin. Returns the height of the written lines. */
function wrap(doc: Paper, text: string, x: number, y: number): number {
  doc.font('sans').fontSize(9).fillColor(INK);
  const options = { width: RIGHT - x };
  doc.text(text, x, y, options);
  return doc.heightOfString(text, options);
}
