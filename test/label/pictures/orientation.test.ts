import { inflateSync } from 'node:zlib';
import { encode } from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { orientationOf } from '../../../src/label/pictures/orientation.ts';
import { redrawPicture } from '../../../src/label/pictures/redraw.ts';

/* Photographs of a logo, as cameras store them: turned or mirrored, and the Exif data say how. */

const [WIDTH, HEIGHT] = [48, 24];

/** A JPEG whose picture, when it is upright, is black only in the upper left corner. */
function photograph(orientation: number, order: 'II' | 'MM'): Buffer {
  const [w, h] = orientation > 4 ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
  const data = Buffer.alloc(w * h * 4, 255);
  // The corner of the stored picture that is the upper left corner of the upright one.
  const isRight = [2, 3, 7, 8].includes(orientation);
  const isBottom = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < h / 2; y++)
    for (let x = 0; x < w / 2; x++) {
      const at = ((isBottom ? h - 1 - y : y) * w + (isRight ? w - 1 - x : x)) * 4;
      data.fill(0, at, at + 3);
    }
  const jpeg = encode({ data, width: w, height: h }, 95).data;
  return Buffer.concat([jpeg.subarray(0, 2), exif(orientation, order), jpeg.subarray(2)]);
}

function exif(orientation: number, order: 'II' | 'MM'): Buffer {
  const tiff = Buffer.alloc(26);
  const isLittle = order === 'II';
  const short = (value: number, at: number) =>
    isLittle ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  const long = (value: number, at: number) =>
    isLittle ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at);
  tiff.write(order, 'latin1');
  short(42, 2);
  long(8, 4);
  short(1, 8);
  short(0x0112, 10);
  short(3, 12);
  long(1, 14);
  short(orientation, 18);
  const head = Buffer.from([0xff, 0xe1, 0, 2 + 6 + tiff.length]);
  return Buffer.concat([head, Buffer.from('Exif\0\0', 'latin1'), tiff]);
}

/** The grey of a pixel of a PNG with filter type 2 in each row (pictures/raster.ts). */
function greyAt(png: Buffer, x: number, y: number): number {
  const width = png.readUInt32BE(16);
  const at = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  let value = 0;
  for (let row = 0; row <= y; row++) value = (value + (rows[row * (1 + width) + 1 + x] ?? 0)) & 0xff;
  return value;
}

describe.each(['II', 'MM'] as const)('a photograph with Exif data in the order %s', (order) => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('and the orientation %i is kept upright', async (orientation) => {
    const bytes = photograph(orientation, order);
    expect(orientationOf(bytes)).toBe(orientation);
    const { png, width, height } = await redrawPicture('logo.jpg', bytes);
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    const corners = [
      [4, 4],
      [WIDTH - 5, 4],
      [4, HEIGHT - 5],
      [WIDTH - 5, HEIGHT - 5],
    ] as const;
    const isDark = corners.map(([x, y]) => greyAt(Buffer.from(png, 'base64'), x, y) < 128);
    expect(isDark).toEqual([true, false, false, false]);
  });
});

it.each([
  ['no Exif data', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xda])],
  ['Exif data that are cut off', photograph(6, 'II').subarray(0, 22)],
  ['no orientation from 1 to 8', photograph(9, 'MM')],
  ['another format', Buffer.from('<svg/>')],
])('a file with %s is upright', (_, bytes) => {
  expect(orientationOf(bytes)).toBe(1);
});
