import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PrintedLabel } from '../../src/contract/labels.ts';
import { labelProduct } from '../../src/model/labels/shown-settings.ts';
import { printedWith } from '../../src/label/printed-with.ts';
import { RENDERER } from '../../src/label/renderer.ts';
import { photograph } from '../support/photograph.ts';
import { redraw } from '../../src/label/redraw.ts';
import { openDrawing } from '../../src/label/pictures/draw.ts';
import { labelsFolder, parseTemplate } from '../../src/label/template.ts';
import { newProduct } from '../../src/model/product.ts';
import type { RecordedSet } from '../../src/model/labels/render-set.ts';
import { tempFolder } from '../support/service.ts';

/* Labels that are drawn again. */

const SVG = (width: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="${width}" height="20"/></svg>`;

async function printed(
  more: { stationName?: true } = {},
  logo: Uint8Array = Buffer.from(SVG(30)),
  renderer?: number,
): Promise<PrintedLabel> {
  await openDrawing();
  const folder = tempFolder();
  mkdirSync(join(folder, 'logos'), { recursive: true });
  // The content says what kind of picture it is, not the name.
  writeFileSync(join(folder, 'logos', 'own.svg'), logo);
  const source = `{ media: { width: 40, height: 20 }, boxes: [
    { type: 'qr', x: 1, y: 1, w: 15, h: 15 }, { type: 'image', x: 17, y: 1, w: 20, h: 8, file: 'own.svg' },
    { type: 'text', x: 17, y: 10, w: 22, h: 5, size: 6, text: '{name}' } ] }`;
  const product = { ...newProduct('DEMO'), name: 'Meter' };
  const data = { uci: 'JT08FFQXWQ', qr: 'JT08FFQXWQ', product: 'DEMO', name: 'Meter', station: 'line-1' };
  const template = { ...parseTemplate('mine', source, folder), ...(renderer === undefined ? {} : { renderer }) };
  const opened = { template, source, revision: 1 };
  const {
    set,
    sample,
    contents = [],
  } = await printedWith(opened, { data, product: labelProduct(product) }, { dpi: 203, ...more });
  return { set: { number: 1, ...set, ...(sample === undefined ? {} : { sample }) }, data, contents };
}

const changed = (label: PrintedLabel, more: Partial<RecordedSet>): PrintedLabel => ({
  ...label,
  set: { ...label.set, ...more },
});

describe('a label that is drawn again', () => {
  it('has no differences, and always the same dots', async () => {
    const label = await printed();
    const [one, other] = [await redraw(label), await redraw(label)];
    expect(one.differences).toEqual([]);
    expect(one.dots).toBe(other.dots);
    expect(Buffer.from(one.png).subarray(1, 4).toString()).toBe('PNG');
  });

  it("has the station's name only if the printer printed it", async () => {
    expect((await redraw(await printed({ stationName: true }))).dots).not.toBe((await redraw(await printed())).dots);
  });

  it('tells another renderer, another font and other dots', async () => {
    const label = await printed();
    const { differences } = await redraw(
      changed(label, { renderer: 0, fonts: { ...label.set.fonts, sans: 'x' }, sample: 'y' }),
    );
    expect(differences.map(({ part, before }) => [part, before])).toEqual([
      ['renderer', '0'],
      ['sans', 'x'],
      ['sample', 'y'],
    ]);
  });

  it('keeps its dots if an earlier renderer printed it, which did not turn photographs', async () => {
    const turned = photograph(3, 'II');
    const [before, now] = [await printed({}, turned, 1), await printed({}, turned)];
    expect([before.set.renderer, now.set.renderer]).toEqual([1, RENDERER]);
    const [old, recent] = [await redraw(before), await redraw(now)];
    expect([old.differences, recent.differences]).toEqual([[], []]);
    expect(old.dots).not.toBe(recent.dots);
    // The same pixels, but the file does not say that they must be turned.
    const stored = Buffer.from(turned);
    stored.writeUInt16LE(1, stored.indexOf('Exif') + 6 + 18);
    expect(old.dots).toBe((await redraw(await printed({}, stored))).dots);
  });

  it('is refused without its template', async () => {
    const label = await printed();
    const contents = label.contents.filter(({ hash }) => hash !== label.set.template.hash);
    await expect(redraw({ ...label, contents })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('never takes a file from outside of its folder, whatever an event in a bundle names', async () => {
    const label = await printed();
    const [content] = label.contents;
    const files = { ...label.set.files, 'logos/../../../../tmp/claimstamp-escape.svg': content?.hash ?? '' };
    await redraw(changed(label, { files }));
    expect(labelsFolder).not.toContain('escape');
    await expect(import('node:fs').then(({ existsSync }) => existsSync('/tmp/claimstamp-escape.svg'))).resolves.toBe(
      false,
    );
  });
});
