import { describe, expect, it } from 'vitest';
import { LONGEST, type LabelData } from '../../src/contract/labels.ts';
import { checkTemplate } from '../../src/label/check.ts';
import { inksOf } from '../../src/label/ink.ts';
import { renderJob } from '../support/job-bytes.ts';
import { layOut } from '../../src/label/layout.ts';
import { stationAtEdge } from '../../src/label/station-edge.ts';
import { loadTemplate, parseTemplate, templateNames } from '../../src/label/template.ts';
import { newProduct } from '../../src/model/product.ts';
import type { Setup } from '../../src/model/printing/setup.ts';
import { decode, emulate, TYPICAL } from '../support/label-files.ts';
import { rasterPdf, readPdf } from '../support/pdf-reader.ts';
import { printTspl } from '../support/tspl-printer.ts';

/* The name of the station on labels of a printer that stations share. */

const labelled = (label: string, station?: string) => ({
  data: { ...TYPICAL, ...(station === undefined ? {} : { station }) } satisfies LabelData,
  product: { ...newProduct('P'), label },
  copies: 1,
});
const jobOf = (label: string, ...stations: string[]) => ({
  kind: 'labels' as const,
  labels: stations.map((station) => labelled(label, station)),
});
const setup = (more: Partial<Setup> = {}): Setup => ({ name: 'zebra-1', dpi: 203, ...more });
const named = setup({ stationName: true });

describe.each(['zpl', 'tspl', 'pdf'] as const)('in %s', (format) => {
  const job = jobOf('device-62x40', 'line-1');
  const nameless = { ...job, labels: [labelled('device-62x40')] };

  it('a printer without the setting prints the same bytes with and without a station', async () => {
    expect(bytes(await renderJob(job, format, setup()))).toBe(bytes(await renderJob(nameless, format, setup())));
  });

  it('a label without a station is printed as before', async () => {
    expect(bytes(await renderJob(nameless, format, named))).toBe(bytes(await renderJob(nameless, format, setup())));
  });

  it('the name is added, and every code can still be read', async () => {
    const printed = await renderJob(job, format, named);
    expect(bytes(printed)).not.toBe(bytes(await renderJob(job, format, setup())));
    const layout = layOut(loadTemplate('device-62x40'), TYPICAL, 203);
    const picture = {
      zpl: async () => (await emulate(Buffer.from(printed).toString(), layout))[0],
      pdf: async () => rasterPdf(Buffer.from(printed), 203, 'mono')[0],
      tspl: async () => printTspl(printed)[0]?.png,
    }[format];
    const found = (await decode((await picture()) ?? new Uint8Array())).map(({ text }) => text);
    expect(found).toEqual(['P2DM2648U0000001', 'JT08FFQXWQ']);
  });
});

/** PDFs name the time at which they were made. */
function bytes(job: Uint8Array): string {
  return Buffer.from(job)
    .toString('latin1')
    .replace(/\/(CreationDate|ID)[^\n]*/g, '');
}

it('a row of labels shows the station of each label', async () => {
  const across = { ...named, across: 3, acrossGap: 2 };
  const [page] = readPdf(await renderJob(jobOf('device-62x40', 'line-1', 'line-2', 'line-3'), 'pdf', across));
  const places = (page?.words ?? []).filter(({ text }) => text.startsWith('line-'));
  const column = (points: number) => Math.floor((points * 25.4) / 72 / 64) + 1;
  expect(places.map(({ text, left }) => `${text}@${column(left)}`)).toEqual(['line-1@1', 'line-2@2', 'line-3@3']);
});

describe.each(templateNames())('on %s', (label) => {
  it.each(['A', 'line-1', LONGEST.station])('the name %s touches no box and no edge', (name) => {
    const template = loadTemplate(label);
    const layout = layOut(template, LONGEST);
    const { edge, shapes = [] } = stationAtEdge(template, layout, name) ?? {};
    const boxes = template.boxes.flatMap((box) => ('w' in box ? [box] : []));
    const inks = shapes.flatMap(inksOf);
    expect(inks).toHaveLength(edge === undefined ? 0 : 1);
    for (const { left, top, right, bottom } of inks) {
      expect(Math.min(left, top, layout.width - right, layout.height - bottom)).toBeGreaterThan(0.3);
      for (const { x, y, w, h } of boxes)
        expect(right < x || left > x + w || bottom < y || top > y + h, 'apart from each box').toBe(true);
    }
  });
});

const rings = '{ type: "qr", x: 1, y: 1, w: 18, h: 18 }';
const media = 'media: { width: 20, height: 20 }';

it('a template with a place of its own has the name only there', async () => {
  const template = parseTemplate(
    'own',
    `{ ${media}, boxes: [{ type: "text", x: 1, y: 5, w: 18, h: 3, text: "{station}", size: 6 }] }`,
  );
  const layout = layOut(template, { ...TYPICAL, station: 'line-1' });
  expect(layout.shapes).toHaveLength(1);
  expect(stationAtEdge(template, layout, 'line-1')).toBeUndefined();
  expect(layOut(template, TYPICAL).shapes, 'a label without a station').toEqual([]);
});

it('the check says at which edge the name is, and that there is no room', () => {
  expect(checkTemplate(loadTemplate('device-62x40'))).toMatchObject({ stationEdge: 'top' });
  expect(checkTemplate(parseTemplate('full', `{ ${media}, boxes: [${rings}] }`))).not.toHaveProperty('stationEdge');
});

it.each([
  ['right', 'x: 0, y: 0, w: 17, h: 20', 90],
  ['left', 'x: 3, y: 0, w: 17, h: 20', 270],
])('a name at the %s edge is turned', (edge, place, rotation) => {
  const template = parseTemplate('tall', `{ ${media}, boxes: [{ type: "text", ${place}, text: "{uci}", size: 6 }] }`);
  expect(stationAtEdge(template, layOut(template, TYPICAL), 'line-1')).toMatchObject({
    edge,
    shapes: [{ kind: 'turned', rotation }],
  });
});
