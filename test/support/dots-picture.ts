import { createRequire } from 'node:module';
import { crc32, deflateSync } from 'node:zlib';

/* Pictures of black and white dots, as a thermal printer makes them. */

export interface Dots {
  width: number;
  height: number;
  /** 1 is black. */
  black: Uint8Array;
}

interface PngReader {
  PNG: { sync: { read: (png: Buffer) => { width: number; height: number; data: Buffer } } };
}
const { PNG }: PngReader = createRequire(import.meta.url)('pngjs');

/** The luma of a dot that is still black. */
const HALF = 127.5;

/** Reads a PNG. A dot is black if its luma (ITU-R BT.709) is below half. */
export function dotsOf(png: Uint8Array): Dots {
  const { width, height, data } = PNG.sync.read(Buffer.from(png));
  const black = Uint8Array.from({ length: width * height }, (_, dot) => {
    const [red = 0, green = 0, blue = 0] = data.subarray(dot * 4, dot * 4 + 3);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < HALF ? 1 : 0;
  });
  return { width, height, black };
}

/** A picture with a frame of one dot around it, which shows the edge of a label. */
export function framed({ width, height, black }: Dots): Dots {
  const out = blank(width + 2, height + 2);
  out.black.fill(1);
  for (let y = 0; y < height; y++) out.black.set(black.subarray(y * width, (y + 1) * width), (y + 1) * out.width + 1);
  return out;
}

/** Puts pictures beside each other, with white between them. */
export function beside(pictures: Dots[], gap: number): Dots {
  const width = pictures.reduce((sum, one) => sum + one.width, 0) + gap * (pictures.length - 1);
  const out = blank(width, Math.max(...pictures.map((one) => one.height)));
  let left = 0;
  for (const one of pictures) {
    for (let y = 0; y < one.height; y++)
      out.black.set(one.black.subarray(y * one.width, (y + 1) * one.width), y * width + left);
    left += one.width + gap;
  }
  return out;
}

export function below(pictures: Dots[], gap: number): Dots {
  const height = pictures.reduce((sum, one) => sum + one.height, 0) + gap * (pictures.length - 1);
  const out = blank(Math.max(...pictures.map((one) => one.width)), height);
  let top = 0;
  for (const one of pictures) {
    for (let y = 0; y < one.height; y++)
      out.black.set(one.black.subarray(y * one.width, (y + 1) * one.width), (top + y) * out.width);
    top += one.height + gap;
  }
  return out;
}

/** The upper part of a picture. */
export function cropped({ width, height, black }: Dots, rows: number): Dots {
  return { width, height: Math.min(height, rows), black: black.subarray(0, width * rows) };
}

function blank(width: number, height: number): Dots {
  return { width, height, black: new Uint8Array(width * height) };
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Writes a PNG with one bit for each dot. */
export function smallPng({ width, height, black }: Dots): Buffer {
  const rowBytes = 1 + Math.ceil(width / 8);
  const rows = Buffer.alloc(rowBytes * height);
  for (const [dot, isBlack] of black.entries()) {
    const [x, y] = [dot % width, Math.floor(dot / width)];
    const at = y * rowBytes + 1 + (x >> 3);
    if (!isBlack) rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // One bit of grey for each dot.
  header.set([1, 0, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
