import QRCode from 'qrcode';
import { defined } from '../platform/own.ts';

/*
 * Builds a small QR code from the modules that each bit of its text changes. Error correction, interleaving and
 * placement are linear (ISO/IEC 18004, 7.5 to 7.7): the XOR of two texts gives the XOR of their symbols. So this code
 * starts from the symbol for a text of zeros. Then, for each bit of the text that is 1, it applies the changes for that
 * bit. The changes are computed only once for all texts of the same length. The QR library encodes each symbol
 * completely, which takes three times as long.
 */

/** The level of error correction. */
export type QrLevel = 'L' | 'M' | 'Q' | 'H';

/** A row of version 3 has 29 modules, which fit into 32 bits. */
const MAX_SMALL_VERSION = 3;

/** The rows or the columns of a symbol, each as one number. Bit 0 is the first module. */
export type Lines = Int32Array;

export interface BitGrid {
  rows: Lines;
  columns: Lines;
}

/**
 * The rule for converting a text to bits (ISO/IEC 18004, 7.4). Each `group` of letters becomes a number. Each letter is
 * a digit of this number, and its value is its position in the alphabet.
 */
interface Mode {
  name: 'numeric' | 'alphanumeric' | 'byte';
  alphabet: string;
  fits: RegExp;
  group: number;
}

const MODES: Mode[] = [
  { name: 'numeric', alphabet: '0123456789', fits: /^\d+$/, group: 3 },
  {
    name: 'alphanumeric',
    alphabet: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:',
    fits: /^[0-9A-Z $%*+\-./:]+$/,
    group: 2,
  },
  { name: 'byte', alphabet: String.fromCharCode(...new Uint8Array(256).keys()), fits: /^/, group: 1 },
];

/**
 * Returns the mode for the entire text, and the text's letters in this mode. In byte mode, the letters of a text are
 * its UTF-8 bytes.
 */
function modeOf(text: string): { mode: Mode; letters: string } {
  const mode = defined(MODES.find(({ fits }) => fits.test(text)));
  return { mode, letters: mode.name === 'byte' ? Buffer.from(text, 'utf8').toString('latin1') : text };
}

function segment({ name }: Mode, letters: string): QRCode.QRCodeSegment {
  return name === 'byte' ? { data: Buffer.from(letters, 'latin1'), mode: name } : { data: letters, mode: name };
}

/** Returns the text as one segment in one mode, for the encoder. */
export function segmentOf(text: string): QRCode.QRCodeSegment {
  const { mode, letters } = modeOf(text);
  return segment(mode, letters);
}

/** The data shared by all texts with the same mode, length and level. */
interface Kind {
  version: number;
  /** The number of texts of this kind encoded so far. */
  asked: number;
  zeros: BitGrid;
  /** For each group of letters and each bit of the group's value: the modules that this bit changes. */
  changes: BitGrid[][];
  /** The last symbol. The memory of the returned symbol is reused for the next symbol. */
  symbol: BitGrid;
}

/**
 * The library encodes this many texts of each kind. Then this code computes the changes, and encodes all further texts
 * of the kind with them. Computing the changes takes as long as encoding about twenty texts with the library.
 */
const LEARN_FROM = 8;

const kinds = new Map<string, Kind>();
/** The maximum number of kinds of text whose data is kept. A factory uses only two or three kinds of text. */
const MAX_KINDS = 50;

/** Returns the data modules with mask 0 in the smallest version that fits, or undefined if the symbol is not small. */
export function smallSymbol(text: string, level: QrLevel): { version: number; data: BitGrid } | undefined {
  const { mode, letters } = modeOf(text);
  const kind = kindOf(mode, letters.length, level);
  if (kind.version > MAX_SMALL_VERSION) return undefined;
  if (++kind.asked <= LEARN_FROM) return { version: kind.version, data: dataOf(encode(mode, letters, level).modules) };
  const { version, zeros, changes, symbol } = kind;
  symbol.rows.set(zeros.rows);
  symbol.columns.set(zeros.columns);
  const size = mode.group;
  for (let group = 0; group * size < letters.length; group++) {
    const end = Math.min(letters.length, (group + 1) * size);
    let value = 0;
    for (let at = group * size; at < end; at++)
      value = value * mode.alphabet.length + mode.alphabet.indexOf(letters.charAt(at));
    const known = (changes[group] ??= []);
    for (let bit = 0; value >> bit !== 0; bit++) {
      if (((value >> bit) & 1) === 0) continue;
      const change = (known[bit] ??= learn(mode, level, kind, letters.length, group, bit));
      turn(symbol.rows, change.rows);
      turn(symbol.columns, change.columns);
    }
  }
  return { version, data: symbol };
}

function turn(lines: Lines, change: Lines): void {
  for (let index = 0; index < lines.length; index++) lines[index] = (lines[index] ?? 0) ^ (change[index] ?? 0);
}

function kindOf(mode: Mode, length: number, level: QrLevel): Kind {
  const key = `${mode.name} ${length} ${level}`;
  const known = kinds.get(key);
  if (known) return known;
  const { version, modules } = encode(mode, mode.alphabet.charAt(0).repeat(length), level);
  const small = version <= MAX_SMALL_VERSION;
  const zeros = small ? dataOf(modules) : NONE;
  const kind = { version, asked: 0, zeros, changes: [], symbol: small ? dataOf(modules) : NONE };
  if (kinds.size >= MAX_KINDS) kinds.clear();
  kinds.set(key, kind);
  return kind;
}

const NONE: BitGrid = { rows: new Int32Array(), columns: new Int32Array() };

/**
 * Finds the modules of a symbol that one bit of the text changes. To find these modules, compares two symbols: the
 * symbol for a text that has only this bit set, and the symbol for a text of zeros.
 */
function learn(mode: Mode, level: QrLevel, { zeros }: Kind, length: number, group: number, bit: number): BitGrid {
  const size = mode.group;
  const [start, end] = [group * size, Math.min(length, (group + 1) * size)];
  const letters = Array.from({ length }, () => mode.alphabet[0]);
  let value = 1 << bit;
  for (let at = end - 1; at >= start; at--) {
    letters[at] = mode.alphabet[value % mode.alphabet.length];
    value = Math.trunc(value / mode.alphabet.length);
  }
  const change = dataOf(encode(mode, letters.join(''), level).modules);
  turn(change.rows, zeros.rows);
  turn(change.columns, zeros.columns);
  return change;
}

function encode(mode: Mode, letters: string, errorCorrectionLevel: QrLevel): QRCode.QRCode {
  return QRCode.create([segment(mode, letters)], { errorCorrectionLevel, maskPattern: 0 });
}

function dataOf(modules: QRCode.BitMatrix): BitGrid {
  return bitGrid(modules, (at) => modules.data[at] === 1 && !modules.reservedBit[at]);
}

/** Returns modules as bits, by rows and by columns. */
export function bitGrid({ size }: QRCode.BitMatrix, dark: (at: number) => boolean): BitGrid {
  const [rows, columns] = [new Int32Array(size), new Int32Array(size)];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!dark(row * size + column)) continue;
      rows[row] = (rows[row] ?? 0) | (1 << column);
      columns[column] = (columns[column] ?? 0) | (1 << row);
    }
  }
  return { rows, columns };
}
