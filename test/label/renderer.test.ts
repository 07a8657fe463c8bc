import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sampleData } from '../../src/contract/labels/samples.ts';
import { newProduct } from '../../src/model/product.ts';
import { layOut } from '../../src/label/layout.ts';
import { openDrawing } from '../../src/label/pictures/draw.ts';
import { dotsOf, hashOfDots } from '../../src/label/printed-with.ts';
import { RENDERER } from '../../src/label/renderer.ts';
import { loadTemplate, templateNames } from '../../src/label/template.ts';

/*
 * The dots of labels belong to a version of the renderer. If this test fails, a change moved dots of labels: either that
 * was a mistake, or RENDERER must be raised, and this test then writes the file of the new version.
 */
it.each([1, RENDERER])('version %i of the renderer always draws the same dots', async (renderer) => {
  await openDrawing();
  const product = { ...newProduct('01HQ7Z8YV2M4N6P8R0T2V4X6Z8'), name: 'Thermostat Größe 2 国', company: 'Acme & Co.' };
  const data = {
    ...sampleData(product),
    lot: 'LOT-7',
    model: 'T-2',
    notForSale: 'NOT FOR SALE',
    logo: 'claimstamp.svg',
  };
  const dots: Record<string, string> = {};
  for (const name of templateNames())
    for (const dpi of [203, 300, 600])
      dots[`${name} ${dpi}`] = hashOfDots(await dotsOf(layOut({ ...loadTemplate(name), renderer }, data, dpi)));
  const file = join(import.meta.dirname, 'golden', `renderer-${renderer}.json`);
  await expect(`${JSON.stringify(dots, null, 2)}\n`).toMatchFileSnapshot(file);
});
