import { readFileSync, statSync } from 'node:fs';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { createRequire } from 'node:module';
import { deflateSync } from 'node:zlib';
import { refusal } from '../platform/error.ts';
import { dataFile } from './template.ts';

export interface Picture {
  kind: 'png' | 'svg';
  bytes: Buffer;
}

const MAX_BYTES = 2 * 1024 * 1024;

/**
 * The pictures that were read. The program remembers only a few pictures, because a factory has only a few logos. A
 * file that has changed is read again.
 */
const loaded = new Map<string, { picture: Picture; changed: number }>();
const MAX_LOADED = 100;

/** Loads a picture. `folder` is the template's folder. Throws `invalid` if there is no picture with this name. */
export function loadPicture(file: string, folder: string): Picture {
  const path = /\.(png|svg)$/.test(file) ? dataFile(folder, 'logos', file) : undefined;
  if (path === undefined) {
    throw refusal('template-wrong', 'picture', { file });
  }
  const { size, mtimeMs } = statSync(path);
  if (size > MAX_BYTES) throw refusal('template-wrong', 'pictureLarge', { file, max: MAX_BYTES });
  const known = loaded.get(path);
  if (known?.changed === mtimeMs) return known.picture;
  const picture: Picture = { kind: file.endsWith('.png') ? 'png' : 'svg', bytes: readFileSync(path) };
  if (loaded.size >= MAX_LOADED) loaded.clear();
  loaded.set(path, { picture, changed: mtimeMs });
  return picture;
}

/** A picture for a PDF. The RGB rows have a white background and are compressed with deflate. */
export interface Packed {
  width: number;
  height: number;
  rgb: Buffer;
}

const packed = new WeakMap<Picture, { columns: number; made: Promise<Packed> }>();

/**
 * Draws a picture `columns` pixels wide. The picture for a PDF is cached, because most documents have the same logo.
 */
export function packedPicture(picture: Picture, columns: number): Promise<Packed> {
  const known = packed.get(picture);
  if (known?.columns === columns) return known.made;
  const made = pack(picture, columns);
  packed.set(picture, { columns, made });
  return made;
}

async function pack(picture: Picture, columns: number): Promise<Packed> {
  const { width, height, pixels } = await rasterise(svgOf(picture), columns);
  const rgb = Buffer.alloc(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from++) if (from % 4 !== 3) rgb[to++] = pixels[from] ?? 0;
  return { width, height, rgb: deflateSync(rgb) };
}

/** The picture as an SVG. If the picture is a PNG, the SVG has the size in the PNG's header (PNG, 11.2.2). */
function svgOf({ kind, bytes }: Picture): string {
  if (kind === 'svg') return bytes.toString('utf8');
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG') throw refusal('template-wrong', 'notPng');
  const size = `width="${bytes.readUInt32BE(16)}" height="${bytes.readUInt32BE(20)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}><image ${size} href="${dataUrl({ kind, bytes })}"/></svg>`;
}

export function dataUrl({ kind, bytes }: Picture): string {
  return `data:${kind === 'png' ? 'image/png' : 'image/svg+xml'};base64,${bytes.toString('base64')}`;
}

let ready: Promise<void> | undefined;

/**
 * Draws an SVG on white, `width` pixels wide. `pixels` are RGBA. Each access to `pixels` copies them from WebAssembly.
 */
export async function rasterise(svg: string, width: number): Promise<ReturnType<InstanceType<typeof Resvg>['render']>> {
  ready ??= initWasm(readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm')));
  await ready;
  try {
    const fitTo = { mode: 'width', value: width } as const;
    return new Resvg(svg, { fitTo, background: 'white', font: { loadSystemFonts: false } }).render();
  } catch (error) {
    throw refusal('template-wrong', 'pictureUnreadable', { why: String(error) });
  }
}
