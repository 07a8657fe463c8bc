import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { loadTemplate, templateNames } from '../../src/label/template.ts';
import { expectCodes, pdfOf, TYPICAL, UNITS } from '../support/label-files.ts';
import { runProgram } from '../support/run-program.ts';
import { tempFolder } from '../support/service.ts';

/* What poppler, the reader of most Linux desktops and print servers, makes of our PDFs. */

function saved(pdf: Buffer): string {
  const file = join(tempFolder(), 'labels.pdf');
  writeFileSync(file, pdf);
  return file;
}

describe('a PDF', () => {
  const layout = layOut(loadTemplate('device-62x40'), TYPICAL);

  it('holds its fonts, and of them only the letters it uses', async () => {
    const pdf = await pdfOf([layout]);
    const fonts = runProgram('pdffonts', [saved(pdf)])
      .trim()
      .split('\n')
      .slice(2);
    expect(fonts).toHaveLength(3);
    for (const font of fonts) expect(font).toMatch(/^[A-Z]{6}\+DejaVu.* TrueType .* yes yes yes /);
    // The three whole font files are 1.6 MB.
    expect(pdf.length).toBeLessThan(60_000);
  });

  it('is well-formed to a reader that is not ours', async () => {
    const info = runProgram('pdfinfo', [saved(await pdfOf([layout, layout]))]);
    expect(info).toMatch(/Pages: +2\n/);
    expect(info).toMatch(/Page size: +175\.7\d* x 113\.3\d* pts/);
  });
});

it.each(templateNames())('every code of %s is read back, in black and white dots', async (name) => {
  const layouts = UNITS.map(([, unit]) => layOut(loadTemplate(name), unit));
  const [{ dpi }] = layouts as [Layout];
  const folder = tempFolder();
  runProgram('pdftoppm', ['-r', String(dpi), '-mono', '-png', saved(await pdfOf(layouts)), join(folder, 'page')]);
  const pages = readdirSync(folder).toSorted();
  expect(pages).toHaveLength(layouts.length);
  for (const [index, page] of pages.entries()) {
    await expectCodes(readFileSync(join(folder, page)), layouts[index] as Layout);
  }
});
