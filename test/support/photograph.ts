import { encode } from 'jpeg-js';

/* A photograph as a camera stores it: turned or mirrored, and the Exif data say how. */

/** The size of the upright picture. */
export const [WIDTH, HEIGHT] = [48, 24];

/** A JPEG whose picture, when it is upright, is black only in the upper left corner. */
export function photograph(orientation: number, order: 'II' | 'MM'): Buffer {
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
