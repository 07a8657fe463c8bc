import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layOut, type Layout } from '../../../src/label/layout.ts';
import { openDrawing, rasterise } from '../../../src/label/pictures/draw.ts';
import { toPng, toSvg } from '../../../src/label/svg.ts';
import { parseTemplate } from '../../../src/label/template.ts';
import { toZpl } from '../../../src/label/zpl.ts';
import { emulate, pdfOf } from '../../support/label-files.ts';
import { rasterPdf } from '../../support/pdf-reader.ts';
import { tempFolder } from '../../support/service.ts';

/* Logos from the field, in a box of 30 × 30 mm at 203 dpi: the ink they must leave, or why they are refused. */

const CASES = new URL('../../fixtures/logos/', import.meta.url).pathname;
const MM = 30;
const DPI = 203;
const HALF = 127.5;

interface Case {
  file: string;
  draw?: true;
  refuse?: string;
  inkAtLeast?: number;
  inkAtMost?: number;
  or?: { refuse?: string };
}

const cases: Case[] = JSON.parse(readFileSync(join(CASES, 'expected.json'), 'utf8'));
const folder = tempFolder();
mkdirSync(join(folder, 'logos'));

function labelWith(file: string, settings: object = {}): Layout {
  const box = { type: 'image', x: 0, y: 0, w: MM, h: MM, file, ...settings };
  const template = parseTemplate('t', JSON.stringify({ media: { width: MM, height: MM }, boxes: [box] }), folder);
  return layOut(template, { uci: '0123456789', product: 'P', qr: '0123456789' }, DPI);
}

/** The share of dots of a PNG that are darker than half, after one threshold. */
async function inkOf(png: Uint8Array): Promise<number> {
  const dots = Math.round((MM / 25.4) * DPI);
  const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const { pixels, width, height } = await rasterise(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${dots}" height="${dots}"><image width="${dots}" height="${dots}" preserveAspectRatio="none" href="${href}"/></svg>`,
    dots,
  );
  let black = 0;
  for (let at = 0; at < pixels.length; at += 4)
    if (0.2126 * (pixels[at] ?? 0) + 0.7152 * (pixels[at + 1] ?? 0) + 0.0722 * (pixels[at + 2] ?? 0) < HALF) black++;
  return black / (width * height);
}

const FORMATS: { [format: string]: (layout: Layout) => Promise<Uint8Array> } = {
  zpl: async (layout) => (await emulate(await toZpl(layout), layout))[0] as Uint8Array,
  png: toPng,
  svg: async (layout) => (await rasterise(await toSvg(layout), Math.round((MM / 25.4) * DPI))).asPng(),
  pdf: async (layout) => rasterPdf(await pdfOf([layout]), DPI, 'gray')[0] as Uint8Array,
};

describe('a logo from the field', async () => {
  await openDrawing();

  const drawn = cases.filter(({ draw, or }) => draw && or?.refuse === undefined);
  test.each(drawn)('$file leaves the same ink in every format', async ({ file, inkAtLeast = 0, inkAtMost = 1 }) => {
    copyFileSync(join(CASES, file), join(folder, 'logos', file));
    const layout = labelWith(file);
    const inks: { [format: string]: number } = {};
    for (const [format, draw] of Object.entries(FORMATS)) inks[format] = await inkOf(await draw(layout));
    for (const [format, ink] of Object.entries(inks)) {
      expect(ink, format).toBeGreaterThanOrEqual(inkAtLeast - 0.001);
      expect(ink, format).toBeLessThanOrEqual(inkAtMost);
    }
    expect(Math.max(...Object.values(inks)) - Math.min(...Object.values(inks)), JSON.stringify(inks)).toBeLessThan(
      0.03,
    );
  });

  const SENTENCES: { [fault: string]: RegExp } = {
    'no-size': /it has no size/,
    nesting: /nested more than 250 levels/,
    external: /it refers to something outside the picture \("/,
    'foreign-object': /foreignObject/,
    format: /not a PNG, JPEG or SVG that can be read/,
    truncated: /the file ends too early/,
    empty: /the file is empty/,
    pixels: /60000 × 60000 pixels, at most 16777216/,
    'too-thin': /thinner than one dot/,
    letters: /no font of this program has the character/,
    'too-much': /at most|more than/,
  };
  const refused = cases.filter(({ refuse }) => refuse !== undefined);
  test.each(refused)('$file is refused in every format: $refuse', async ({ file, refuse = '' }) => {
    copyFileSync(join(CASES, file), join(folder, 'logos', file));
    const said: string[] = [];
    for (const draw of Object.values(FORMATS)) {
      const answer = await Promise.resolve()
        .then(() => draw(labelWith(file)))
        .catch((error: unknown) => String(error));
      said.push(String(answer));
    }
    expect(new Set(said).size).toBe(1);
    expect(said[0]).toContain(`the picture "${file}" cannot be printed`);
    expect(said[0]).toMatch(SENTENCES[refuse] ?? /^no sentence/);
  });

  test.each([
    ['copies of copies', bombOf(9), /more than 100000 parts/],
    ['an entity that contains another one', laughter(), /entities that cannot be used/],
    ['an address in a style', svg('<rect width="9" height="9" style="fill: url(other.svg#a)"/>'), /\("other\.svg#a"\)/],
    [
      'a picture inside that is damaged',
      svg('<image width="9" height="9" href="data:image/png;base64,iVBORw0KGgo="/>'),
      /ends too early/,
    ],
    [
      'a picture inside of another kind',
      svg('<image width="9" height="9" href="data:image/gif;base64,R0lGODlhAQABAAAAACw="/>'),
      /not a PNG, JPEG or SVG/,
    ],
    ['letters of no font', svg('<text y="9">\u{1F980}</text>'), /has the character/],
  ])('with %s is refused before it is decoded', (what, content, sentence) => {
    const file = `${what.replaceAll(/\W/g, '-')}.svg`;
    writeFileSync(join(folder, 'logos', file), content);
    expect(() => labelWith(file)).toThrow(sentence);
  });

  test.each([
    ['UTF-16', Buffer.from('\uFEFF' + svg('<rect width="10" height="10"/>'), 'utf16le')],
    [
      'a switch for a program of its own',
      svg(
        '<switch><foreignObject requiredExtensions="http://ns.adobe.com/AdobeIllustrator/10.0/"/><g><rect width="10" height="10"/></g></switch>',
      ),
    ],
    ['a link to a page', svg('<a href="https://example.com/"><rect width="10" height="10"/></a>')],
    ['a script, which is left out', svg('<script>alert(1)</script><rect width="10" height="10"/>')],
  ])('as SVG with %s is drawn', async (what, content) => {
    const file = `${what.replaceAll(/\W/g, '-')}.svg`;
    writeFileSync(join(folder, 'logos', file), content);
    expect(await inkOf(await toPng(labelWith(file)))).toBeCloseTo(1, 2);
    expect(await toSvg(labelWith(file))).not.toContain('script');
  });

  test.each([
    [{ threshold: 20 }, 0.2],
    [{ threshold: 80 }, 0.8],
    [{ dither: true }, 0.5],
  ])('a box with %j has the same dots in every format', async (settings, expected) => {
    copyFileSync(join(CASES, 'gradient.png'), join(folder, 'logos', 'gradient.png'));
    const layout = labelWith('gradient.png', settings);
    for (const [format, draw] of Object.entries(FORMATS))
      expect(await inkOf(await draw(layout)), format).toBeCloseTo(expected, 1);
  });

  test('that is replaced is drawn with its new content, though size and time of the file are the same', async () => {
    const path = join(folder, 'logos', 'replaced.svg');
    writeFileSync(path, svg('<rect width="10" height="10" fill="#000"/>'));
    expect(await inkOf(await toPng(labelWith('replaced.svg')))).toBeCloseTo(1, 2);
    writeFileSync(path, svg('<rect width="10" height="10" fill="#fff"/>'));
    expect(await inkOf(await toPng(labelWith('replaced.svg')))).toBe(0);
  });
});

function svg(content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${content}</svg>`;
}

function bombOf(levels: number): string {
  let content = '<defs><rect id="a0" width="1" height="1"/>';
  for (let level = 1; level <= levels; level++)
    content += `<g id="a${level}">${`<use href="#a${level - 1}"/>`.repeat(10)}</g>`;
  return svg(`${content}</defs><use href="#a${levels}"/>`);
}

function laughter(): string {
  return `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${svg('<text>&b;</text>')}`;
}
