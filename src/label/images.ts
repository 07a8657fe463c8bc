import { readFileSync } from 'node:fs';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { createRequire } from 'node:module';
import { ClaimstampError } from '../error.ts';
import { dataFile } from './template.ts';

/** Logos, and the one rasteriser: resvg, compiled to WebAssembly, its bytes from the package and never from a network. */

export interface Picture {
  kind: 'png' | 'svg';
  bytes: Buffer;
}

const MAX_BYTES = 2 * 1024 * 1024;

/** `folder` is the template's. Throws `invalid` when there is no such picture. */
export function loadPicture(file: string, folder: string): Picture {
  const path = /\.(png|svg)$/.test(file) ? dataFile(folder, 'logos', file) : undefined;
  if (path === undefined) {
    throw new ClaimstampError('invalid', `there is no picture "${file}": put a PNG or SVG into labels/logos/`);
  }
  const bytes = readFileSync(path);
  if (bytes.length > MAX_BYTES)
    throw new ClaimstampError('invalid', `the picture "${file}" has more than ${MAX_BYTES} bytes`);
  return { kind: file.endsWith('.png') ? 'png' : 'svg', bytes };
}

let ready: Promise<void> | undefined;

export interface Pixels {
  width: number;
  height: number;
  /** RGBA, not premultiplied where opaque. */
  data: Uint8Array;
  png: () => Uint8Array;
}

/** Draws an SVG at `width` pixels on white. */
export async function rasterise(svg: string, width: number): Promise<Pixels> {
  ready ??= initWasm(readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm')));
  await ready;
  const image = parse(svg, width).render();
  return { width: image.width, height: image.height, data: image.pixels, png: () => image.asPng() };
}

function parse(svg: string, width: number): InstanceType<typeof Resvg> {
  try {
    return new Resvg(svg, {
      fitTo: { mode: 'width', value: width },
      background: 'white',
      font: { loadSystemFonts: false },
    });
  } catch (error) {
    throw new ClaimstampError('invalid', `a picture cannot be drawn: ${String(error)}`);
  }
}
