import type { Matrix } from './barcode.ts';
import { type Face, MM_PER_POINT } from './fonts.ts';
import { dataUrl, loadPicture, rasterise } from './images.ts';
import type { Shape } from './layout.ts';

/** An image with one bit per dot. A dot is black if its bit is 1. Rows are padded to full bytes. */
export interface Bitmap {
  columns: number;
  rows: number;
  rowBytes: number;
  bits: Uint8Array;
}

interface Glyph {
  bitmap: Bitmap;
  /** The distance from the pen to the bitmap's left edge, in dots. */
  left: number;
  /** The distance from the bitmap's upper edge down to the baseline, in dots. */
  top: number;
}

/** A thermal printer cannot print grey, so a dot becomes black if it is darker than half. */
const BLACK_BELOW = 128;
const glyphs = new Map<string, Glyph>();
/**
 * The maximum number of cached letters. A job with a few font faces at a few sizes needs fewer letters than this
 * maximum.
 */
const MAX_GLYPHS = 5000;

/** Draws a row of text as dots, from cached letters. `x` and `y` are the upper left corner of the drawn bitmap. */
export async function textBitmap(
  shape: Shape & { kind: 'text' },
  dpi: number,
): Promise<{ bitmap: Bitmap; x: number; y: number }> {
  const dot = 25.4 / dpi;
  const placed: { glyph: Glyph; x: number }[] = [];
  let pen = shape.x / dot;
  for (const { face, text } of shape.runs) {
    for (const letter of text) {
      const glyph = await glyphOf(face, letter, shape.size, dpi);
      placed.push({ glyph, x: Math.round(pen) + glyph.left });
      pen += ((face.advance(letter) ?? 0) * shape.size * MM_PER_POINT) / dot;
    }
  }
  const baseline = Math.round(shape.baseline / dot);
  const left = Math.min(...placed.map(({ x }) => x));
  const right = Math.max(...placed.map(({ glyph, x }) => x + glyph.bitmap.columns));
  const above = Math.max(...placed.map(({ glyph }) => glyph.top));
  const below = Math.max(...placed.map(({ glyph }) => glyph.bitmap.rows - glyph.top));
  const bitmap = blank(Math.max(1, right - left), Math.max(1, above + below));
  for (const { glyph, x } of placed) stamp(bitmap, glyph.bitmap, x - left, above - glyph.top);
  return { bitmap, x: left, y: baseline - above };
}

async function glyphOf(face: Face, letter: string, size: number, dpi: number): Promise<Glyph> {
  const key = `${face.file} ${size} ${dpi} ${letter}`;
  const known = glyphs.get(key);
  if (known) return known;
  const glyph = await drawGlyph(face, letter, (size * dpi) / 72);
  if (glyphs.size >= MAX_GLYPHS) glyphs.clear();
  glyphs.set(key, glyph);
  return glyph;
}

/** Draws one letter. `em` is the font size in dots. */
async function drawGlyph(face: Face, letter: string, em: number): Promise<Glyph> {
  const outline = face.font.glyphForCodePoint(letter.codePointAt(0) ?? 0);
  const scale = em / face.font.unitsPerEm;
  const { minX, minY, maxX, maxY } = outline.bbox;
  const left = Math.floor(minX * scale);
  const top = Math.ceil(maxY * scale);
  const columns = Math.ceil(maxX * scale) - left;
  const rows = top - Math.floor(minY * scale);
  if (!(columns > 0 && rows > 0)) return { bitmap: blank(0, 0), left: 0, top: 0 };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${columns}" height="${rows}" viewBox="0 0 ${columns} ${rows}"><path transform="translate(${-left} ${top}) scale(${scale} ${-scale})" d="${outline.path.toSVG()}"/></svg>`;
  return { bitmap: await threshold(svg, columns), left, top };
}

/** Draws a logo as dots. The logo is centred in its box, and as large as the box allows. */
export async function imageBitmap(shape: Shape & { kind: 'image' }, dpi: number): Promise<Bitmap> {
  const href = dataUrl(loadPicture(shape.file, shape.folder));
  const columns = Math.floor((shape.w * dpi) / 25.4);
  const rows = Math.floor((shape.h * dpi) / 25.4);
  return threshold(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${columns}" height="${rows}" viewBox="0 0 ${columns} ${rows}"><image width="${columns}" height="${rows}" href="${href}"/></svg>`,
    columns,
  );
}

/** Draws bars as dots. `module` is the number of dots per module. */
export function barsBitmap(widths: number[], module: number, rows: number): Bitmap {
  const bitmap = blank(widths.reduce((sum, width) => sum + width, 0) * module, rows);
  let x = 0;
  for (const [index, width] of widths.entries()) {
    const end = x + width * module;
    if (index % 2 === 0)
      for (let column = x; column < end; column++) for (let y = 0; y < rows; y++) set(bitmap, column, y);
    x = end;
  }
  return bitmap;
}

/** Draws a matrix code as dots. `module` is the number of dots per module. */
export function matrixBitmap({ columns, rows, dark }: Matrix, module: number): Bitmap {
  const bitmap = blank(columns * module, rows * module);
  for (let y = 0; y < rows * module; y++) {
    for (let x = 0; x < columns * module; x++)
      if (dark(Math.floor(x / module), Math.floor(y / module))) set(bitmap, x, y);
  }
  return bitmap;
}

async function threshold(svg: string, columns: number): Promise<Bitmap> {
  const { width, height, pixels } = await rasterise(svg, columns);
  const bitmap = blank(width, height);
  for (let i = 0; i < width * height; i++) {
    if ((pixels[i * 4] ?? 0) < BLACK_BELOW) set(bitmap, i % width, Math.floor(i / width));
  }
  return bitmap;
}

function blank(columns: number, rows: number): Bitmap {
  const rowBytes = Math.ceil(columns / 8);
  return { columns, rows, rowBytes, bits: new Uint8Array(rowBytes * rows) };
}

function set({ bits, rowBytes }: Bitmap, x: number, y: number): void {
  const at = y * rowBytes + (x >> 3);
  bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7));
}

function stamp(onto: Bitmap, from: Bitmap, x: number, y: number): void {
  for (let row = 0; row < from.rows; row++) {
    for (let column = 0; column < from.columns; column++) {
      if (((from.bits[row * from.rowBytes + (column >> 3)] ?? 0) >> (7 - (column & 7))) & 1)
        set(onto, x + column, y + row);
    }
  }
}
