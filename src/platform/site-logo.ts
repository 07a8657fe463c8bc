import { readFileSync, statSync } from 'node:fs';
import { fileError } from './file-error.ts';

/** The logo of the site, which pages show at the top. */
export interface SiteLogo {
  /** A media type. */
  type: 'image/png' | 'image/svg+xml';
  bytes: Uint8Array<ArrayBuffer>;
}

/** The first page that a browser opens also loads the logo, so the file must be small. */
const MOST_BYTES = 256 * 1024;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Reads a logo (PNG or SVG, at most 256 KiB). If the file cannot be used, throws an `Error` whose message says why. */
export function readSiteLogo(path: string): SiteLogo {
  const bytes = new Uint8Array(bytesOf(path));
  if (PNG.every((byte, at) => bytes[at] === byte)) return { type: 'image/png', bytes };
  // The browser draws the SVG as an image, so scripts in it do not run and it loads no other files.
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(textOf(bytes)))
    return { type: 'image/svg+xml', bytes };
  throw new Error(`${path} is neither a PNG nor an SVG: name a file of one of these formats`);
}

function bytesOf(path: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`${path} is ${size} bytes large: use a logo of at most ${MOST_BYTES} bytes`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new Error(`${path}: ${fileError(error)}`, { cause: error });
    throw error;
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}
