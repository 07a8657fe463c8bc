import { describe, expect, it } from 'vitest';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { toPng } from '../../src/label/svg.ts';
import { loadTemplate, templateNames } from '../../src/label/template.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { decode, emulate, expected, pdfOf, rasterPdf, UNITS } from './support.ts';

/* A reader that is not the writer reads every code of every shipped template, as printers of three kinds print it. */

const PRINTERS = [203, 300, 600] as const;
const TIMEOUT_MS = 120_000;

async function expectPages(pages: Uint8Array[], layouts: Layout[]): Promise<void> {
  expect(pages).toHaveLength(layouts.length);
  for (const [index, page] of pages.entries()) expect(await decode(page)).toEqual(expected(layouts[index] as Layout));
}

describe.each(templateNames())('%s is read back as the unit it was printed for', (name) => {
  const template = loadTemplate(name);
  const layouts = (dpi: number): Layout[] => UNITS.map(([, unit]) => layOut(template, unit, dpi));

  it.each(PRINTERS)('from the PDF, in black and white dots at %i dpi', async (dpi) => {
    await expectPages(rasterPdf(await pdfOf(layouts(dpi)), dpi, 'mono'), layouts(dpi));
  }, TIMEOUT_MS);

  it.each(PRINTERS)('from the PDF made for its own printer, seen at %i dpi', async (dpi) => {
    const own = layouts(template.media.dpi);
    await expectPages(rasterPdf(await pdfOf(own), dpi, 'gray'), own);
  }, TIMEOUT_MS);

  it.each(PRINTERS)('from the preview at %i dpi', async (dpi) => {
    for (const layout of layouts(dpi)) expect(await decode(await toPng(layout))).toEqual(expected(layout));
  }, TIMEOUT_MS);

  it.each(PRINTERS)('from the ZPL at %i dpi', async (dpi) => {
    for (const layout of layouts(dpi)) await expectPages(await emulate(await toZpl(layout), layout), [layout]);
  }, TIMEOUT_MS);
});

describe.each(UNITS)('%s', (_, unit) => {
  it('stand in the codes whole', () => {
    const { uci, serial, qr } = unit;
    expect(expected(layOut(loadTemplate('device-62x40'), unit))).toEqual([`Code128 ${serial}`, `QRCode ${qr}`]);
    expect(expected(layOut(loadTemplate('module-30x12'), unit))).toEqual([`DataMatrix ${uci}`]);
  });
});
