import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClaimstampError } from '../../src/platform/error.ts';
import { rasterise } from '../../src/label/pictures/draw.ts';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { toSvg } from '../../src/label/svg.ts';
import { parseTemplate } from '../../src/label/template.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { rasterPdf, readPdf } from '../support/pdf-reader.ts';
import { emulate, expectCodes, pdfOf, TYPICAL } from '../support/label-files.ts';

/* Whatever a value holds, it is printed as it is or refused by name: it never becomes a command of the printer. */

const TIMEOUT_MS = 180_000;

const HOSTILE = [
  '^XZ',
  '^XA^FO0,0^GB800,800,800^FS^XZ',
  '~JA',
  '~d065',
  '_1_d066',
  '^FS^FDmore',
  '_5EXZ',
  '_',
  ')',
  '(',
  '\\',
  '\\)',
  '<</Type/Page>>',
  '%PDF-1.7',
  '%%EOF',
  'endstream endobj',
  '> Tj ET Q',
  '"><script>alert(1)</script>',
  ']]>',
  '&lt;&#0;',
  "'",
  '{uci}',
  '${x}',
  '>5>6>:>;',
  '>',
  '!"#$%&()*+,-./:;<=>?@[]^_`{|}~',
  '  two  spaces  ',
  '0000000001',
  'a,b;c',
  'MA,12',
];

/** Codes of every kind in plenty of room, and the value as text. */
const EVERYTHING = `{
  media: { width: 100, height: 60, dpi: 203 },
  boxes: [
    { name: 'QR', type: 'qr', x: 2, y: 2, w: 30, h: 30, text: '{name}' },
    { name: 'DataMatrix', type: 'datamatrix', x: 40, y: 2, w: 30, h: 30, text: '{name}' },
    { name: 'bars', type: 'code128', x: 0, y: 36, w: 100, h: 10, text: '{serial}' },
    { name: 'text', type: 'text', x: 2, y: 48, w: 96, h: 8, text: '{name}', size: 8, floor: 4, wrap: true },
  ],
}`;

async function svgParses(layout: Layout): Promise<void> {
  const svg = await toSvg(layout);
  // The rasteriser's XML parser refuses what is not well-formed; letters are outlines, so no value stands in the file.
  await rasterise(svg, 100);
  expect(svg).not.toMatch(/<(?!\/?(?:svg|rect|path|image)\b)/);
}

describe.each(HOSTILE)('the value %j', (value) => {
  const layout = layOut(parseTemplate('everything', EVERYTHING), {
    ...TYPICAL,
    name: value,
    serial: value.slice(0, 32),
  });

  it('prints one ZPL label whose codes say exactly that', async () => {
    const labels = await emulate(await toZpl(layout), layout);
    expect(labels).toHaveLength(1);
    await expectCodes(labels[0] as Buffer, layout);
  });

  it('prints one PDF page whose codes say exactly that', async () => {
    const pages = rasterPdf(await pdfOf([layout]), 203, 'mono');
    expect(pages).toHaveLength(1);
    await expectCodes(pages[0] as Buffer, layout);
  });

  it('makes a well-formed SVG', () => svgParses(layout));
});

describe('a value of 500 characters', () => {
  const big = `{ media: { width: 100, height: 100, dpi: 203 }, boxes: [{ name: 'QR', type: 'qr', x: 2, y: 2, w: 96, h: 96, text: '{name}', level: 'L' }] }`;

  it.each(['W', 'ü', '^XZ\n', '~'])('made of %j is complete in the QR code', async (part) => {
    const name = part.repeat(500 / part.length);
    const layout = layOut(parseTemplate('big', big), { ...TYPICAL, name });
    for (const picture of [
      ...(await emulate(await toZpl(layout), layout)),
      ...rasterPdf(await pdfOf([layout]), 203, 'mono'),
    ])
      await expectCodes(picture, layout);
  });

  it('is refused by name where it does not fit', () => {
    const data = { ...TYPICAL, name: 'W'.repeat(500), serial: 'W'.repeat(500) };
    expect(() => layOut(parseTemplate('everything', EVERYTHING), data)).toThrow(
      'label everything, box "bars": 5555 modules',
    );
  });

  it('or of a million takes no time to refuse', () => {
    const text = `{ media: { width: 50, height: 25 }, boxes: [{ type: 'text', x: 1, y: 1, w: 40, h: 20, size: 9, floor: 3, wrap: true, text: '{name}' }] }`;
    expect(() => layOut(parseTemplate('text', text), { ...TYPICAL, name: 'a '.repeat(500_000) })).toThrow(
      'the text has 1000000 characters: at most 2000 fit a label',
    );
  });
});

describe('any template and unit', () => {
  const size = fc.double({ min: 0.5, max: 70, noNaN: true });
  const value = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ minLength: 400, maxLength: 600 }),
  );
  const text = fc.oneof(
    fc.constantFrom(
      '{uci:5}',
      '{serial}',
      '{name}',
      'S/N {serial}',
      '{{{name}}}',
      '{lot}',
      '{attributes.a}',
      '{unknown}',
      '}',
      '',
    ),
    fc.string({ maxLength: 12 }),
  );
  const place = {
    x: fc.double({ min: 0, max: 30, noNaN: true }),
    y: fc.double({ min: 0, max: 30, noNaN: true }),
    w: size,
    h: size,
  };
  const box = fc.oneof(
    fc.record({
      type: fc.constant('text'),
      ...place,
      text,
      size: fc.double({ min: 3, max: 14, noNaN: true }),
      floor: fc.constant(3),
      wrap: fc.boolean(),
      font: fc.constantFrom('sans', 'mono', ['bold', 'sans'], 'no.ttf'),
    }),
    fc.record({ type: fc.constant('qr'), ...place, text, level: fc.constantFrom('L', 'M', 'Q', 'H') }),
    fc.record({ type: fc.constantFrom('datamatrix', 'code128'), ...place, text }),
    fc.record({
      type: fc.constant('image'),
      ...place,
      file: fc.constantFrom('{logo}', 'claimstamp.svg', 'no.png', '../x.svg'),
    }),
    fc.record({ type: fc.constant('line'), x: place.x, y: place.y, x2: size, y2: size }),
    fc.record({ type: fc.constant('box'), ...place }),
  );
  const template = fc.record({
    media: fc.record({
      width: fc.constantFrom(40, 62, 100),
      height: fc.constantFrom(25, 60, 100),
      dpi: fc.constantFrom(203, 300, 600),
    }),
    boxes: fc.array(box, { minLength: 1, maxLength: 4 }),
  });
  const unit = fc.record(
    {
      uci: fc.constant('JT08FFQXWQ'),
      product: fc.constant('P'),
      qr: value,
      serial: value,
      name: value,
      logo: fc.constantFrom('claimstamp.svg', '../x'),
      attributes: fc.dictionary(fc.constantFrom('a', 'b'), value),
    },
    { requiredKeys: ['uci', 'product', 'qr'] },
  );

  it(
    'either render completely or fail with a named reason',
    async () => {
      const rendered: Layout[] = [];
      const reasons = new Set<string>();
      await fc.assert(
        fc.asyncProperty(template, unit, async (source, data) => {
          let layout: Layout;
          try {
            layout = layOut(parseTemplate('any', JSON.stringify(source)), data);
          } catch (error) {
            expect(error).toBeInstanceOf(ClaimstampError);
            expect((error as Error).message).toMatch(/^(labels\/any\.json5: |label any, box )/);
            reasons.add((error as Error).message.slice(0, 40));
            return;
          }
          await svgParses(layout);
          // The emulator knows no empty label; a printer feeds one.
          if (layout.shapes.length > 0) expect(await emulate(await toZpl(layout), layout)).toHaveLength(1);
          rendered.push(layout);
        }),
        { numRuns: 300 },
      );
      expect(readPdf(await pdfOf(rendered))).toHaveLength(rendered.length);
      // The property says something only if both happen often.
      expect(rendered.length).toBeGreaterThan(10);
      expect(reasons.size).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );
});
