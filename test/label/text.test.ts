import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ClaimstampError } from '../../src/platform/error.ts';
import { layOut, type Layout, type Shape } from '../../src/label/layout.ts';
import { toPng, toSvg } from '../../src/label/svg.ts';
import { labelsFolder, loadTemplate, parseTemplate } from '../../src/label/template.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { parse } from '../../src/model/claim-id.ts';
import { readPdf } from '../support/pdf-reader.ts';
import { emulate, pdfOf, TYPICAL } from '../support/label-files.ts';

/* The text a factory has. Fonts and folders of a template's own: test/label/fonts holds a small CJK font. */

const here = dirname(fileURLToPath(import.meta.url));

function named(name: string, font = `'sans'`, box = 'w: 58, h: 6, size: 10', folder = labelsFolder): Layout {
  const source = `{ media: { width: 62, height: 20 }, boxes: [{ name: 'product name', type: 'text', x: 2, y: 2, ${box}, text: '{name}', font: ${font} }] }`;
  return layOut(parseTemplate('mine', source, folder), { ...TYPICAL, name });
}

type Line = Extract<Shape, { kind: 'text' }>;
const lines = (layout: Layout): Line[] => layout.shapes.filter((shape): shape is Line => shape.kind === 'text');
const texts = (layout: Layout): string[] => lines(layout).map(({ runs }) => runs.map(({ text }) => text).join(''));

const pdfText = (pdf: Buffer): string =>
  readPdf(pdf)
    .map(({ text }) => text)
    .join();

describe('letters the shipped fonts have', () => {
  it.each([
    ['the trademark sign', 'Sensor 500™ ®'],
    ['umlauts', 'Größenmeßgerät ÄÖÜ äöü'],
    ['French and Polish', 'Contrôleur façade, Łódź'],
    ['Cyrillic', 'Датчик температуры Ё'],
    ['Greek', 'Αισθητήρας Ωμέγα'],
    ['Turkish and Czech', 'İstanbul ığş, Příliš žluťoučký'],
    ['units and dashes', '±0.5 °C – 10 µm² · 3 Ω'],
  ])('print and can be copied out of the PDF: %s', async (_, name) => {
    expect(pdfText(await pdfOf([named(name)]))).toBe(name);
  });

  it('print alike when an accent comes as a letter of its own', () => {
    expect(texts(named('Gera\u0308t'))).toEqual(['Gerät']);
  });
});

describe('letters that the fonts of the box lack come from the fallback', () => {
  it.each([
    ['Chinese', '智能传感器'],
    ['Japanese', '温度センサー'],
    ['Korean', '스마트 센서'],
  ])('%s, in every format', async (_, name) => {
    const layout = named(name);
    expect(texts(layout)).toEqual([name]);
    expect(lines(layout)[0]?.runs.map(({ face }) => face.name)).toContain('cjk');
    expect(pdfText(await pdfOf([layout]))).toBe(name);
    expect((await toPng(layout)).length).toBeGreaterThan(500);
    expect(await emulate(await toZpl(layout), layout)).toHaveLength(1);
  });
});

describe('a letter no font of the box has is an error naming it', () => {
  it.each([
    [
      'a rare ideograph',
      '𠀋',
      'label mine, box "product name": none of the fonts sans, cjk has the character "𠀋" (U+2000B)',
    ],
    ['an emoji', 'Sensor 🚀', 'the character "🚀" (U+1F680)'],
    ['Arabic', 'جهاز', 'the character "ج" (U+062C)'],
    ['Hebrew', 'חיישן', 'the character "ח" (U+05D7)'],
    ['Devanagari', 'संवेदक', 'the character "स" (U+0938)'],
    ['Thai', 'เซ็นเซอร์', 'the character "เ" (U+0E40)'],
    ['an accent that joins no letter', 'x\u0338', 'U+0338'],
    ['a change of direction', 'a\u202Eb', 'the character U+202E'],
    ['a zero-width space', 'a\u200Bb', 'the character U+200B'],
    ['a tab', 'a\tb', 'the character U+0009'],
    ['half a surrogate pair', 'a\uD800', 'the character U+D800'],
  ])('%s', (_, name, sentence) => {
    expect(() => named(name)).toThrow(sentence);
    expect(() => named(name)).toThrow(ClaimstampError);
  });
});

describe('a template that names a font of its own', () => {
  const font = `['sans', 'DroidSansFallback-subset.ttf']`;
  const name = 'Mini 智能传感器 温度計™';

  it('prints what the first font lacks from the second, in one line', async () => {
    const layout = named(name, font, 'w: 58, h: 6, size: 10', here);
    expect(texts(layout)).toEqual([name]);
    expect(lines(layout)[0]?.runs.map(({ face }) => face.name)).toEqual([
      'sans',
      'DroidSansFallback-subset.ttf',
      'sans',
      'DroidSansFallback-subset.ttf',
      'sans',
    ]);
    expect(pdfText(await pdfOf([layout]))).toBe(name);
  });

  it('prints it in every writer', async () => {
    const layout = named('智能传感器', font, 'w: 58, h: 6, size: 10', here);
    expect((await toPng(layout)).length).toBeGreaterThan(500);
    expect(await emulate(await toZpl(layout), layout)).toHaveLength(1);
  });

  it('breaks a line between ideographs', () => {
    expect(texts(named('智能传感器温度計', font, 'w: 14, h: 13, size: 10, wrap: true', here))).toEqual([
      '智能传',
      '感器温',
      '度計',
    ]);
  });

  it('still refuses what neither has', () => {
    expect(() => named('𠀋', font, 'w: 58, h: 6, size: 10', here)).toThrow(
      'none of the fonts sans, DroidSansFallback-subset.ttf, cjk has the character "𠀋" (U+2000B)',
    );
  });

  it('refuses a file that is no font', () => {
    expect(() => named('a', `'README.md'`, 'w: 58, h: 6, size: 10', here)).toThrow(
      'the font "README.md" cannot be read',
    );
  });
});

describe('fitting', () => {
  it('shrinks to the smallest size and no further', () => {
    const size = (name: string): number | undefined =>
      lines(named(name, `'sans'`, 'w: 20, h: 6, size: 10, floor: 6'))[0]?.size;
    expect(size('short')).toBe(10);
    expect(size('rather longer')).toBeLessThan(10);
    expect(() => size('far too long for this box')).toThrow('does not fit 20 × 6 mm at 6 pt');
  });

  it('wraps at spaces and behind hyphens', () => {
    expect(texts(named('one two-three four', `'sans'`, 'w: 16, h: 14, size: 10, wrap: true'))).toEqual([
      'one two-',
      'three',
      'four',
    ]);
  });

  it('keeps the lines of a value, and draws nothing for an empty one', async () => {
    const layout = named('a\n\nb', `'sans'`, 'w: 16, h: 14, size: 8');
    expect(texts(layout)).toEqual(['a', 'b']);
    expect((lines(layout)[1]?.baseline as number) - (lines(layout)[0]?.baseline as number)).toBeCloseTo(
      2 * 1.2 * 8 * (25.4 / 72),
      3,
    );
    expect(await emulate(await toZpl(layout), layout)).toHaveLength(1);
  });

  it.each(['', ' ', '   '])('draws nothing for %j', async (name) => {
    const layout = named(name);
    expect(texts(layout).join('').trim()).toBe('');
    expect(await pdfOf([layout])).toBeDefined();
    expect(await toSvg(layout)).toContain('</svg>');
    expect(await toZpl(layout)).toContain('^XZ');
  });
});

it('a Claim ID is printed in groups that the parser takes, in a face with a marked zero', () => {
  const layout = layOut(loadTemplate('device-62x40'), TYPICAL);
  const line = lines(layout).find(({ runs }) => runs[0]?.text.startsWith('JT08F')) as Line;
  expect(line.runs.map(({ text, face }) => [text, face.name])).toEqual([['JT08F FQXWQ', 'mono']]);
  expect(parse('JT08F FQXWQ')).toBe('JT08FFQXWQ');
  const { face } = line.runs[0] as Line['runs'][number];
  const contours = (letter: string): number =>
    face.font
      .glyphForCodePoint(letter.codePointAt(0) as number)
      .path.commands.filter(({ command }) => command === 'moveTo').length;
  // A zero with a mark inside has one outline more than the letter O.
  expect(contours('0')).toBe(contours('O') + 1);
});
