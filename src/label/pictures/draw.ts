import { initWasm, Resvg, type ResvgRenderOptions } from '@resvg/resvg-wasm';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { refusal } from '../../platform/error.ts';
import { defined } from '../../platform/own.ts';
import { shippedFonts } from '../fonts.ts';
import { FaultyPicture, pictureRefusal } from './fault.ts';
import type { Picture } from './picture.ts';
import { writePng, type Raster } from './raster.ts';
import type { Vector } from './vector.ts';

type RenderedImage = ReturnType<InstanceType<typeof Resvg>['render']>;

/** RGBA pixels. Rows follow one another without padding. */
export interface Pixels {
  width: number;
  height: number;
  rgba: Uint8Array;
}

let loading: Promise<void> | undefined;
let isLoaded = false;

/** Loads the drawing library, which `loadPicture` needs for a picture that contains an SVG. */
export function openDrawing(): Promise<void> {
  loading ??= initWasm(readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm'))).then(
    () => void (isLoaded = true),
  );
  return loading;
}

/** Draws one of this program's own SVGs on white, `width` pixels wide. */
export async function rasterise(svg: string, width: number): Promise<RenderedImage> {
  await openDrawing();
  try {
    const fitTo = { mode: 'width', value: width } as const;
    return new Resvg(svg, { fitTo, background: 'white', font: { loadSystemFonts: false } }).render();
  } catch (error) {
    throw refusal('template-wrong', 'pictureUnreadable', { why: String(error) });
  }
}

/** The drawn pictures, by size. A job needs each picture in only one size, or in one size per printer. */
const drawings = new Map<string, Promise<Pixels>>();
const MAX_DRAWINGS = 20;

/**
 * Draws a picture on white, as large as fits into `columns` × `rows` pixels. Throws `template-wrong` if the picture is
 * damaged, or if its width or height would be less than a pixel.
 */
export function drawPicture(picture: Picture, columns: number, rows: number): Promise<Pixels> {
  const key = `${picture.hash} ${columns} ${rows}`;
  const known = drawings.get(key);
  if (known !== undefined) return known;
  const made = draw(picture, columns, rows);
  if (drawings.size >= MAX_DRAWINGS) drawings.clear();
  drawings.set(key, made);
  made.catch(() => drawings.delete(key));
  return made;
}

async function draw(picture: Picture, columns: number, rows: number): Promise<Pixels> {
  await openDrawing();
  try {
    return onWhite(fitted(picture, columns, rows));
  } catch (error) {
    if (error instanceof FaultyPicture) throw pictureRefusal(picture.file, error);
    throw error;
  }
}

/** The longest side, in pixels, of an SVG that is inside another one. At 600 dpi, this is 87 mm. */
const INSIDE = 2048;

/** Draws an SVG that is inside another one. Requires `openDrawing`. */
export function drawInside(vector: Vector): Raster {
  if (!isLoaded) throw new Error('the drawing library is not loaded');
  const pixels = fitted({ ...vector, isOpaque: false, hasText: vector.letters !== '' }, INSIDE, INSIDE);
  return { width: pixels.width, height: pixels.height, type: 'image/png', bytes: writePng(pixels) };
}

type Drawable = Pick<Picture, 'svg' | 'width' | 'height' | 'isOpaque' | 'hasText'>;

function fitted({ svg, width, height, isOpaque, hasText }: Drawable, columns: number, rows: number): Pixels {
  const scale = Math.min(columns / width, rows / height);
  if (width * scale < 1 || height * scale < 1)
    throw new FaultyPicture('too-thin', { width: Math.round(width), height: Math.round(height) });
  // This code gives the library the length of only one side. The library computes the other side, and rounds it.
  const isWide = width / height >= columns / rows;
  const fitTo = isWide ? { mode: 'width' as const, value: columns } : { mode: 'height' as const, value: rows };
  const image = render(svg, { fitTo, font: hasText ? fontOptions() : { loadSystemFonts: false } });
  const pixels = { width: image.width, height: image.height, rgba: image.pixels };
  image.free();
  if (
    isOpaque &&
    pixels.rgba[4 * (Math.floor(pixels.height / 2) * pixels.width + Math.floor(pixels.width / 2)) + 3] === 0
  )
    throw new FaultyPicture('damaged');
  return pixels;
}

function render(svg: string, options: ResvgRenderOptions): RenderedImage {
  let opened: InstanceType<typeof Resvg> | undefined;
  try {
    opened = new Resvg(svg, options);
    return opened.render();
  } catch {
    throw new FaultyPicture('format');
  } finally {
    opened?.free();
  }
}

/** Text in pictures uses only this program's fonts, because other fonts differ from machine to machine. */
function fontOptions(): NonNullable<ResvgRenderOptions['font']> {
  const family = 'DejaVu Sans';
  return {
    fontBuffers: shippedFonts().map((bytes) => Uint8Array.from(bytes)),
    defaultFontFamily: family,
    serifFamily: family,
    sansSerifFamily: family,
    cursiveFamily: family,
    fantasyFamily: family,
    monospaceFamily: 'DejaVu Sans Mono',
  };
}

function onWhite({ width, height, rgba }: Pixels): Pixels {
  const white = new Uint8Array(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = defined(rgba[at + 3]);
    // The library's output colours are not premultiplied by alpha.
    for (let part = 0; part < 3; part++)
      white[at + part] = Math.round((defined(rgba[at + part]) * alpha + 255 * (255 - alpha)) / 255);
    white[at + 3] = 255;
  }
  return { width, height, rgba: white };
}
