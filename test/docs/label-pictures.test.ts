import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LabelData } from '../../src/contract/labels.ts';
import { renderJob } from '../support/job-bytes.ts';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { openDrawing, rasterise } from '../../src/label/pictures/draw.ts';
import { toPng, toSvg } from '../../src/label/svg.ts';
import { loadSheet } from '../../src/label/sheet.ts';
import { loadTemplate, parseTemplate, templateNames } from '../../src/label/template.ts';
import { toTspl } from '../../src/label/tspl.ts';
import { turnLayout } from '../../src/label/turn.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { newProduct } from '../../src/model/product.ts';
import type { Setup } from '../../src/model/printing/setup.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openZebra } from '../../src/simulate/zebra/zebra.ts';
import { below, beside, cropped, dotsOf, framed, smallPng, type Dots } from '../support/dots-picture.ts';
import { pdfOf, TYPICAL } from '../support/label-files.ts';
import { rasterPdf } from '../support/pdf-reader.ts';
import { tempFolder } from '../support/service.ts';
import { printTspl } from '../support/tspl-printer.ts';

/*
 * The pictures of labels in docs/labels.md are those that this version draws. UPDATE_GOLDEN=1 draws them again: look at
 * each one before it is committed.
 */

const folder = join(packageRoot, 'docs', 'images');
const DPI = 203;
const GAP = 16;
/** The rows of dots of a sheet that the picture shows. */
const SHEET_ROWS = 960;
const UPDATE = 'UPDATE_GOLDEN=1 npx vitest run --project npm test/docs/label-pictures.test.ts';

await openDrawing();

/** Compares dots, because another version of zlib packs the same dots in other bytes. */
function expectPicture(name: string, png: Uint8Array): void {
  const file = join(folder, `${name}.png`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, png);
  expect(existsSync(file), `${file} is missing: ${UPDATE}`).toBe(true);
  const [was, is] = [dotsOf(readFileSync(file)), dotsOf(png)];
  expect([was.width, was.height], `${file} is old: ${UPDATE}`).toEqual([is.width, is.height]);
  expect(Buffer.compare(was.black, is.black), `${file} is old: ${UPDATE}`).toBe(0);
}

/** The labels that a simulated Zebra draws of a job. */
async function zebraDraws(job: Uint8Array | string, media: { width: number; height: number }): Promise<Dots[]> {
  const zebra = await openZebra({ media });
  try {
    await new Promise((resolve) => connect(zebra.port, '127.0.0.1').on('close', resolve).resume().end(job));
    await zebra.idle();
    return await Promise.all(zebra.labels.map(async (label) => dotsOf(await label.draw())));
  } finally {
    await zebra.close();
  }
}

const product = { ...newProduct('P'), label: 'device-50x25' };
const labelled = (more: Partial<LabelData> = {}, label = 'device-50x25') => ({
  data: { ...TYPICAL, ...more },
  product: { ...product, label },
  copies: 1,
});
const setup = (more: Partial<Setup>): Setup => ({ name: 'zebra-1', dpi: DPI, ...more });
const zplJob = (labels: ReturnType<typeof labelled>[], more: Partial<Setup>, column = 1): Promise<Uint8Array> =>
  renderJob({ kind: 'labels', labels, column }, 'zpl', setup(more));

describe('the pictures of the documentation are up to date', () => {
  it.each(templateNames())('the template %s', async (name) => {
    const { width, height } = loadTemplate(name).media;
    const edge = `<rect x="0.1" y="0.1" width="${width - 0.2}" height="${height - 0.2}" rx="1" fill="none" stroke="#999" stroke-width="0.2"/>`;
    const svg = (await toSvg(layOut(loadTemplate(name), TYPICAL, 300))).replace('</svg>', `${edge}</svg>`);
    expectPicture(`label-${name}`, (await rasterise(svg, Math.round((width / 25.4) * 300))).asPng());
  });

  it('labels turned by 0, 90, 180 and 270 degrees', async () => {
    const pictures: Dots[] = [];
    for (const rotation of [0, 90, 180, 270] as const)
      pictures.push(...(await zebraDraws(await zplJob([labelled()], { rotation }), { width: 50, height: 25 })));
    expectPicture('print-rotations', smallPng(beside(pictures.map(framed), GAP)));
  });

  it('rows of 2, 3 and 4 labels, and a row that is continued', async () => {
    const tiny = (count: number) =>
      Array.from({ length: count }, (_, n) => labelled({ qr: `JT08FFQXW${n}` }, 'tiny-20x20'));
    const rows: Dots[] = [];
    for (const [across, count, column] of [[2, 2, 1], [3, 3, 1], [4, 4, 1], [4, 2, 3]] as const)
      rows.push(...(await zebraDraws(await zplJob(tiny(count), { across, acrossGap: 3 }, column), { width: 20, height: 20 })));
    expectPicture('print-rows', smallPng(below(rows.map(framed), GAP)));
  });

  it('names in Chinese, Japanese, Korean and Cyrillic', async () => {
    const names = [
      ['智能温度传感器 500', '深圳示例科技有限公司'],
      ['スマート温度計 500', '株式会社サンプル'],
      ['스마트 온도 센서 500', '주식회사 견본'],
      ['Датчик температуры 500', 'ООО Пример'],
    ];
    const labels = names.map(([name = '', company = '']) => labelled({ name, company }, 'device-62x40'));
    const drawn = (await zebraDraws(await zplJob(labels, {}), { width: 62, height: 40 })).map(framed);
    expectPicture('print-names', smallPng(below([beside(drawn.slice(0, 2), GAP), beside(drawn.slice(2), GAP)], GAP)));
  });

  it('logos in every format, and with dithering', async () => {
    const [logos, dithered] = [logoLayout({}), logoLayout({ dither: true })];
    const media = { width: logos.width, height: logos.height };
    const strips = [
      dotsOf(await toPng(logos)),
      dotsOf((await rasterise(await toSvg(logos), Math.round((logos.width / 25.4) * DPI))).asPng()),
      dotsOf(rasterPdf(await pdfOf([logos]), DPI, 'gray')[0] ?? Buffer.of()),
      ...(await zebraDraws(await toZpl(logos), media)),
      dotsOf(printTspl(await toTspl(logos))[0]?.png ?? Buffer.of()),
      ...(await zebraDraws(await toZpl(dithered), media)),
    ];
    expect(strips).toHaveLength(6);
    expectPicture('print-logos', smallPng(below(strips.map(framed), GAP)));
  });

  it('the same label in ZPL and in TSPL', async () => {
    const layout = layOut(loadTemplate('device-62x40'), TYPICAL, DPI);
    const [zpl] = await zebraDraws(await toZpl(layout), layout);
    const tspl = printTspl(await toTspl(layout))[0];
    if (zpl === undefined || tspl === undefined) throw new Error('a printer has printed nothing');
    expectPicture('print-tspl', smallPng(beside([zpl, dotsOf(tspl.png)].map(framed), GAP)));
  });

  it('the upper part of a sheet that begins at the third label', async () => {
    const sheet = loadSheet('L7651');
    const layout = layOut(loadTemplate(sheet.template), TYPICAL, DPI);
    const pdf = await pdfOf(Array.from({ length: 20 }, () => layout), { kind: 'sheet', sheet, start: 3 });
    expectPicture('print-sheet', smallPng(framed(cropped(dotsOf(rasterPdf(pdf, DPI, 'mono')[0] ?? Buffer.of()), SHEET_ROWS))));
  });
});

/** Logos from the field: colours, greys, CMYK, transparent ones, texts, pictures in pictures. */
const LOGOS = [
  'red-square.svg',
  'colours.svg',
  'cmyk.jpg',
  'gradient.png',
  'half-transparent.png',
  'text-chinese.svg',
  'picture-png-inside.svg',
  'pattern.svg',
  'clip-and-mask.svg',
  'grey-with-alpha.png',
];
const LOGO_MM = 12;

function logoLayout(settings: object): Layout {
  const own = tempFolder();
  mkdirSync(join(own, 'logos'));
  for (const file of LOGOS) copyFileSync(join(packageRoot, 'test/fixtures/logos', file), join(own, 'logos', file));
  const boxes = LOGOS.map((file, n) => ({
    type: 'image',
    x: 1 + n * (LOGO_MM + 1),
    y: 1,
    w: LOGO_MM,
    h: LOGO_MM,
    file,
    ...settings,
  }));
  const media = { width: 1 + LOGOS.length * (LOGO_MM + 1), height: LOGO_MM + 2 };
  const template = parseTemplate('logos', JSON.stringify({ media: { ...media, dpi: DPI }, boxes }), own);
  return turnLayout(layOut(template, TYPICAL, DPI), 0);
}
