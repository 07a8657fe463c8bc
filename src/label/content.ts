import type { Matrix } from './barcode.ts';
import type { Bars } from './code128.ts';

/**
 * A page's content stream. The content is written as bytes, because joining strings would take longer than computing
 * the content.
 */
export interface Content {
  /** Writes ASCII text. */
  text: (text: string) => void;
  /**
   * Writes dark modules as rectangles, in units of one module. Equal runs in adjacent rows are merged into one
   * rectangle.
   */
  modules: (matrix: Matrix) => void;
  /** Writes bars of height 1, in units of one module divided by PARTS_OF_MODULE. */
  bars: (bars: Bars) => void;
  length: () => number;
  /** Returns a copy of the bytes written since `start`. */
  since: (start: number) => Uint8Array;
  /**
   * Returns all bytes of the stream and empties it. The next write overwrites the returned bytes.
   */
  take: () => Uint8Array;
}

const START_BYTES = 16 * 1024;
/** The maximum size of a rectangle in bytes: four numbers with spaces, `re` and a line end. */
const RECTANGLE_BYTES = 64;
const [ZERO, SPACE] = [0x30, 0x20];

/**
 * The number of parts into which a module is divided. On each side, a bar is drawn narrower by one such part. Programs
 * that draw only black and white darken every dot that a bar touches. So with full-width bars, a rounding error at an
 * edge would make a bar one dot wider.
 */
export const PARTS_OF_MODULE = 50;

export function openContent(): Content {
  let buffer = Buffer.allocUnsafe(START_BYTES);
  let used = 0;

  const room = (more: number): void => {
    if (used + more <= buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (used + more));
    buffer.copy(larger, 0, 0, used);
    buffer = larger;
  };
  const text = (letters: string): void => {
    room(letters.length);
    used += buffer.write(letters, used, 'latin1');
  };
  const digits = (value: number): void => {
    if (value > 9) digits(Math.trunc(value / 10));
    buffer[used++] = ZERO + (value % 10);
  };
  const number = (value: number): void => {
    digits(value);
    buffer[used++] = SPACE;
  };
  const rectangle = (x: number, y: number, width: number, height: number): void => {
    room(RECTANGLE_BYTES);
    number(x);
    number(y);
    number(width);
    number(height);
    buffer[used++] = 0x72; // r
    buffer[used++] = 0x65; // e
    buffer[used++] = 0x0a;
  };

  return {
    text,
    modules(matrix) {
      const { columns, rows, lines } = matrix;
      // For each column: the width of the run that begins there (or 0), and the first row of that run.
      const width = new Uint8Array(columns);
      const since = new Uint8Array(columns);
      const turn = (column: number, row: number, now: number): void => {
        const before = width[column] ?? 0;
        if (now === before) return;
        const first = since[column] ?? 0;
        if (before > 0) rectangle(column, first, before, row - first);
        width[column] = now;
        since[column] = row;
      };
      if (lines) turnBits(lines, rows, turn);
      else turnModules(matrix, turn);
    },
    bars({ widths }) {
      let x = 0;
      for (let index = 0; index < widths.length; index++) {
        const width = widths[index] ?? 0;
        if (index % 2 === 0) rectangle(PARTS_OF_MODULE * x + 1, 0, PARTS_OF_MODULE * width - 2, 1);
        x += width;
      }
    },
    length: () => used,
    since: (start) => Buffer.from(buffer.subarray(start, used)),
    take() {
      const all = buffer.subarray(0, used);
      used = 0;
      return all;
    },
  };
}

/**
 * Called for each module at which a run of dark modules may begin or end. `width` is the width of the run that begins
 * there, or 0 if none begins.
 */
type Turn = (column: number, row: number, width: number) => void;

function turnModules({ columns, rows, dark }: Matrix, turn: Turn): void {
  for (let row = 0; row <= rows; row++) {
    let end = 0;
    for (let column = 0; column < columns; column++) {
      const begins = row < rows && column >= end && dark(column, row);
      if (begins) {
        end = column + 1;
        while (end < columns && dark(end, row)) end++;
      }
      turn(column, row, begins ? end - column : 0);
    }
  }
}

function turnBits(lines: Int32Array, rows: number, turn: Turn): void {
  let above = 0;
  for (let row = 0; row <= rows; row++) {
    const line = row < rows ? (lines[row] ?? 0) : 0;
    const begins = line & ~(line << 1);
    for (let left = begins | above; left !== 0; left &= left - 1) {
      const column = lowest(left);
      turn(column, row, (begins >>> column) & 1 ? lowest(~(line >>> column)) : 0);
    }
    above = begins;
  }
}

/** The position of the lowest bit that is 1. */
function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
