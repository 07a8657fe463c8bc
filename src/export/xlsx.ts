import type { Column, Form } from './columns.ts';
import type { Zip } from './zip.ts';

/*
 * Writes the parts of Office Open XML (ECMA-376) that Excel and LibreOffice need. Sheets are written one after another.
 * Each row is written as soon as it has been read. Texts are stored as inline strings, and times as numbers with a date
 * format.
 */

/** Excel's maximum number of rows in a sheet. The header row is not counted. */
export const SHEET_ROWS = 1_048_575;

/** Excel's maximum number of characters in a cell. Longer texts are cut off, and a mark at the end shows this. */
const CELL_LETTERS = 32_767;
const CUT = ' … [cut here: complete in CSV and JSONL]';

/** A batch of formatted rows, from sqlite/export-reader.ts. */
interface Rows {
  text: string;
  rows: number;
}

/** The cell styles. Each number is the index of a cell style in the STYLES list. */
const TIME_STYLE = 1;
const HEAD_STYLE = 2;

/**
 * Matches rows that need care: characters that XML does not allow, spaces that XML removes, texts that look like an
 * escape, and long texts.
 */
const SIGN = /[^\P{Cc}\t\n]|[\ufffe\uffff]|<t>[ \t\n]|[ \t\n]<\/t>|_x[0-9A-Fa-f]{4}_|<t>[^<]{32768}/u;

/** Returns the row format of an Excel file whose sheets have at most `sheetRows` rows. */
export function xlsxForm(columns: Column[], sheetRows = SHEET_ROWS): Form {
  return {
    row: row(columns, (name) => `'<is><t>' || ${escaped(name)} || '</t></is>'`),
    // The first row of each sheet is the header.
    numbered: (nth) => String(((nth - 1) % sheetRows) + 2),
    care: {
      sign: SIGN,
      row: row(columns, (name) => `xlsx_text(${name})`),
      functions: { xlsx_text: inlineText },
    },
  };
}

/**
 * Empty cells are omitted. Each cell that is not empty contains its own position. ECMA-376 does not require the
 * position, but some programs need it.
 */
function row(columns: Column[], text: (name: string) => string): string {
  const cells = columns.map(({ name, kind }, at) => {
    const place = `'<c r="${letters(at)}' || n || '"`;
    if (kind === 'int') return `${place}><v>' || ${name} || '</v></c>'`;
    if (kind === 'time' || kind === 'stamp')
      return `${place} s="${TIME_STYLE}"><v>' || (${days(name, kind)}) || '</v></c>'`;
    const inline = kind === 'code' ? `'<is><t>' || ${name} || '</t></is>'` : text(name);
    return `${place} t="inlineStr">' || ${inline} || '</c>'`;
  });
  // `concat` treats NULL as an empty string.
  return `concat('<row r="', n, '">', ${cells.join(', ')}, '</row>')`;
}

/**
 * The number of days since 1899-12-30, as in spreadsheets. 1970-01-01 is day 25569. A stamp is first rounded to a
 * millisecond, because `julianday` is exact only to 40 µs. Without rounding, LibreOffice could show a time that is one
 * millisecond too early.
 */
function days(name: string, kind: 'time' | 'stamp'): string {
  const ms = kind === 'time' ? name : `round(unixepoch(${name}, 'subsec') * 1000)`;
  return `${ms} / 86400000.0 + 25569`;
}

/** Returns the letters of the column with this index. Column 0 is A, and column 26 is AA. */
function letters(at: number): string {
  const last = String.fromCharCode(65 + (at % 26));
  return at < 26 ? last : letters(Math.floor(at / 26) - 1) + last;
}

function escaped(name: string): string {
  return `replace(replace(replace(${name}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')`;
}

function inlineText(text: string): string {
  const whole = text.length <= CELL_LETTERS ? text : text.slice(0, CELL_LETTERS - CUT.length) + CUT;
  return `<is><t xml:space="preserve">${xmlText(whole)}</t></is>`;
}

/**
 * ST_Xstring: a character that XML cannot contain is written as `_xHHHH_`. If the text itself contains something like
 * `_xHHHH_`, its first underscore is escaped in the same way.
 */
function xmlText(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(
      /[^\P{Cc}\t\n]|[\ufffe\uffff]/gu,
      (c) => `_x${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/**
 * Writes an Excel file into the zip. The first sheet is called `name`; the names of the other sheets have a number at
 * the end.
 */
export async function writeXlsx(
  zip: Zip,
  name: string,
  columns: Column[],
  batches: AsyncIterable<Rows>,
  sheetRows = SHEET_ROWS,
): Promise<void> {
  const source = takeRows(batches);
  const sheets: string[] = [];
  do {
    sheets.push(sheets.length === 0 ? name : `${name} ${sheets.length + 1}`);
    await zip.add(`xl/worksheets/sheet${sheets.length}.xml`, sheetXml(columns, source.take(sheetRows)));
  } while (await source.more());
  for (const [path, xml] of Object.entries(bookParts(sheets))) await zip.add(path, [XML + xml]);
}

/** Takes single rows from batches of any size, so that the rows can be divided into sheets. */
function takeRows(batches: AsyncIterable<Rows>): {
  take: (most: number) => AsyncGenerator<string>;
  more: () => Promise<boolean>;
} {
  const left = batches[Symbol.asyncIterator]();
  let held: Rows = { text: '', rows: 0 };
  /** Reads the next batch. Returns false after the last row. */
  async function more(): Promise<boolean> {
    while (held.rows === 0) {
      const next = await left.next();
      if (next.done) return false;
      held = next.value;
    }
    return true;
  }
  async function* take(most: number): AsyncGenerator<string> {
    for (let room = most; room > 0 && (await more());) {
      const [now, later] = splitRows(held, room);
      held = later;
      room -= now.rows;
      yield now.text;
    }
  }
  return { take, more };
}

function splitRows(batch: Rows, most: number): [Rows, Rows] {
  if (batch.rows <= most) return [batch, { text: '', rows: 0 }];
  let end = 0;
  for (let row = 0; row < most; row++) end = batch.text.indexOf(ROW_END, end) + ROW_END.length;
  return [
    { text: batch.text.slice(0, end), rows: most },
    { text: batch.text.slice(end), rows: batch.rows - most },
  ];
}

const ROW_END = '</row>';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

async function* sheetXml(columns: Column[], rows: AsyncIterable<string>): AsyncGenerator<string> {
  const widths = columns.map(({ kind, width = WIDTHS[kind] }, at) => {
    return `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`;
  });
  const head = columns.map(({ name }, at) => {
    return `<c r="${letters(at)}1" s="${HEAD_STYLE}" t="inlineStr"><is><t>${name}</t></is></c>`;
  });
  yield (
    `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">` +
      `<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
      `<cols>${widths.join('')}</cols><sheetData><row r="1">${head.join('')}</row>`
  );
  yield* rows;
  yield '</sheetData></worksheet>';
}

/** The default width, in characters, of each kind of column. It is wide enough for most values of that kind. */
const WIDTHS: Record<Column['kind'], number> = { int: 10, code: 16, text: 24, json: 40, time: 23, stamp: 23 };

const STYLES =
  `<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/></numFmts>` +
  `<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
  `<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
  `<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
  `<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
  `<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
  `<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
  `<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`;

/** Returns all parts of an Excel file except the sheets. The key of each part is its path in the zip file. */
function bookParts(sheets: string[]): Record<string, string> {
  const each = (write: (sheet: string, number: number) => string): string =>
    sheets.map((sheet, at) => write(sheet, at + 1)).join('');
  const styles = sheets.length + 1;
  return {
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${each(
      (sheet, n) => `<sheet name="${sheet}" sheetId="${n}" r:id="rId${n}"/>`,
    )}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGE}/relationships">${each(
      (_, n) => `<Relationship Id="rId${n}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${n}.xml"/>`,
    )}<Relationship Id="rId${styles}" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': STYLES,
    '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPES}.styles+xml"/>${each(
      (_, n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${TYPES}.worksheet+xml"/>`,
    )}</Types>`,
  };
}
