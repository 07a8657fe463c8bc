import { describe, expect, it } from 'vitest';
import { badgeLayout } from '../../src/label/job.ts';
import { renderJob } from '../support/job-bytes.ts';
import { rasterise } from '../../src/label/pictures/draw.ts';
import { loadTemplate } from '../../src/label/template.ts';
import { layOut } from '../../src/label/layout.ts';
import { turnLayout } from '../../src/label/turn.ts';
import { newProduct } from '../../src/model/product.ts';
import type { Setup } from '../../src/model/printing/setup.ts';
import { decode, emulate, TYPICAL } from '../support/label-files.ts';
import { rasterPdf } from '../support/pdf-reader.ts';
import { printTspl } from '../support/tspl-printer.ts';

/* A job as a printer with its settings gets it. */

const product = { ...newProduct('P'), label: 'device-62x40' };
const labelled = (uci: string, copies = 1) => ({ data: { ...TYPICAL, uci, qr: uci }, product, copies });
const one = { kind: 'labels' as const, labels: [labelled('JT08FFQXWQ')] };
const setup = (more: Partial<Setup> = {}): Setup => ({ name: 'zebra-1', dpi: 203, ...more });
const qrs = async (png: Uint8Array | undefined) =>
  (await decode(png ?? new Uint8Array())).filter(({ format }) => format === 'QRCode');

describe.each(['zpl', 'tspl', 'pdf'] as const)('in %s, a label for other media', (format) => {
  it.each(['50x25', '40x62', '62x30', '64x40'])('is refused when %s is loaded', async (loaded) => {
    await expect(renderJob(one, format, setup({ loaded }))).rejects.toMatchObject({
      code: 'labels-differ',
      message: expect.stringContaining(`printer zebra-1 has labels of ${loaded} mm, and the product needs 62x40 mm`),
    });
  });

  it('is refused for badges as well', async () => {
    const badge = { kind: 'badge' as const, person: { name: 'ann', badge: 'OP-1' } };
    await expect(renderJob(badge, format, setup({ loaded: '50x25' }))).rejects.toMatchObject({ code: 'labels-differ' });
  });

  it.each(['62x40', '62.0x40', '61.5x40.2'])('prints when %s is loaded', async (loaded) => {
    expect((await renderJob(one, format, setup({ loaded }))).length).toBeGreaterThan(500);
  });

  it('prints turned, because the size is that of the label as people read it', async () => {
    expect((await renderJob(one, format, setup({ loaded: '62x40', rotation: 90 }))).length).toBeGreaterThan(500);
  });
});

/** The size of the name on a badge in points, and its lines. */
function nameOn(name: string): { size: number; lines: string[] } {
  const texts = badgeLayout({ name, badge: 'OP-4711' }).shapes.filter((shape) => shape.kind === 'text');
  const [{ size } = { size: 0 }] = texts;
  return { size, lines: texts.slice(0, -1).map(({ runs }) => runs.map(({ text }) => text).join('')) };
}

describe('the name on a badge', () => {
  it.each([
    ['bo', 18, ['bo']],
    ['zhang.wei', 13, ['zhang.wei']],
    ['maria.lopez', 8, ['maria.lopez']],
    ['maria.hernandez-gonzalez', 10, ['maria.', 'hernandez-', 'gonzalez']],
    ['Wolfgang-Amadeus-von-Sternberg_Schlesinger.2', 8, expect.arrayContaining(['Amadeus-von-', 'Sternberg_'])],
    ['X'.repeat(64), 7, expect.any(Array)],
  ])('of %s is at least %i points high', (name, least, lines) => {
    const found = nameOn(name);
    expect(found.size).toBeGreaterThanOrEqual(least);
    expect(found.lines).toEqual(lines);
    expect(found.lines.join('')).toBe(name);
  });
});

describe.each([0, 90, 180, 270] as const)('turned by %i degrees', (rotation) => {
  it.each(['zpl', 'tspl', 'pdf'] as const)('a label in %s has the dots of the preview, turned', async (format) => {
    const job = await renderJob(one, format, setup({ rotation, loaded: '62x40' }));
    const layout = turnLayout(layOut(loadTemplate('device-62x40'), one.labels[0]?.data ?? TYPICAL, 203), rotation);
    const picture = {
      zpl: async () => (await emulate(Buffer.from(job).toString(), layout))[0],
      pdf: async () => rasterPdf(Buffer.from(job), 203, 'mono')[0],
      tspl: async () => printTspl(job)[0]?.png,
    }[format];
    const found = (await decode((await picture()) ?? new Uint8Array())).map(({ text }) => text);
    expect(found).toEqual(['P2DM2648U0000001', 'JT08FFQXWQ']);
  });
});

describe('a roll with three labels across', () => {
  const tiny = { ...product, label: 'tiny-20x20' };
  const labels = ['A', 'B', 'C', 'D', 'E'].map((end) => ({ ...labelled(`JT08FFQXW${end}`), product: tiny }));
  const across = setup({ across: 3, acrossGap: 2, loaded: '20x20' });
  const place = ({ text, x }: { text: string; x: number }) => `${text.at(-1)}${Math.floor((x * 25.4) / 203 / 22) + 1}`;
  const rowsOf = async (job: Uint8Array) =>
    Promise.all(rasterPdf(Buffer.from(job), 203, 'mono').map(async (page) => (await qrs(page)).map(place)));

  it('is filled row by row', async () => {
    expect(await rowsOf(await renderJob({ kind: 'labels', labels }, 'pdf', across))).toEqual([
      ['A1', 'B2', 'C3'],
      ['D1', 'E2'],
    ]);
  });

  it('continues a row where it was left', async () => {
    expect(await rowsOf(await renderJob({ kind: 'labels', labels, column: 3 }, 'pdf', across))).toEqual([
      ['A3'],
      ['B1', 'C2', 'D3'],
      ['E1'],
    ]);
  });

  it('has a column for each copy', async () => {
    const copies = [{ ...labelled('JT08FFQXWA', 4), product: tiny }, ...labels.slice(1, 2)];
    expect(await rowsOf(await renderJob({ kind: 'labels', labels: copies }, 'pdf', across))).toEqual([
      ['A1', 'A2', 'A3'],
      ['A1', 'B2'],
    ]);
  });

  it.each(['zpl', 'tspl'] as const)('has one label of the width of the roll for each row in %s', async (format) => {
    const job = Buffer.from(await renderJob({ kind: 'labels', labels }, format, across)).toString('latin1');
    expect(job.match(format === 'zpl' ? /\^PW511\^LL160/g : /SIZE 64 mm,20 mm/g)).toHaveLength(2);
    expect(job.match(format === 'zpl' ? /\^PQ1/g : /PRINT 1,1/g)).toHaveLength(2);
  });
});

/** The dots of a picture in black and white. */
async function dotsOf(png: Buffer) {
  const [columns, rows] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const href = `data:image/png;base64,${png.toString('base64')}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${columns}" height="${rows}"><image width="${columns}" height="${rows}" href="${href}"/></svg>`;
  const { pixels } = await rasterise(svg, columns);
  return { columns, rows, isDark: (x: number, y: number) => (pixels[(y * columns + x) * 4] ?? 255) < 128 };
}

describe('a test label', () => {
  const sizes = ['62x40', '50x25', '20x20', '100x150', '8x5', '30x12'];
  it.each(sizes)('is drawn on %s mm, whatever is loaded, with a frame at the edges', async (loaded) => {
    const [png] = rasterPdf(Buffer.from(await renderJob({ kind: 'test' }, 'pdf', setup({ loaded }))), 203, 'mono');
    const [width = 0, height = 0] = loaded.split('x').map((mm) => Math.round((Number(mm) * 203) / 25.4));
    const { isDark, columns, rows } = await dotsOf(png ?? Buffer.of());
    expect(Math.abs(columns - width) + Math.abs(rows - height)).toBeLessThanOrEqual(2);
    for (let x = 2; x < columns - 2; x++) expect(isDark(x, 1) && isDark(x, rows - 2)).toBe(true);
    for (let y = 2; y < rows - 2; y++) expect(isDark(1, y) && isDark(columns - 2, y)).toBe(true);
    if (Math.min(width, height) >= 96) expect((await qrs(png)).map(({ text }) => text)).toEqual(['TEST']);
  });

  it('has all columns of the roll', async () => {
    const [png] = rasterPdf(
      Buffer.from(await renderJob({ kind: 'test' }, 'pdf', setup({ loaded: '20x20', across: 3, acrossGap: 2 }))),
      203,
      'mono',
    );
    expect(await qrs(png)).toHaveLength(3);
  });
});

it('the correction of a printer moves what a PDF and TSPL print', async () => {
  const places = async (more: Partial<Setup>) => {
    const [pdf, tspl] = [await renderJob(one, 'pdf', setup(more)), await renderJob(one, 'tspl', setup(more))];
    return Promise.all(
      [rasterPdf(Buffer.from(pdf), 203, 'mono')[0], printTspl(tspl)[0]?.png].map(async (png) => (await qrs(png))[0]),
    );
  };
  const [before, after] = [await places({}), await places({ offsetX: 0.5, offsetY: -1 })];
  for (const [index, place] of before.entries()) {
    expect(Math.abs((after[index]?.x ?? 0) - (place?.x ?? 0) - 4)).toBeLessThanOrEqual(1);
    expect(Math.abs((after[index]?.y ?? 0) - (place?.y ?? 0) + 8)).toBeLessThanOrEqual(1);
  }
});
