import { createRequire } from 'node:module';
import type { Drawing } from './state.ts';

/*
 * Draws a label. The drawing library is not the one that writes the service's labels, so the drawing is an independent
 * check of these labels. The library draws only the fields. After that, the image is turned, mirrored and overprinted,
 * depending on the state of the printer.
 */

const require = createRequire(import.meta.url);

interface Renderer {
  ready: Promise<{
    api: { zplToBase64MultipleAsync: (zpl: string, width: number, height: number, dpmm: number) => Promise<string[]> };
  }>;
}

interface Picture {
  width: number;
  height: number;
  /** Each dot has four bytes: red, green, blue and alpha. */
  data: Buffer;
}
interface Png {
  PNG: {
    new (size: { width: number; height: number }): Picture;
    sync: { read: (png: Buffer) => Picture; write: (picture: Picture) => Buffer };
  };
}

const DOTS_PER_MM: { [dpi: number]: number } = { 203: 8, 300: 12, 600: 24 };
const DARK = 128;

/** The dots of a label. A black dot is 1. */
export interface Dots {
  width: number;
  height: number;
  black: Uint8Array;
}

/** Draws the fields of a format on a label. The size of the label is in dots. */
export async function dotsOf({ zpl }: Drawing, width: number, height: number, dpi: number): Promise<Dots> {
  const renderer: Renderer = require('zpl-renderer-js');
  const { api } = await renderer.ready;
  const { PNG }: Png = require('pngjs');
  const dpmm = DOTS_PER_MM[dpi] ?? 8;
  const [png] = await api.zplToBase64MultipleAsync(zpl, width / dpmm, height / dpmm, dpmm);
  const black = new Uint8Array(width * height);
  if (png === undefined) return { width, height, black };
  const picture = PNG.sync.read(Buffer.from(png, 'base64'));
  for (let y = 0; y < Math.min(height, picture.height); y++)
    for (let x = 0; x < Math.min(width, picture.width); x++)
      black[y * width + x] = (picture.data[(y * picture.width + x) * 4] ?? 0) < DARK ? 1 : 0;
  return { width, height, black };
}

/** Adds the black dots of an image that the printer kept from an earlier label. */
export function over(own: Dots, kept: Dots | undefined): Dots {
  if (kept === undefined) return own;
  const black = own.black.map((dot, at) => {
    const [x, y] = [at % own.width, Math.floor(at / own.width)];
    const below = x < kept.width && y < kept.height ? kept.black[y * kept.width + x] : 0;
    return dot | (below ?? 0);
  });
  return { ...own, black };
}

/** Turns and mirrors the label, depending on the state of the printer, and returns it as a PNG. */
export function pngOf({ width, height, black }: Dots, { isTurned, isMirrored }: Drawing['state']): Buffer {
  const { PNG }: Png = require('pngjs');
  const picture = new PNG({ width, height });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const fromX = isTurned === isMirrored ? x : width - 1 - x;
      const fromY = isTurned ? height - 1 - y : y;
      const at = (y * width + x) * 4;
      picture.data.fill(black[fromY * width + fromX] ? 0 : 255, at, at + 3);
      picture.data[at + 3] = 255;
    }
  return PNG.sync.write(picture);
}
