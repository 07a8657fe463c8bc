import type { Matrix } from './barcode.ts';
import { blank, set, stamp, type Bitmap } from './bits.ts';
import { type Face, MM_PER_POINT } from './fonts.ts';
import type { Shape } from './layout.ts';
import { drawPicture, rasterise } from './pictures/draw.ts';
import { dotsOf } from './pictures/tone.ts';

interface Glyph {
  bitmap: Bitmap;
  /** The distance from the pen position to the bitmap's left edge, in dots. */
  left: number;
  /** The distance from the bitmap's top edge down to the baseline, in dots. */
  top: number;
}

const glyphs = new Map<string, Glyph>();
/**
 * The maximum number of cached characters. A job with a few font faces in a few sizes needs fewer characters than this.
 */
const MAX_GLYPHS = 5000;

/** Draws a line of text as dots, from cached characters. `x` and `y` are the upper left corner of the drawn bitmap. */
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
  const key = `${face.hash} ${size} ${dpi} ${letter}`;
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
export async function imageBitmap({ picture, tone, w, h }: Shape & { kind: 'image' }, dpi: number): Promise<Bitmap> {
  const bitmap = blank(Math.floor((w * dpi) / 25.4), Math.floor((h * dpi) / 25.4));
  const dots = dotsOf(await drawPicture(picture, bitmap.columns, bitmap.rows), tone);
  stamp(bitmap, dots, (bitmap.columns - dots.columns) >> 1, (bitmap.rows - dots.rows) >> 1);
  return bitmap;
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
  return dotsOf({ width, height, rgba: pixels }, {});
}
