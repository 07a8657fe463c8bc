import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LABEL_FIELDS, LONGEST } from '../../src/contract/labels.ts';
import { checkTemplate, limits } from '../../src/label/check.ts';
import { layOut } from '../../src/label/layout.ts';
import { checkCell, loadSheet } from '../../src/label/sheet.ts';
import { fill, labelsFolder, loadTemplate, parseTemplate, templateNames } from '../../src/label/template.ts';
import { ClaimstampError } from '../../src/platform/error.ts';
import { inLanguage } from '../../src/platform/refusal-words.ts';
import { TYPICAL } from '../support/label-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'claimstamp-label-'));
afterAll(() => rmSync(folder, { recursive: true }));

const media = 'media: { width: 50, height: 25 }';
const parse = (boxes: string) => parseTemplate('mine', `{ ${media}, boxes: [${boxes}] }`);

function inSpanish(parsed: () => unknown): string | undefined {
  try {
    parsed();
  } catch (error) {
    if (error instanceof ClaimstampError && error.words !== undefined) return inLanguage(error.words, 'es');
  }
  return undefined;
}

describe('a template with a mistake is refused, naming file, box and property', () => {
  it.each([
    [
      'a property nobody knows',
      `{ type: 'text', x: 1, y: 1, w: 9, h: 9, text: 'a', size: 7, colour: 'red' }`,
      'labels/mine.json5: box 1 (text): "colour" is not known here',
    ],
    [
      'a property of the wrong type',
      `{ name: 'QR', type: 'qr', x: '1', y: 1, w: 9, h: 9 }`,
      'labels/mine.json5: box "QR": "x": must be a number',
    ],
    [
      'a missing property',
      `{ name: 'S/N', type: 'text', x: 1, y: 1, w: 9, h: 9, text: '{serial}' }`,
      'labels/mine.json5: box "S/N": "size": is missing',
    ],
    [
      'a value out of range',
      `{ name: 'QR', type: 'qr', x: 1, y: 1, w: 9, h: 9, quiet: 99 }`,
      'labels/mine.json5: box "QR": "quiet": must be 10 or less',
    ],
    [
      'a kind of box there is not',
      `{ name: 'x', type: 'aztec', x: 1, y: 1, w: 9, h: 9 }`,
      'labels/mine.json5: box "x": "type": must be one of text, qr, datamatrix, gs1-datamatrix, code128, gs1-128, image, line, box',
    ],
    [
      'a box beyond the edge',
      `{ name: 'far', type: 'text', x: 45, y: 1, w: 9, h: 9, text: 'a', size: 7 }`,
      'labels/mine.json5: box "far": extends to 54 × 10 mm, but the label is only 50 × 25 mm',
    ],
  ])('%s', (_, box, sentence) => {
    expect(() => parse(box)).toThrow(sentence);
  });

  it('everything wrong is said at once', () => {
    const boxes = `{ type: 'qr', x: -1, y: 1, w: 9, h: 9 }, { type: 'text', x: 1, y: 1, w: 9, h: 9, text: 'a', size: 1 }`;
    expect(() => parse(boxes)).toThrow(/box 1 \(qr\): "x".*; box 2 \(text\): "size"/);
  });

  it('in the language of the reader', () => {
    const boxes = `{ name: 'QR', type: 'qr', x: '1', y: 1, w: 9, h: 9 }`;
    expect(inSpanish(() => parse(boxes))).toBe('labels/mine.json5: recuadro "QR": "x": debe ser un número');
    expect(inSpanish(() => parse(`{ type: 'box', x: 45, y: 1, w: 9, h: 9 }`))).toBe(
      'labels/mine.json5: recuadro 1 (box): llega hasta 54 × 10 mm, pero la etiqueta solo mide 50 × 25 mm',
    );
  });

  it('a file that is not JSON5', () => {
    expect(() => parseTemplate('mine', '{ media: ')).toThrow('labels/mine.json5: JSON5: invalid end of input');
  });

  it('a medium without a width', () => {
    expect(() => parseTemplate('mine', '{ media: { height: 1 }, boxes: [] }')).toThrow(
      'labels/mine.json5: media.width: ',
    );
  });

  it.each(['../package', 'device-62x40.json5', 'nothing'])('a name that is no template: %s', (name) => {
    expect(() => loadTemplate(name)).toThrow(`there is no label template ${name}: `);
  });
});

describe('a label that cannot be drawn is refused, naming template, box and reason', () => {
  it.each([
    [
      'a font that is not there',
      `{ type: 'text', x: 1, y: 1, w: 9, h: 9, text: 'a', size: 7, font: 'Comic.ttf' }`,
      'label mine, box 1 (text): there is no font "Comic.ttf"',
    ],
    [
      'a font outside of the folder',
      `{ type: 'text', x: 1, y: 1, w: 9, h: 9, text: 'a', size: 7, font: '../../secret.ttf' }`,
      'there is no font "../../secret.ttf"',
    ],
    [
      'a logo outside of the folder',
      `{ type: 'image', x: 1, y: 1, w: 9, h: 9, file: '../../docs/logo.png' }`,
      'label mine, box 1 (image): there is no picture "../../docs/logo.png"',
    ],
    [
      'a placeholder nobody knows',
      `{ name: 'S/N', type: 'text', x: 1, y: 1, w: 9, h: 9, text: '{serialnumber}', size: 7 }`,
      'label mine, box "S/N": there is no placeholder {serialnumber}',
    ],
    [
      'a single brace',
      `{ type: 'text', x: 1, y: 1, w: 9, h: 9, text: 'a{b', size: 7 }`,
      'write "{{" for the character itself',
    ],
    [
      'a text too wide',
      `{ type: 'text', x: 1, y: 1, w: 9, h: 9, text: '{name}', size: 7 }`,
      'label mine, box 1 (text): the text of 16 characters does not fit 9 × 9 mm at 7 pt',
    ],
    [
      'bars too narrow',
      `{ name: 'S/N', type: 'code128', x: 1, y: 1, w: 9, h: 9 }`,
      'label mine, box "S/N": 209 modules with their quiet zone need 52.4 mm at 203 dpi',
    ],
  ])('%s', (_, box, sentence) => {
    expect(() => layOut(parse(box), TYPICAL)).toThrow(sentence);
  });
});

it.each([
  ['device-62x40', 203, 0.25],
  ['device-62x40', 300, 0.169],
  ['device-62x40', 600, 0.169],
  ['sheet-63x38', 600, 0.169],
])('no code of %s at %i dpi comes out finer than hand scanners read, however long the S/N', (name, dpi, least) => {
  for (let length = 1; length <= 32; length++) {
    const serial = 'W'.repeat(length);
    let layout;
    try {
      layout = layOut(loadTemplate(name), { ...TYPICAL, serial }, dpi);
    } catch (error) {
      expect(String(error)).toContain('modules with their quiet zone need');
      continue;
    }
    for (const shape of layout.shapes) if ('module' in shape) expect(shape.module).toBeGreaterThan(least - 0.001);
  }
});

it('the width that a refused code is said to need is enough', () => {
  const sheet = (w: number) =>
    parseTemplate(
      'mine',
      `{ media: { width: 200, height: 25, dpi: 600 }, boxes: [{ name: 'S/N', type: 'code128', x: 1, y: 1, w: ${w}, h: 9 }] }`,
    );
  const data = { ...TYPICAL, serial: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345' };
  expect(() => layOut(sheet(60), data)).toThrow('need 65.2 mm at 600 dpi');
  expect(layOut(sheet(65.2), data).shapes[0]).toMatchObject({ dots: 4 });
});

describe('placeholders', () => {
  it.each([
    ['{uci}', 'JT08FFQXWQ'],
    ['{uci:5}', 'JT08F FQXWQ'],
    ['{uci:4}', 'JT08 FFQX WQ'],
    ['{{uci}}', '{uci}'],
    ['S/N {serial}, {name}', 'S/N P2DM2648U0000001, Demo Sensor 500™'],
    ['{attributes.color}/{attributes.rev}', 'red/3'],
    ['{lot}', undefined],
    ['{attributes.nothing}', undefined],
    ['{attributes.nested}', undefined],
  ])('%s gives %s', (text, filled) => {
    expect(fill(text, { ...TYPICAL, attributes: { color: 'red', rev: 3, nested: {} } })).toBe(filled);
  });

  it('in a value are text', () => {
    expect(fill('{name}', { ...TYPICAL, name: '{uci} {{' })).toBe('{uci} {{');
  });
});

describe('claimstamp label check', () => {
  it.each(templateNames())('finds no problem in %s with the longest values', (name) => {
    expect(checkTemplate(loadTemplate(name)).problems).toEqual([]);
  });

  it('says how fine a code comes out and what its quiet zone is', () => {
    const { codes } = checkTemplate(loadTemplate('device-62x40'));
    const [qr, bars] = codes;
    expect(qr).toMatchObject({ box: 'QR', symbology: 'qr', payload: 20, drawn: { modules: 21, dots: 5 } });
    expect(qr?.drawn?.module).toBeCloseTo((5 * 25.4) / 203, 6);
    expect(bars).toMatchObject({
      box: 'S/N bars',
      symbology: 'code128',
      payload: 19,
      capacity: 19,
      drawn: { modules: 222, dots: 2 },
    });
    // 62 mm less 222 modules of two dots, half of it at each side, to within a dot.
    expect(bars?.drawn?.quiet.mm).toBeCloseTo((62 - (222 * 2 * 25.4) / 203) / 2, 0);
  });

  it('says how long an S/N may be where bars find no room for 32 characters', () => {
    expect(limits(checkTemplate(loadTemplate('device-62x40')))).toEqual([
      'S/N bars has room for 19 characters, but an S/N may have 32: labels with a longer S/N are refused',
    ]);
    expect(limits(checkTemplate(loadTemplate('sheet-102x51')))).toEqual([]);
  });

  it('finds a longest value of the caller that does not fit', () => {
    const { problems, codes } = checkTemplate(loadTemplate('device-62x40'), { serial: 'W'.repeat(32) });
    expect(codes[1]).toMatchObject({ payload: 32, capacity: 17 });
    expect(codes[1]?.drawn).toBeUndefined();
    expect(problems).toEqual([
      expect.stringMatching(
        /^labels\/device-62x40\.json5: box "S\/N bars": "w": 407 modules with their quiet zone need 101\.9 mm/,
      ),
    ]);
  });

  it('finds ink in a quiet zone', () => {
    const text = `{ type: 'text', x: 21, y: 10, w: 20, h: 4, text: 'near', size: 8 }`;
    const template = parse(`{ name: 'QR', type: 'qr', x: 1, y: 1, w: 19.2, h: 19.2, quiet: 0 }, ${text}`);
    expect(checkTemplate(template).problems).toEqual([
      expect.stringMatching(
        /^labels\/mine\.json5: box "QR": "quiet": 1\.\d modules of quiet zone remain, but 4 are needed/,
      ),
    ]);
  });

  it('finds a quiet zone that only a short payload outgrows', () => {
    // 32 letters make 25 modules of four dots and leave 4.2 modules; ten make 21 of five.
    const text = `{ type: 'text', x: 18.6, y: 10, w: 20, h: 4, text: 'near', size: 8 }`;
    const template = parse(`{ name: 'QR', type: 'qr', x: 2, y: 2, w: 16.6, h: 16.6, quiet: 2 }, ${text}`);
    const { problems, codes } = checkTemplate(template, { qr: 'W'.repeat(32) });
    expect(codes[0]?.drawn).toMatchObject({ modules: 25, dots: 4 });
    expect(problems).toEqual([
      expect.stringContaining('box "QR": "quiet": 2.7 modules of quiet zone remain, but 4 are needed'),
    ]);
  });

  it('names the text where a code asks for a placeholder there is not', () => {
    const { problems } = checkTemplate(
      parse(`{ name: 'QR', type: 'qr', x: 2, y: 2, w: 19, h: 19, text: '{nonsense}' }`),
    );
    expect(problems).toEqual([expect.stringContaining('labels/mine.json5: box "QR": "text": there is no placeholder')]);
  });

  it('finds a frame drawn too near', () => {
    const template = parse(
      `{ name: 'QR', type: 'qr', x: 3, y: 3, w: 19, h: 19 }, { type: 'box', x: 4, y: 4, w: 17, h: 17 }`,
    );
    expect(checkTemplate(template).problems).toHaveLength(1);
  });

  it('finds a code at the edge of the label', () => {
    expect(
      checkTemplate(parse(`{ name: 'QR', type: 'qr', x: 0, y: 2, w: 14, h: 14, quiet: 0 }`)).problems[0],
    ).toContain('0.6 modules of quiet zone remain');
  });

  it('finds modules that only a fine printer can draw and no scanner reads', () => {
    const template = parseTemplate(
      'mine',
      `{ media: { width: 50, height: 25, dpi: 600 }, boxes: [{ name: 'QR', type: 'qr', x: 9, y: 9, w: 4, h: 4 }] }`,
    );
    expect(checkTemplate(template).problems).toEqual([
      expect.stringContaining('box "QR": "w": 29 modules with their quiet zone need 5 mm at 600 dpi'),
    ]);
  });

  it('finds what can never be drawn', () => {
    const template = parse(
      `{ name: 'a', type: 'text', x: 1, y: 1, w: 9, h: 9, text: '{nonsense}', size: 7 }, { name: 'b', type: 'image', x: 1, y: 1, w: 9, h: 9, file: 'no.svg' }`,
    );
    expect(checkTemplate(template).problems).toEqual([
      expect.stringContaining('labels/mine.json5: box "a": "text": there is no placeholder {nonsense}'),
      expect.stringContaining('labels/mine.json5: box "b": "file": there is no picture "no.svg"'),
    ]);
  });
});

describe('sheets', () => {
  const names = templateNames(join(labelsFolder, 'sheets'));

  it.each(names)('%s names a shipped template that fits its cells', (name) => {
    const sheet = loadSheet(name);
    expect(() => checkCell(sheet, loadTemplate(sheet.template).media)).not.toThrow();
  });

  it.each(names)('%s stands in the middle of its page', (name) => {
    const { page, left, top, columns, rows, pitch, label } = loadSheet(name);
    expect(2 * left + (columns - 1) * pitch.x + label.width).toBeCloseTo(page.width, 3);
    expect(2 * top + (rows - 1) * pitch.y + label.height).toBeCloseTo(page.height, 3);
  });

  it('that run over their page are refused', () => {
    mkdirSync(join(folder, 'sheets'), { recursive: true });
    const geometry =
      'page: { width: 100, height: 100 }, columns: 3, rows: 1, left: 10, top: 10, label: { width: 40, height: 20 }, pitch: { x: 40, y: 20 }';
    writeFileSync(join(folder, 'sheets', 'wide.json5'), `{ template: 'x', ${geometry} }`);
    expect(() => loadSheet('wide', join(folder, 'sheets'))).toThrow(
      'labels/sheets/wide.json5: 3 × 1 labels do not fit the page of 100 × 100 mm',
    );
  });
});

it('the longest values hold every field a placeholder can name', () => {
  expect(LABEL_FIELDS.map((field) => fill(`{${field}}`, LONGEST))).toEqual(Object.values(LONGEST));
  expect(Object.values(LONGEST)).not.toContain('');
});
