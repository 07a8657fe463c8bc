import { isBlack } from '../bits.ts';
import type { Shape } from '../layout.ts';
import { drawPicture, type Pixels } from './draw.ts';
import { dotsOf } from './tone.ts';

type ImageShape = Shape & { kind: 'image' };

/** The resolution of pictures in documents. This is the highest printer resolution that a template can have. */
const DOCUMENT_DPI = 600;

/**
 * The pixels of a picture in a PDF or SVG. If the box has a threshold or dithering, the pixels are the dots that the
 * label's printer will print, so that all formats look the same. In any other box, the picture keeps its colours.
 */
export async function shownPixels({ picture, tone, w, h }: ImageShape, dpi: number): Promise<Pixels> {
  const hasTone = tone.threshold !== undefined || tone.dither === true;
  const perMm = (hasTone ? dpi : DOCUMENT_DPI) / 25.4;
  const pixels = await drawPicture(picture, Math.max(1, Math.floor(w * perMm)), Math.max(1, Math.floor(h * perMm)));
  if (!hasTone) return pixels;
  const dots = dotsOf(pixels, tone);
  const rgba = new Uint8Array(pixels.rgba.length).fill(255);
  for (let y = 0; y < dots.rows; y++)
    for (let x = 0; x < dots.columns; x++)
      if (isBlack(dots, x, y)) rgba.fill(0, (y * dots.columns + x) * 4, (y * dots.columns + x) * 4 + 3);
  return { width: pixels.width, height: pixels.height, rgba };
}

/** Returns a picture's position in mm: centred in its box, and as large as the box allows. */
export function placeOf(
  { x, y, w, h }: ImageShape,
  { width, height }: Pick<Pixels, 'width' | 'height'>,
): { x: number; y: number; w: number; h: number } {
  const scale = Math.min(w / width, h / height);
  const [shownWidth, shownHeight] = [width * scale, height * scale];
  return { x: x + (w - shownWidth) / 2, y: y + (h - shownHeight) / 2, w: shownWidth, h: shownHeight };
}
