import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LONGEST } from '../../src/contract/labels.ts';
import { rasterise } from '../../src/label/pictures/draw.ts';
import { layOut } from '../../src/label/layout.ts';
import { toPng } from '../../src/label/svg.ts';
import { loadTemplate, templateNames } from '../../src/label/template.ts';
import { TYPICAL } from '../support/label-files.ts';

/*
 * What the shipped templates look like, at the dots of a 203 dpi printer. UPDATE_GOLDEN=1 rewrites the pictures: look at each
 * one before it is committed. A difference leaves a picture of was, is and changed beside the golden one.
 */

const folder = join(dirname(fileURLToPath(import.meta.url)), 'golden');
const DPI = 203;
/** A grey level this far off is a changed pixel; a rasteriser's next version may round its greys otherwise. */
const GREY_TOLERANCE = 64;
/** Of all pixels. A single changed digit in 10 pt is three times as much. */
const CHANGED_TOLERANCE = 0.0002;

const sizeOf = (png: Buffer): [number, number] => [png.readUInt32BE(16), png.readUInt32BE(20)];
const href = (png: Uint8Array): string => `href="data:image/png;base64,${Buffer.from(png).toString('base64')}"`;

function pixels(png: Buffer): ReturnType<typeof rasterise> {
  const [width, height] = sizeOf(png);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><image width="${width}" height="${height}" image-rendering="optimizeSpeed" ${href(png)}/></svg>`;
  return rasterise(svg, width);
}

async function changed(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all([pixels(one), pixels(other)]);
  if (a.width !== b.width || a.height !== b.height) return 1;
  // Each look at `pixels` copies the picture.
  const [was, is] = [a.pixels, b.pixels];
  let count = 0;
  for (let i = 0; i < was.length; i += 4) {
    if (Math.abs((was[i] as number) - (is[i] as number)) > GREY_TOLERANCE) count++;
  }
  return count / (a.width * a.height);
}

/** Was, is, and both over each other: what differs stands out white on black. */
async function writeDifference(file: string, was: Buffer, is: Buffer): Promise<void> {
  const [[w, h], [w2, h2]] = [sizeOf(was), sizeOf(is)];
  const [width, height] = [Math.max(w, w2), Math.max(h, h2) + 10];
  const at = (row: number, png: Buffer, style = ''): string =>
    `<image y="${row * height}" width="${sizeOf(png)[0]}" height="${sizeOf(png)[1]}" ${style} ${href(png)}/>`;
  const body = `${at(0, was)}${at(1, is)}<g style="isolation:isolate">${at(2, was)}${at(2, is, 'style="mix-blend-mode:difference"')}</g>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${3 * height}">${body}</svg>`;
  writeFileSync(file, (await rasterise(svg, width)).asPng());
}

async function expectGolden(name: string, png: Buffer): Promise<void> {
  const [golden, difference] = [join(folder, `${name}.png`), join(folder, `${name}.diff.png`)];
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, png);
  expect(existsSync(golden), `${golden} is missing: UPDATE_GOLDEN=1 npx vitest run test/label/golden.test.ts`).toBe(
    true,
  );
  const was = readFileSync(golden);
  const share = await changed(was, png);
  if (share > CHANGED_TOLERANCE) await writeDifference(difference, was, png);
  else rmSync(difference, { force: true });
  expect(share, `see ${difference}`).toBeLessThanOrEqual(CHANGED_TOLERANCE);
}

describe.each(templateNames())('%s looks as it did', (name) => {
  it.each([
    ['typical', TYPICAL],
    ['longest', LONGEST],
  ])('with %s values', async (values, unit) => {
    await expectGolden(`${name}-${values}`, Buffer.from(await toPng(layOut(loadTemplate(name), unit, DPI))));
  });
});

it.each([
  ['zh', '智能温度传感器 500', '深圳示例科技有限公司'],
  ['ja', 'スマート温度計 500', '株式会社サンプル'],
  ['ko', '스마트 온도 센서 500', '주식회사 견본'],
])('device-62x40 with names in %s looks as it did', async (language, name, company) => {
  const layout = layOut(loadTemplate('device-62x40'), { ...TYPICAL, name, company }, DPI);
  await expectGolden(`device-62x40-${language}`, Buffer.from(await toPng(layout)));
});

it('a changed label is noticed', async () => {
  const png = async (name: string): Promise<Buffer> =>
    Buffer.from(await toPng(layOut(loadTemplate('device-62x40'), { ...TYPICAL, name }, DPI)));
  expect(await changed(await png('Demo Sensor 500™'), await png('Demo Sensor 600™'))).toBeGreaterThan(
    CHANGED_TOLERANCE,
  );
});
