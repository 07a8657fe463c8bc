import { describe, expect, it } from 'vitest';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { toPng } from '../../src/label/svg.ts';
import { loadTemplate, templateNames } from '../../src/label/template.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { codesOf, emulate, expectCodes, pdfOf, UNITS } from '../support/label-files.ts';
import { rasterPdf } from '../support/pdf-reader.ts';

/* A reader that is not the writer reads every code of every shipped template, as printers of three kinds print it. */

const PRINTERS = [203, 300, 600] as const;
const TIMEOUT_MS = 120_000;

async function expectPages(pages: Uint8Array[], layouts: Layout[], dpi: number): Promise<void> {
  expect(pages).toHaveLength(layouts.length);
  for (const [index, page] of pages.entries()) await expectCodes(page, layouts[index] as Layout, dpi);
}

describe.each(templateNames())('%s is read back as the unit it was printed for', (name) => {
  const template = loadTemplate(name);
  const layouts = (dpi: number): Layout[] => UNITS.map(([, unit]) => layOut(template, unit, dpi));

  it.each(PRINTERS)(
    'from the PDF, in black and white dots at %i dpi',
    async (dpi) => {
      await expectPages(rasterPdf(await pdfOf(layouts(dpi)), dpi, 'mono'), layouts(dpi), dpi);
    },
    TIMEOUT_MS,
  );

  it.each(PRINTERS)(
    'from the PDF made for its own printer, seen at %i dpi',
    async (dpi) => {
      const own = layouts(template.media.dpi);
      await expectPages(rasterPdf(await pdfOf(own), dpi, 'gray'), own, dpi);
    },
    TIMEOUT_MS,
  );

  it.each(PRINTERS)(
    'from the preview at %i dpi',
    async (dpi) => {
      for (const layout of layouts(dpi)) await expectCodes(await toPng(layout), layout);
    },
    TIMEOUT_MS,
  );

  it.each(PRINTERS)(
    'from the ZPL at %i dpi',
    async (dpi) => {
      for (const layout of layouts(dpi)) await expectPages(await emulate(await toZpl(layout), layout), [layout], dpi);
    },
    TIMEOUT_MS,
  );
});

describe.each(UNITS)('%s', (_, unit) => {
  it('are complete in the codes', () => {
    const { uci, serial, qr } = unit;
    const texts = (name: string): string[] => codesOf(layOut(loadTemplate(name), unit), 203).map(({ text }) => text);
    expect(texts('device-62x40')).toEqual([serial, qr]);
    expect(texts('module-30x12')).toEqual([uci]);
  });
});
