import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HEIGHT, photograph, WIDTH } from '../../support/photograph.ts';
import { orientationOf } from '../../../src/label/pictures/orientation.ts';
import { isBlack } from '../../../src/label/bits.ts';
import { layOut } from '../../../src/label/layout.ts';
import { openDrawing } from '../../../src/label/pictures/draw.ts';
import { dotsOf } from '../../../src/label/printed-with.ts';
import { parseTemplate } from '../../../src/label/template.ts';
import { toZpl } from '../../../src/label/zpl.ts';
import { rasterPdf } from '../../support/pdf-reader.ts';
import { dotsOf as dotsIn } from '../../support/dots-picture.ts';
import { emulate, pdfOf, TYPICAL } from '../../support/label-files.ts';
import { tempFolder } from '../../support/service.ts';
import { redrawPicture } from '../../../src/label/pictures/redraw.ts';

/* Photographs of a logo, as cameras store them: turned or mirrored, and the Exif data say how. */

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

describe('a photograph in labels/logos', () => {
  /** The quarters of the picture that are black: upper left, upper right, lower left, lower right. */
  const quarters = (isInk: (x: number, y: number) => boolean): boolean[] =>
    [0.25, 0.75].flatMap((down) =>
      [0.25, 0.75].map((across) => isInk(Math.round((5 + across * 20) * 8), Math.round((5 + down * 10) * 8))),
    );
  const of = (png: Uint8Array | undefined): boolean[] => {
    const { width, black } = dotsIn(png ?? new Uint8Array());
    return quarters((x, y) => Boolean(black[y * width + x]));
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is upright in every output, with the orientation %i', async (orientation) => {
    await openDrawing();
    const folder = tempFolder();
    mkdirSync(join(folder, 'logos'), { recursive: true });
    writeFileSync(join(folder, 'logos', 'photo.jpg'), photograph(orientation, 'MM'));
    const source = `{ media: { width: 30, height: 20 }, boxes: [{ type: 'image', x: 5, y: 5, w: 20, h: 10, file: 'photo.jpg' }] }`;
    const layout = layOut(parseTemplate('photo', source, folder), TYPICAL);
    const upperLeft = [true, false, false, false];
    const bitmap = await dotsOf(layout);
    expect(quarters((x, y) => isBlack(bitmap, x, y))).toEqual(upperLeft);
    expect(of((await emulate(await toZpl(layout), layout))[0])).toEqual(upperLeft);
    expect(of(rasterPdf(await pdfOf([layout]), 203, 'mono')[0])).toEqual(upperLeft);
  });
});
