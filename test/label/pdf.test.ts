import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { loadSheet } from '../../src/label/sheet.ts';
import { loadTemplate, templateNames } from '../../src/label/template.ts';
import { built } from '../../src/platform/package-root.ts';
import { rasterPdf, readPdf, type Word } from '../support/pdf-reader.ts';
import { LONGEST_MIXED, pdfOf, TYPICAL, decode } from '../support/label-files.ts';

/** PDFium's own finding of the words of a one-page PDF, in mm. */
function wordsOf(pdf: Buffer): Omit<Word, 'ink'>[] {
  const mm = (points: number): number => points * (25.4 / 72);
  return readPdf(pdf).flatMap(({ words }) =>
    words.map(({ text, left, right, top, bottom }) => {
      return { text, left: mm(left), right: mm(right), top: mm(top), bottom: mm(bottom) };
    }),
  );
}

function linesOf(layout: Layout): { first: string; last: string; x: number; end: number; baseline: number }[] {
  return layout.shapes.flatMap((shape) => {
    if (shape.kind !== 'text') return [];
    const words = shape.runs
      .map(({ text }) => text)
      .join('')
      .split(' ');
    return [
      {
        first: words[0] as string,
        last: words.at(-1) as string,
        x: shape.x,
        end: shape.x + shape.width,
        baseline: shape.baseline,
      },
    ];
  });
}

describe.each(templateNames())('the PDF of %s', (name) => {
  it.each([
    ['typical', TYPICAL],
    ['long', LONGEST_MIXED],
  ] as const)('has its text where the layout says, with %s values', async (_, unit) => {
    const layout = layOut(loadTemplate(name), unit);
    const words = wordsOf(await pdfOf([layout]));
    for (const line of linesOf(layout)) {
      const onLine = words.filter(({ top, bottom }) => top < line.baseline && line.baseline < bottom);
      const begins = onLine.some(({ text, left }) => text === line.first && Math.abs(left - line.x) < 0.1);
      const ends = onLine.some(({ text, right }) => text === line.last && Math.abs(right - line.end) < 0.1);
      expect({ ...line, begins, ends }).toEqual({ ...line, begins: true, ends: true });
    }
  });
});

describe('a PDF', () => {
  const layout = layOut(loadTemplate('device-62x40'), TYPICAL);

  it('has the same bytes whenever and wherever it is made', () => {
    const [here, there] = [
      digestElsewhere('2026-03-01T08:00:00Z', 'Asia/Tokyo'),
      digestElsewhere('2031-11-30T23:59:59Z', 'America/New_York'),
    ];
    expect(here).toMatch(/^[0-9a-f]{64}$/);
    expect(there).toBe(here);
  });

  it('of many labels, and of two products in turn, has each as it is alone, whether it is the first or the last', async () => {
    const layouts = Array.from({ length: 34 }, (_, index) => {
      const uci = `JT08FFQX${String(index).padStart(2, '0')}`;
      // Runs long and short; the last label is there ten times.
      const other = (index >= 12 && index < 24) || index % 8 === 3;
      return layOut(loadTemplate('device-62x40'), {
        ...TYPICAL,
        uci,
        qr: uci,
        ...(other && { name: 'Other Sensor', model: 'O2' }),
      });
    });
    layouts.push(...Array.from({ length: 9 }, () => layouts.at(-1) as Layout));
    const pdf = await pdfOf(layouts);
    // Logo, company, captions and the like: made once.
    expect(pdf.toString('latin1').split('/Subtype /Form').length).toBeGreaterThan(5);
    const pages = rasterPdf(pdf, 203, 'mono');
    expect(pages).toHaveLength(layouts.length);
    for (const [index, layout] of layouts.entries()) {
      const [alone] = rasterPdf(await pdfOf([layout]), 203, 'mono');
      expect(pages[index]?.equals(alone as Buffer), `label ${index}`).toBe(true);
    }
  });

  it('tells the viewer not to scale it', async () => {
    const pdf = (await pdfOf([layout])).toString('latin1');
    expect(pdf).toMatch(/\/ViewerPreferences \d+ 0 R/);
    expect(pdf).toContain('/PrintScaling /None');
  });

  it('is made of the same bytes in this process', async () => {
    const digest = async (): Promise<string> =>
      createHash('sha256')
        .update(await pdfOf([layout]))
        .digest('hex');
    expect(await digest()).toBe(await digest());
  });
});

/** Another process, another clock, another time zone: the digest of the PDF of one unit. */
function digestElsewhere(now: string, zone: string): string {
  const program = `
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...args) { super(...(args.length === 0 ? [${JSON.stringify(now)}] : args)); }
      static now() { return Real.parse(${JSON.stringify(now)}); }
    };
    const { createHash } = await import('node:crypto');
    const load = (file) => import(${JSON.stringify(built(''))} + '/' + file);
    const [{ loadTemplate }, { layOut }, { openPdf }] = await Promise.all(['label/template.js', 'label/layout.js', 'label/pdf.js'].map(load));
    const pdf = openPdf({ kind: 'roll' });
    const hash = createHash('sha256');
    pdf.stream.on('data', (chunk) => hash.update(chunk)).on('end', () => { console.log(hash.digest('hex')); process.exit(0); });
    await pdf.add(layOut(loadTemplate('device-62x40'), ${JSON.stringify(TYPICAL)}));
    pdf.end();`;
  const env = { ...process.env, TZ: zone };
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env }).trim();
}

describe('a sheet', () => {
  const sheet = loadSheet('L7651');
  const unit = (index: number) => {
    const uci = `JT08FFQX${String(index).padStart(2, '0')}`;
    return { ...TYPICAL, uci, qr: uci };
  };
  const layouts = (count: number) =>
    Array.from({ length: count }, (_, index) => layOut(loadTemplate(sheet.template), unit(index)));

  it('starts at the cell asked for and goes on on the next page', async () => {
    const [first, second, ...more] = rasterPdf(
      await pdfOf(layouts(4), { kind: 'sheet', sheet, start: 64 }),
      300,
      'mono',
    );
    expect(more).toEqual([]);
    const read = async (page: Buffer): Promise<string[]> => (await decode(page)).map(({ text }) => text);
    expect(await read(first as Buffer)).toEqual(['JT08FFQX00', 'JT08FFQX01']);
    expect(await read(second as Buffer)).toEqual(['JT08FFQX02', 'JT08FFQX03']);
  });

  it('has each label inside of its own cell', async () => {
    const words = wordsOf(await pdfOf(layouts(65), { kind: 'sheet', sheet, start: 1 }));
    const starts = words.filter(({ text }) => text === 'JT08F');
    expect(starts).toHaveLength(65);
    for (const [index, word] of starts
      .toSorted((one, other) => one.top - other.top || one.left - other.left)
      .entries()) {
      const left = sheet.left + (index % sheet.columns) * sheet.pitch.x;
      const top = sheet.top + Math.floor(index / sheet.columns) * sheet.pitch.y;
      expect(word.left).toBeGreaterThan(left);
      expect(word.right).toBeLessThan(left + sheet.label.width);
      expect(word.top).toBeGreaterThan(top);
      expect(word.bottom).toBeLessThan(top + sheet.label.height);
    }
  });

  it('is moved by the correction of its printer, every label by the same', async () => {
    const place = async (offset?: { x: number; y: number }) => {
      const pages = { kind: 'sheet', sheet, start: 1, ...(offset && { offset }) } as const;
      return wordsOf(await pdfOf(layouts(7), pages)).filter(({ text }) => text === 'JT08F');
    };
    const [before, after] = [await place(), await place({ x: 1.5, y: -0.8 })];
    expect(after).toHaveLength(7);
    for (const [index, { left, top }] of before.entries()) {
      expect((after[index]?.left ?? 0) - left).toBeCloseTo(1.5, 2);
      expect((after[index]?.top ?? 0) - top).toBeCloseTo(-0.8, 2);
    }
  });

  it('refuses a label larger than its cells, naming both', async () => {
    await expect(
      pdfOf([layOut(loadTemplate('device-62x40'), TYPICAL)], { kind: 'sheet', sheet, start: 1 }),
    ).rejects.toThrow(
      'a label of 62 × 40 mm does not fit the cells of sheet L7651, 38.1 × 21.2 mm: use the template sheet-38x21',
    );
  });

  it.each([0, 66, 1.5])('refuses to start at cell %s', async (start) => {
    await expect(pdfOf(layouts(1), { kind: 'sheet', sheet, start })).rejects.toThrow(
      `sheet L7651 has 65 labels: start with 1 to 65, not ${start}`,
    );
  });
});
