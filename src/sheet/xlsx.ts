import type { Readable } from 'node:stream';
import { fromBufferPromise, type Entry } from 'yauzl';
import { ClaimstampError } from '../platform/error.ts';
import { readTags, type Tag } from './xml.ts';
import type { Cell, Row, Sheet } from './problem.ts';

/*
 * Reads the first sheet of an Office Open XML workbook (ECMA-376): shared strings, inline strings, formula results, and
 * numbers. A number is read as the text that the sheet displays, because Claim IDs and S/Ns are texts.
 */

/**
 * A sheet of 20,000 units with twenty columns is about 20 MB of XML. A limit is needed, because a small zip can contain
 * gigabytes.
 */
const MAX_PART_BYTES = 32 * 1024 * 1024;
/** A workbook has about ten parts, and more with pictures. */
const MAX_PARTS = 1000;
/** Excel's own limit on columns. If a cell's address is beyond this limit, the address is wrong. */
const MAX_COLUMNS = 16_384;

/**
 * Throws a ClaimstampError if the file is not such a workbook or is too large. Throws another kind of Error if the file
 * is damaged.
 */
export async function readXlsx(bytes: Buffer): Promise<Sheet> {
  const parts = await openParts(bytes);
  const book = await parts('xl/workbook.xml');
  if (book === undefined && (await parts('manifest.json')) !== undefined) throw new ClaimstampError('invalid', BUNDLE);
  if (book === undefined)
    throw new ClaimstampError(
      'invalid',
      'this is a zip file, but not a workbook that can be read: save it as .xlsx or as CSV',
    );
  const first = [...readTags(book)].find(({ name }) => name === 'sheet');
  const relations = [...readTags((await parts('xl/_rels/workbook.xml.rels')) ?? '')];
  const target = relations.find(({ name, attributes }) => name === 'Relationship' && attributes['Id'] === idOf(first));
  const path = (target?.attributes['Target'] ?? 'worksheets/sheet1.xml').replace(/^\/?(xl\/)?/, 'xl/');
  const sheet = await parts(path);
  if (sheet === undefined)
    throw new ClaimstampError('invalid', 'the workbook has no first sheet: save it again as .xlsx or as CSV');
  const shared = sharedTexts(readTags((await parts('xl/sharedStrings.xml')) ?? ''));
  const styles = numberStyles(readTags((await parts('xl/styles.xml')) ?? ''));
  const day0 = [...readTags(book)].some(isSince1904) ? DAYS_TO_1904 : 0;
  const rows = rowsOf(readTags(sheet), (tag, value) => cellOf(tag, value, { shared, styles, day0 }));
  const name = first?.attributes['name'] ?? '';
  return { format: `the first sheet "${name}" of an Excel workbook`, rows, problems: [] };
}

const BUNDLE =
  'this is a bundle with proofs: check it with claimstamp verify, take units.csv out of it with unzip, and import that file';

function idOf(tag: Tag | undefined): string | undefined {
  return Object.entries(tag?.attributes ?? {}).find(([name]) => /(^|:)id$/.test(name))?.[1];
}

/** The returned function reads a part of the zip file. It returns undefined if there is no such part. */
async function openParts(bytes: Buffer): Promise<(name: string) => Promise<string | undefined>> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.size === MAX_PARTS)
      throw new ClaimstampError('invalid', 'the workbook has too many parts: save it again as CSV');
    entries.set(entry.fileName, entry);
  }
  return async (name) => {
    const entry = entries.get(name);
    if (entry === undefined) return undefined;
    const pieces: Buffer[] = [];
    let size = 0;
    const stream: Readable & AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
    for await (const piece of stream) {
      size += piece.length;
      if (size > MAX_PART_BYTES)
        throw new ClaimstampError('invalid', 'the sheet is too large: divide it into several files');
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  };
}

/** Phonetic texts (`rPh`) repeat the text in another script, so they are left out. */
function sharedTexts(tags: Iterable<Tag>): string[] {
  const texts: string[] = [];
  let phonetic = false;
  for (const { name, closes, text } of tags) {
    if (name === 'si' && !closes) texts.push('');
    if (name === 'rPh') phonetic = !closes;
    if (name === 't' && !closes && !phonetic) texts.push((texts.pop() ?? '') + text);
  }
  return texts;
}

interface Style {
  date: boolean;
  /** The number of digits that a format such as `000000` shows. */
  digits: number;
}

/** Formats 14 to 22 and 45 to 47 are dates and times (ECMA-376, part 1, 18.8.30). */
function numberStyles(tags: Iterable<Tag>): Style[] {
  const codes = new Map<string, string>();
  const styles: Style[] = [];
  let within = false;
  for (const { name, closes, attributes } of tags) {
    if (name === 'cellXfs') within = !closes;
    if (name === 'numFmt') codes.set(attributes['numFmtId'] ?? '', attributes['formatCode'] ?? '');
    if (name !== 'xf' || closes || !within) continue;
    const id = attributes['numFmtId'] ?? '0';
    const code = codes.get(id);
    const bare = (code ?? '').replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '');
    const date = code === undefined ? /^(1[4-9]|2[0-2]|4[5-7])$/.test(id) : bare !== 'General' && /[ymdhs]/i.test(bare);
    styles.push({ date, digits: /^0+$/.test(bare) ? bare.length : 0 });
  }
  return styles;
}

function rowsOf(tags: Iterable<Tag>, cellFrom: (cell: Tag, value: string) => Cell): Row[] {
  const rows: Row[] = [];
  let [row, cell, value]: [Row, Tag | undefined, string] = [{ line: 0, cells: [] }, undefined, ''];
  let [phonetic, formula] = [false, false];
  for (const tag of tags) {
    const { name, closes, empty, text, attributes } = tag;
    if (name === 'row' && !closes) {
      row = { line: Number(attributes['r']) || row.line + 1, cells: [] };
      rows.push(row);
    } else if (name === 'c' && !closes) {
      [cell, value, formula] = [empty ? undefined : tag, '', false];
      if (empty) row.cells.push({ text: '' });
    } else if (name === 'f') formula = true;
    else if (name === 'rPh') phonetic = !closes;
    else if ((name === 'v' || name === 't') && !closes && !phonetic) value += text;
    else if (name === 'c' && cell) {
      const at = columnOf(cell.attributes['r']) ?? row.cells.length;
      while (row.cells.length < at) row.cells.push({ text: '' });
      // Some programs cannot calculate, and write formulas without results. An empty text has the type "str".
      const isUnknown = formula && value === '' && cell.attributes['t'] !== 'str';
      row.cells[at] = isUnknown ? { text: '', kind: 'formula' } : cellFrom(cell, value);
      cell = undefined;
    }
  }
  return rows.filter(({ cells }) => cells.some(({ text, kind }) => text.trim() !== '' || kind === 'formula'));
}

/** Returns the index of the column in a cell's address: A1 is 0, AA7 is 26. */
function columnOf(address = ''): number | undefined {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(address)?.[0];
  if (letters === undefined) return undefined;
  const number = letters.split('').reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return number > MAX_COLUMNS ? undefined : number - 1;
}

/** Workbooks of older versions for the Mac count days from 1904 (ECMA-376, part 1, 18.17.4.1). */
const DAYS_TO_1904 = 1462;

function isSince1904({ name, attributes }: Tag): boolean {
  return name === 'workbookPr' && /^(?:1|true)$/.test(attributes['date1904'] ?? '');
}

interface Book {
  shared: string[];
  styles: Style[];
  /** The number of days that are added to dates. */
  day0: number;
}

function cellOf({ attributes }: Tag, value: string, { shared, styles, day0 }: Book): Cell {
  const type = attributes['t'] ?? 'n';
  if (type === 's') return { text: shared[Number(value)] ?? '' };
  if (type === 'e') return { text: value, kind: 'error' };
  if (type === 'd') return { text: value, kind: 'date' };
  if (type === 'b') return { text: value === '1' ? 'TRUE' : 'FALSE' };
  if (type !== 'n' || value === '') return { text: value };
  const style = styles[Number(attributes['s'] ?? 0)];
  if (style?.date) return { text: day0 === 0 ? value : String(Number(value) + day0), kind: 'date' };
  const number = Number(value);
  // A spreadsheet keeps the first 15 digits of a number, and turns the others into zeros.
  if (!Number.isFinite(number) || Math.abs(number) >= 1e15) return { text: value, kind: 'lost' };
  return { text: String(number).padStart(style?.digits ?? 0, '0'), kind: 'number' };
}
