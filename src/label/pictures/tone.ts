import { blank, set, type Bitmap } from '../bits.ts';
import type { ImageBox } from '../template.ts';
import type { Pixels } from './draw.ts';

export type Tone = Pick<ImageBox, 'threshold' | 'dither'>;

/** The default threshold: a dot is black if its luma is below half of white. */
const HALF = 50;

/**
 * Turns pixels into dots. A thermal printer cannot print grey. A dot is black if its luma is below the threshold. With
 * `dither`, the proportion of black dots matches the average darkness of an area.
 */
export function dotsOf(pixels: Pixels, { threshold = HALF, dither = false }: Tone): Bitmap {
  const lumas = lumasOf(pixels);
  const bitmap = blank(pixels.width, pixels.height);
  const limit = (threshold / 100) * 255;
  for (let y = 0; y < pixels.height; y++) {
    for (let x = 0; x < pixels.width; x++) {
      const luma = lumas[y * pixels.width + x] ?? 255;
      const isBlack = luma < limit;
      if (isBlack) set(bitmap, x, y);
      if (dither) spread(lumas, pixels, x, y, luma - (isBlack ? 0 : 255));
    }
  }
  return bitmap;
}

/**
 * The luma of ITU-R BT.709, 0 to 255. A single colour channel is not enough: in the red channel, for example, red looks
 * like white.
 */
export function lumasOf({ width, height, rgba }: Pixels): Float32Array {
  const lumas = new Float32Array(width * height);
  for (let at = 0; at < lumas.length; at++) {
    const [red, green, blue] = [rgba[at * 4] ?? 255, rgba[at * 4 + 1] ?? 255, rgba[at * 4 + 2] ?? 255];
    lumas[at] = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  return lumas;
}

/** Floyd–Steinberg: the error of a dot is divided among the four neighbouring dots whose colour is not decided yet. */
const SHARES = [
  { dx: 1, dy: 0, share: 7 / 16 },
  { dx: -1, dy: 1, share: 3 / 16 },
  { dx: 0, dy: 1, share: 5 / 16 },
  { dx: 1, dy: 1, share: 1 / 16 },
];

function spread(lumas: Float32Array, { width, height }: Pixels, x: number, y: number, error: number): void {
  for (const { dx, dy, share } of SHARES) {
    const [column, row] = [x + dx, y + dy];
    if (column < 0 || column >= width || row >= height) continue;
    const at = row * width + column;
    lumas[at] = (lumas[at] ?? 0) + error * share;
  }
}

/** The proportion of black dots, 0 to 1. */
export function inkOf({ bits, columns, rows }: Bitmap): number {
  let black = 0;
  for (const byte of bits) for (let rest = byte; rest > 0; rest &= rest - 1) black++;
  return black / (columns * rows);
}
