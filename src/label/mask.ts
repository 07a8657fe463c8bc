import QRCode from 'qrcode';
import { bitGrid, type Lines, type QrLevel, type BitGrid } from './symbol.ts';
import { defined } from '../platform/own.ts';

/*
 * Finds the best of the eight masks of a small QR code (ISO/IEC 18004, 7.8.3). To be fast, this code computes with
 * entire rows of bits. The QR library checks single modules. So the library's search for the mask takes five times as
 * long as the rest of its work on a code.
 */

const MASKS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** The data shared by all symbols with the same version and level. The data is stored both by rows and by columns. */
interface Frame {
  /** For each mask: the modules that contain no data, such as those of the format information. */
  fixed: BitGrid[];
  /** For each mask: the modules that differ from mask 0. */
  change: BitGrid[];
  /** The symbol with the current mask. The memory of this grid is reused for all symbols. */
  tried: BitGrid;
}

const frames = new Map<string, Frame>();

/** Returns a symbol with its best mask, as rows of bits. `data` contains the data modules with mask 0. */
export function masked(data: BitGrid, version: number, level: QrLevel): Lines {
  const { fixed, change, tried } = frameOf(version, level);
  let best = 0;
  let least = Infinity;
  for (const mask of MASKS) {
    const { rows, columns } = tried;
    apply(mask, 'rows');
    let points = runs(rows) + blocks(rows) + finders(rows) + balance(rows);
    // The remaining rules can only add penalty points, so this mask cannot be the best one.
    if (points >= least) continue;
    apply(mask, 'columns');
    points += runs(columns) + finders(columns);
    if (points < least) [best, least] = [mask, points];
  }
  apply(best, 'rows');
  return tried.rows.slice();

  function apply(mask: number, direction: keyof BitGrid): void {
    const [lines, turned, kept, into] = [
      data[direction],
      defined(change[mask])[direction],
      defined(fixed[mask])[direction],
      tried[direction],
    ];
    for (let index = 0; index < into.length; index++)
      into[index] = ((lines[index] ?? 0) ^ (turned[index] ?? 0)) | (kept[index] ?? 0);
  }
}

function frameOf(version: number, level: QrLevel): Frame {
  const key = `${version}${level}`;
  const known = frames.get(key);
  if (known) return known;
  const symbols = MASKS.map(
    (maskPattern) =>
      QRCode.create([{ data: '0', mode: 'numeric' }], { version, errorCorrectionLevel: level, maskPattern }).modules,
  );
  const first = defined(symbols[0]);
  const frame = {
    fixed: symbols.map((symbol) => bitGrid(symbol, (at) => symbol.data[at] === 1 && Boolean(symbol.reservedBit[at]))),
    change: symbols.map((symbol) =>
      bitGrid(symbol, (at) => symbol.data[at] !== first.data[at] && !symbol.reservedBit[at]),
    ),
    tried: bitGrid(first, () => false),
  };
  frames.set(key, frame);
  return frame;
}

/* A symbol gets penalty points for four properties that make it hard to read. */

/**
 * Five adjacent modules of one colour in a row or column give three points. Each further adjacent module of that colour
 * gives one more point.
 */
function runs(lines: Lines): number {
  const pairs = (1 << (lines.length - 1)) - 1;
  let points = 0;
  for (const line of lines) {
    // A bit of `same` is 1 if the module equals the next module. Four consecutive 1 bits mean five equal modules in a
    // row.
    const same = ~(line ^ (line >>> 1)) & pairs;
    const fives = same & (same >>> 1) & (same >>> 2) & (same >>> 3);
    if (fives !== 0) points += ones(fives) + 2 * ones(fives & ~(fives >>> 1));
  }
  return points;
}

/** Each square of two by two modules of one colour gives three points. */
function blocks(rows: Lines): number {
  const pairs = (1 << (rows.length - 1)) - 1;
  let count = 0;
  for (let row = 0; row + 1 < rows.length; row++) {
    const [line, next] = [rows[row] ?? 0, rows[row + 1] ?? 0];
    count += ones(~(line ^ (line >>> 1)) & ~(next ^ (next >>> 1)) & ~(line ^ next) & pairs);
  }
  return 3 * count;
}

/** A pattern gives forty points if it looks like a finder pattern with four light modules before or after it. */
function finders(lines: Lines): number {
  const places = (1 << (lines.length - 10)) - 1;
  let count = 0;
  for (const line of lines) {
    const light = ~line;
    // In `finder`, a bit is 1 where a finder pattern begins. In `four`, a bit is 1 where four light modules begin.
    const finder = line & (light >>> 1) & (line >>> 2) & (line >>> 3) & (line >>> 4) & (light >>> 5) & (line >>> 6);
    if (finder === 0) continue;
    const four = light & (light >>> 1) & (light >>> 2) & (light >>> 3);
    count += ones(finder & (four >>> 7) & places) + ones(four & (finder >>> 4) & places);
  }
  return 40 * count;
}

/**
 * Half of the modules should be dark. For each 5 percentage points of difference from 50 %, a symbol gets ten penalty
 * points.
 */
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
