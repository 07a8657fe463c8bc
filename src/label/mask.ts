import QRCode from 'qrcode';
import type { QrLevel } from './barcode.ts';

/*
 * The best of the eight masks of a small QR code (ISO/IEC 18004, 7.8.3), found on whole rows as bits. The encoder's own search
 * looks at single modules and takes five times as long as all the rest of the code; Claim IDs and URLs are small codes.
 */

/** 29 modules: a row fits the 32 bits that shifts and masks work on. */
export const MAX_MASKED_VERSION = 3;

const MASKS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Rows or columns of a symbol, bit 0 the first module. */
type Lines = Int32Array;

/** What all symbols of a version and level have in common, by rows and by columns. */
interface Frame {
  /** Per mask: the modules that carry no data, its format information among them. */
  fixed: Sides[];
  /** Per mask: what turns the data of mask 0 into its own. */
  change: Sides[];
}

interface Sides {
  rows: Lines;
  columns: Lines;
}

const frames = new Map<string, Frame>();

/** The symbol of `text` under its best mask: rows of bits. `symbol` is the same text under mask 0. */
export function masked(symbol: QRCode.QRCode, level: QrLevel): Lines {
  const frame = frameOf(symbol.version, level);
  const data = both(symbol.modules, (at) => symbol.modules.data[at] === 1 && !symbol.modules.reservedBit[at]);
  let best: Lines | undefined;
  let least = Infinity;
  for (const mask of MASKS) {
    const [fixed, change] = [frame.fixed[mask] as Sides, frame.change[mask] as Sides];
    const rows = data.rows.map(
      (line, index) => (line ^ (change.rows[index] as number)) | (fixed.rows[index] as number),
    );
    const columns = data.columns.map(
      (line, index) => (line ^ (change.columns[index] as number)) | (fixed.columns[index] as number),
    );
    const points = runs(rows) + runs(columns) + blocks(rows) + finders(rows) + finders(columns) + balance(rows);
    if (points < least) [best, least] = [rows, points];
  }
  return best as Lines;
}

function frameOf(version: number, level: QrLevel): Frame {
  const key = `${version}${level}`;
  const known = frames.get(key);
  if (known) return known;
  const symbols = MASKS.map(
    (maskPattern) =>
      QRCode.create([{ data: '0', mode: 'numeric' }], { version, errorCorrectionLevel: level, maskPattern }).modules,
  );
  const first = symbols[0] as QRCode.BitMatrix;
  const frame = {
    fixed: symbols.map((symbol) => both(symbol, (at) => symbol.data[at] === 1 && Boolean(symbol.reservedBit[at]))),
    change: symbols.map((symbol) =>
      both(symbol, (at) => symbol.data[at] !== first.data[at] && !symbol.reservedBit[at]),
    ),
  };
  frames.set(key, frame);
  return frame;
}

function both({ size }: QRCode.BitMatrix, dark: (at: number) => boolean): Sides {
  const [rows, columns] = [new Int32Array(size), new Int32Array(size)];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!dark(row * size + column)) continue;
      rows[row] = (rows[row] as number) | (1 << column);
      columns[column] = (columns[column] as number) | (1 << row);
    }
  }
  return { rows, columns };
}

/* The four features that make a symbol hard to read, and their points */

/** Five and more modules of one colour in a line: three points, and one for each beyond five. */
function runs(lines: Lines): number {
  const pairs = (1 << (lines.length - 1)) - 1;
  let points = 0;
  for (const line of lines) {
    // A bit for each module like its neighbour; four such in a row are five modules.
    const same = ~(line ^ (line >>> 1)) & pairs;
    const fives = same & (same >>> 1) & (same >>> 2) & (same >>> 3);
    if (fives !== 0) points += ones(fives) + 2 * ones(fives & ~(fives >>> 1));
  }
  return points;
}

/** Two by two modules of one colour: three points. */
function blocks(rows: Lines): number {
  const pairs = (1 << (rows.length - 1)) - 1;
  let count = 0;
  for (let row = 0; row + 1 < rows.length; row++) {
    const [line, next] = [rows[row] as number, rows[row + 1] as number];
    count += ones(~(line ^ (line >>> 1)) & ~(next ^ (next >>> 1)) & ~(line ^ next) & pairs);
  }
  return 3 * count;
}

/** What looks like a finder pattern, four light modules before or behind: forty points. */
function finders(lines: Lines): number {
  const whole = (1 << (lines.length - 10)) - 1;
  let count = 0;
  for (const line of lines) {
    const light = ~line;
    const finder = (at: number): number =>
      (line >>> at) &
      (light >>> (at + 1)) &
      (line >>> (at + 2)) &
      (line >>> (at + 3)) &
      (line >>> (at + 4)) &
      (light >>> (at + 5)) &
      (line >>> (at + 6));
    const four = (at: number): number =>
      (light >>> at) & (light >>> (at + 1)) & (light >>> (at + 2)) & (light >>> (at + 3));
    count += ones(finder(0) & four(7) & whole) + ones(four(0) & finder(4) & whole);
  }
  return 40 * count;
}

/** Ten points for each twentieth the dark modules are away from half. */
function balance(rows: Lines): number {
  let dark = 0;
  for (const row of rows) dark += ones(row);
  return 10 * Math.abs(Math.ceil((dark * 20) / (rows.length * rows.length)) - 10);
}

function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
