import { isCanonical, parse } from '../model/claim-id.ts';
import { ClaimstampError, messageOf } from '../platform/error.ts';
import { trimInvisible } from '../platform/invisible.ts';
import type { Json } from '../model/event.ts';
import { isEventExport, isOwnExport, readOwnRow, type Restored } from './own-export.ts';
import { readJsonl } from './jsonl.ts';
import { columnWarnings } from './column-warnings.ts';
import { columnKey, columnsOf, isKnownColumn, propertyOf, type Column } from './columns.ts';
import { MAX_TITLES, readCsv } from './csv.ts';
import { NO_RESULT, type Cell, type Problem, type Row, type Sheet } from './problem.ts';
import { decodeText } from './text.ts';
import { readXlsx } from './xlsx.ts';

/** The data of one line. */
export interface UnitLine {
  line: number;
  uci: string;
  /** The other cells, by property. Empty cells are left out. */
  device: { [property: string]: Json };
  /** The unit's data in an export by this program. */
  restored?: Restored;
  /** The row's texts, exactly as in the file. */
  cells: string[];
}

export interface UnitFile {
  format: string;
  columns: Column[];
  units: UnitLine[];
  problems: Problem[];
  /** Warnings about cells that were read. The values of these cells may differ from what was typed. */
  warnings: Problem[];
  /** True if the file is a unit export by this program. */
  own: boolean;
  marked: boolean;
}

/**
 * Reads the units of a CSV file or an Excel workbook. The format is recognised by the file's content and not by its
 * name.
 */
export async function readUnitFile(bytes: Buffer, properties: readonly string[]): Promise<UnitFile> {
  const sheet = await readSheet(bytes, knownColumns);
  const file: UnitFile = {
    format: sheet.format,
    columns: [],
    units: [],
    problems: sheet.problems,
    warnings: [],
    own: false,
    marked: sheet.marked === true,
  };
  const [header, ...rows] = sheet.rows.slice(titlesIn(sheet.rows, properties));
  if (header === undefined) {
    if (file.problems.length === 0) file.problems.push(noUnits(1));
    return file;
  }
  file.columns = readHeader(header, properties, file.problems);
  const names = file.columns.map(({ property }) => property);
  if (isEventExport(names)) {
    const why = 'this is an export of events: import an export of units, or restore a backup (claimstamp restore)';
    return { ...file, problems: [{ line: header.line, cause: 'events', why }] };
  }
  if (!names.includes('uci')) return file;
  file.own = isOwnExport(names);
  for (const row of rows) readRow(row, file);
  if (!file.own) {
    const texts = rows.map(({ cells }) => cells.map(({ text }) => text));
    file.warnings.unshift(...columnWarnings(file.columns, texts, properties, header.line));
  }
  if (rows.length === 0 && file.problems.length === 0) file.problems.push(noUnits(header.line));
  return file;
}

/**
 * Returns the number of rows above the header, such as the title of a list. A row that contains a Claim ID or a known
 * column is not a title. If no row names the Claim ID column, nothing is skipped.
 */
function titlesIn(rows: Row[], properties: readonly string[]): number {
  for (const [nth, { cells }] of rows.slice(0, MAX_TITLES + 1).entries()) {
    if (cells.some(({ text }) => propertyOf(text, properties) === 'uci')) return nth;
    if (cells.some(({ text }) => isKnownColumn(text) || isCanonical(text.trim()))) return 0;
  }
  return 0;
}

function noUnits(line: number): Problem {
  return { line, cause: 'no-units', why: 'the file has no units: it needs a header line, and one line for each unit' };
}

const ZIP = Buffer.from('PK\x03\x04');
/** The first bytes of an OLE file, the format of Excel before 2007 (MS-CFB). */
const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);
/** The name of the part that contains an encrypted workbook (MS-OFFCRYPTO). */
const ENCRYPTED = Buffer.from('EncryptedPackage', 'utf16le');
const PROTECTED = 'the workbook is protected with a password: remove the password, or save it as CSV';
const OLD = 'the file has the format of Excel before 2007: save it as .xlsx or as CSV';
const GZIP = Buffer.from([0x1f, 0x8b]);
/** Some programs write an HTML table and name the file .xls. */
const WEB_PAGE = /^<(?:!doctype html|html|table|\?xml|meta)\b/i;

function knownColumns(cells: Cell[]): number {
  return cells.filter(({ text }) => isKnownColumn(text)).length;
}

/**
 * Reads the rows of a file. `score` says how much a row looks like the header, and thereby which separator is right.
 */
export async function readSheet(bytes: Buffer, score: (header: Cell[]) => number): Promise<Sheet> {
  const begin = bytes.subarray(0, 4);
  if (begin.equals(OLE)) return notRead(bytes.includes(ENCRYPTED) ? PROTECTED : OLD);
  if (begin.equals(ZIP)) return readXlsx(bytes).catch((error: unknown) => notRead(sentenceOf(error)));
  if (begin.subarray(0, 2).equals(GZIP)) return notRead('the file is compressed: unpack it, and import what is in it');
  const decoded = decodeText(bytes);
  if (decoded.problems !== undefined) return { format: 'unknown', rows: [], problems: decoded.problems };
  if (WEB_PAGE.test(decoded.text.trimStart()))
    return notRead('the file is a web page or XML: open it in the spreadsheet program and save it as .xlsx or as CSV');
  if (/^\s*\[\s*[{\]]/.test(decoded.text))
    return notRead('the file is a JSON array: write each unit as one JSON object in a line of its own, or as CSV');
  if (decoded.text.trimStart().startsWith('{')) return readJsonl(decoded.text, decoded.encoding);
  return readCsv(decoded.text, decoded.encoding, score);
}

const DAMAGED =
  'the workbook is incomplete or damaged: copy the file again, or open it in the spreadsheet program and save it again';

/** Returns a sentence for people, because the zip library's error messages are for programmers. */
function sentenceOf(error: unknown): string {
  return error instanceof ClaimstampError ? error.message : DAMAGED;
}

function notRead(why: string): Sheet {
  return { format: 'unknown', rows: [], problems: [{ line: 1, cause: 'format', why }] };
}

function readHeader({ line, cells }: Row, properties: readonly string[], problems: Problem[]): UnitFile['columns'] {
  const heads = cells.map(({ text }) => text);
  const isOther = !isOwnExport(heads.map((head) => propertyOf(head, properties)));
  const columns = columnsOf(heads, properties, isOther);
  if (!columns.some(({ property }) => property === 'uci')) {
    const bare = cells.some(({ text }) => parse(text) !== undefined) && !cells.some(({ text }) => isKnownColumn(text));
    const [cause, is] = bare ? ['no-header', 'the first line is a unit'] : ['no-claim-id-column', `no Claim ID column`];
    problems.push({ line, cause, why: `${is}: name the columns in the first line, such as uci, serial, mac, name` });
    return columns;
  }
  const seen = new Map<string, string>();
  for (const { head, property } of columns) {
    if (head === '') continue;
    const before = seen.get(columnKey(property));
    seen.set(columnKey(property), head);
    if (before === undefined) continue;
    const why = `the columns "${before}" and "${head}" have the same meaning: remove or rename one of them`;
    problems.push({ line, cause: 'duplicate-header', why });
  }
  return columns;
}

/** The properties whose values never begin or end with a space or an invisible character. */
const CODES = ['uci', 'serial', 'mac', 'uid', 'eui64', 'product'];

function readRow({ line, cells }: Row, file: UnitFile): void {
  const problem = (cause: string, why: string): void => void file.problems.push({ line, cause, why });
  const cellsOf = new Map<string, string>();
  for (const [index, cell] of cells.entries()) {
    const { head = '', property = '' } = file.columns[index] ?? {};
    const bare = trimInvisible(cell.text);
    if (cell.kind === 'formula' && head !== '') return problem('formula', `${head}: ${NO_RESULT}`);
    if (cell.text.trim() === '' || (CODES.includes(property) && bare === '')) continue;
    if (head === '') {
      problem('too-many-cells', `cell ${index + 1} has no column: put cells that contain separators in quotes`);
      return;
    }
    const why = spoiled(property, cell, file.own);
    if (why !== undefined && property !== 'uci') problem('spoiled-number', `${head}: ${why}`);
    if (cell.kind === 'number' && CODES.includes(property)) warn(file, line, head);
    cellsOf.set(property, CODES.includes(property) ? bare : cell.text);
  }
  const typed = cellsOf.get('uci');
  cellsOf.delete('uci');
  if (typed === undefined) return problem('no-claim-id', 'no Claim ID in this line: fill it in, or remove the line');
  // Excel marks a cell as text with an apostrophe.
  const uci = parse(typed.replace(/^['\u2019]/, ''));
  if (uci === undefined || !isCanonical(uci)) {
    const why = typed.startsWith('*') ? 'the Claim ID is masked: use an export that is not masked' : CLAIM_ID;
    return problem('malformed-claim-id', why);
  }
  const texts = cells.map(({ text }) => text);
  if (!file.own) return void file.units.push({ line, uci, device: Object.fromEntries(cellsOf), cells: texts });
  try {
    file.units.push({ line, uci, ...readOwnRow(cellsOf, file.marked), cells: texts });
  } catch (error) {
    problem('export', messageOf(error));
  }
}

const CLAIM_ID =
  'the Claim ID is malformed: 10 to 20 letters and digits without I, L, O and U. If a spreadsheet turned it into a number, format the column as text and copy the IDs again';

/**
 * The errors that spreadsheets write instead of a value, such as `#REF!`, in German `#BEZUG!`, and in LibreOffice
 * `Err:502`.
 */
const ERROR = /^(?:#[¡¿]?[\p{Lu}/0]+[!?]|#N\/[AD]|#NV|Err:\d{3})$/u;
/** A number in scientific notation, as spreadsheets (`1.23E+12`) and programs (`1.23E12`) write it. */
const SHORT_FORM = /^-?\d{1,3}(?:(?:[.,]\d+)?E\+\d+|[.,]\d+E-?\d{1,3})$/i;
/** If a column of whole numbers has empty cells, some programs write the numbers as fractions. */
const FRACTION = /^\d{5,}[.,]0+$/;
const AS_TEXT = 'format the column as text and copy it again';

/** If the spreadsheet destroyed the cell's value, returns what it did to the value. */
function spoiled(property: string, { text, kind }: Cell, isOwn: boolean): string | undefined {
  const bare = text.trim();
  if (kind === 'error' || (ERROR.test(bare) && !isOwn)) return `the cell has the error ${bare}: correct its formula`;
  if (!CODES.includes(property)) return undefined;
  if (kind === 'date') return `the spreadsheet turned this cell into a date: ${AS_TEXT}`;
  if (kind === 'lost' || SHORT_FORM.test(bare))
    return `the spreadsheet turned this cell into a number and lost digits: ${AS_TEXT}`;
  if (FRACTION.test(bare)) return `the spreadsheet turned this cell into a number: ${AS_TEXT}`;
  if (/^#{3,}$/.test(bare)) return 'the column was too narrow for this value: make it wider and copy the value again';
  return undefined;
}

/** The maximum number of warnings that are shown. */
const MAX_WARNINGS = 20;

function warn(file: UnitFile, line: number, head: string): void {
  if (file.warnings.length >= MAX_WARNINGS) return;
  const why = `${head} is a number, not a text: check that no leading zeros are missing`;
  file.warnings.push({ line, cause: 'number', why });
}
