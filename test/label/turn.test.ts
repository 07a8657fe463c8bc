import { describe, expect, it } from 'vitest';
import { isBlack, type Bitmap } from '../../src/label/bits.ts';
import { checkTemplate } from '../../src/label/check.ts';
import { shapesBitmap, turnBitmap } from '../../src/label/dots.ts';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { toPng } from '../../src/label/svg.ts';
import { loadTemplate, parseTemplate } from '../../src/label/template.ts';
import { inRow, turnLayout } from '../../src/label/turn.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { decode, emulate, pdfOf, TYPICAL } from '../support/label-files.ts';
import { rasterPdf } from '../support/pdf-reader.ts';

/* Turned boxes, turned labels and labels side by side, read back by a reader that is not the writer. */

const ROTATIONS = [90, 180, 270] as const;
const DPIS = [203, 300, 600] as const;
const TIMEOUT_MS = 60_000;

const text = (rotation: number) =>
  `{ type: 'text', x: 2, y: 2, w: 8, h: 30, text: '{name}', size: 7, floor: 4, wrap: true, rotation: ${rotation} }`;
const boxes = (rotation: number) => {
  const [w, h] = rotation === 180 ? [56, 8] : [8, 56];
  return `[
    ${text(rotation)},
    { name: 'QR', type: 'qr', x: 12, y: 2, w: 20, h: 20, rotation: ${rotation} },
    { name: 'DM', type: 'datamatrix', x: 12, y: 30, w: 14, h: 14, rotation: ${rotation} },
    { name: 'S/N', type: 'code128', x: ${rotation === 180 ? 2 : 40}, y: ${rotation === 180 ? 48 : 2}, w: ${w}, h: ${h}, rotation: ${rotation} },
    { type: 'image', x: 33, y: 2, w: 6, h: 6, rotation: ${rotation} }]`;
};
const template = (rotation: number) =>
  parseTemplate('turned', `{ media: { width: 60, height: 60 }, boxes: ${boxes(rotation)} }`);
const DATA = { ...TYPICAL, serial: 'P2DM2648U0001' };
const CODES = ['Code128 P2DM2648U0001', 'DataMatrix JT08FFQXWQ', 'QRCode JT08FFQXWQ'];

async function read(png: Uint8Array | undefined): Promise<string[]> {
  return (await decode(png ?? new Uint8Array())).map(({ format, text: found }) => `${format} ${found}`);
}

/** Every output of a layout, as pictures. */
async function pictures(layout: Layout): Promise<Record<string, Uint8Array | undefined>> {
  return {
    preview: await toPng(layout),
    pdf: rasterPdf(await pdfOf([layout]), layout.dpi, 'mono')[0],
    zpl: (await emulate(await toZpl(layout), layout))[0],
  };
}

describe.each(ROTATIONS)('boxes turned by %i degrees', (rotation) => {
  it.each(DPIS)(
    'are read at %i dpi from every output',
    async (dpi) => {
      const layout = layOut(template(rotation), DATA, dpi);
      for (const [output, picture] of Object.entries(await pictures(layout)))
        expect({ output, codes: await read(picture) }).toEqual({ output, codes: CODES });
    },
    TIMEOUT_MS,
  );

  it('are on whole dots, and the check measures them as they lie', () => {
    const { problems, codes } = checkTemplate(template(rotation), { serial: DATA.serial, name: 'Sensor' });
    expect(problems).toEqual([]);
    expect(codes.map(({ box, drawn }) => [box, (drawn?.dots ?? 0) >= 2])).toEqual([
      ['QR', true],
      ['DM', true],
      ['S/N', true],
    ]);
  });
});

it('ink at the end of turned bars is found, ink beside them is not', () => {
  const at = (box: string) =>
    checkTemplate(
      parseTemplate(
        'bars',
        `{ media: { width: 60, height: 60 }, boxes: [
          { name: 'S/N', type: 'code128', x: 20, y: 4, w: 8, h: 52, rotation: 90 }, ${box}] }`,
      ),
      { serial: DATA.serial },
    ).problems;
  expect(at(`{ type: 'box', x: 10, y: 10, w: 9, h: 40 }`)).toEqual([]);
  expect(at(`{ type: 'box', x: 20, y: 56, w: 8, h: 3, width: 2 }, { type: 'box', x: 20, y: 5, w: 8, h: 3 }`)).toEqual([
    expect.stringContaining('box "S/N": "quiet"'),
  ]);
});

const rowsOf = (bitmap: Bitmap) =>
  Array.from({ length: bitmap.rows }, (_, y) =>
    Array.from({ length: bitmap.columns }, (_unused, x) => (isBlack(bitmap, x, y) ? '#' : ' ')).join(''),
  );
const dotsOf = ({ shapes, width, height, dpi }: Layout) => shapesBitmap(shapes, width, height, dpi);

describe.each(ROTATIONS)('a label turned by %i degrees', (rotation) => {
  const layout = layOut(loadTemplate('device-62x40'), TYPICAL, 203);
  const turned = turnLayout(layout, rotation);

  it('has the same dots, turned', async () => {
    expect(rowsOf(await dotsOf(turned))).toEqual(rowsOf(turnBitmap(await dotsOf(layout), rotation)));
    expect([turned.width, turned.height]).toEqual(rotation === 180 ? [62, 40] : [40, 62]);
  });

  it(
    'is read from every output',
    async () => {
      for (const [output, picture] of Object.entries(await pictures(turned)))
        expect({ output, codes: await read(picture) }).toEqual({
          output,
          codes: ['Code128 P2DM2648U0000001', 'QRCode JT08FFQXWQ'],
        });
    },
    TIMEOUT_MS,
  );
});

it('four quarter turns give the first dots again', async () => {
  const dots = await dotsOf(layOut(template(90), DATA, 203));
  const back = [90, 90, 90, 90].reduce((bitmap) => turnBitmap(bitmap, 90), dots);
  expect(rowsOf(back)).toEqual(rowsOf(dots));
});

describe('labels side by side', () => {
  const label = (uci: string) => layOut(loadTemplate('tiny-20x20'), { ...TYPICAL, uci, qr: uci }, 203);
  const row = inRow([label('JT08FFQX01'), undefined, label('JT08FFQX03')], { across: 3, acrossGap: 2.5 });

  it('are as wide as the roll', () => {
    expect([row.width, row.height]).toEqual([65, 20]);
  });

  it(
    'have each its column in every output, and an empty column stays empty',
    async () => {
      for (const [output, picture] of Object.entries(await pictures(row))) {
        const found = (await decode(picture ?? new Uint8Array())).map(({ text: uci, x }) => ({
          uci,
          column: Math.floor((x * 25.4) / 203 / 22.5),
        }));
        expect({ output, found }).toEqual({
          output,
          found: [
            { uci: 'JT08FFQX01', column: 0 },
            { uci: 'JT08FFQX03', column: 2 },
          ],
        });
      }
    },
    TIMEOUT_MS,
  );
});
