import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PrintedLabel, Redrawn } from '../contract/labels.ts';
import type { LabelProduct } from '../model/labels/shown-settings.ts';
import { differencesOf, type LabelContent, type RecordedSet } from '../model/labels/render-set.ts';
import { refusal } from '../platform/error.ts';
import { isBlack, type Bitmap } from './bits.ts';
import { layOutPrinted } from './job.ts';
import { openDrawing } from './pictures/draw.ts';
import { writePng } from './pictures/raster.ts';
import { dotsOf, hashOfDots, printedWith } from './printed-with.ts';
import { rendererFor } from './renderer.ts';
import { labelsFolder, parseTemplate } from './template.ts';

/**
 * Draws a label again, as it was printed: with the template, fonts, logos and settings that were kept. If a file is
 * missing there, uses this program's own file of the same name, and reports the difference. `temporary` is a folder for
 * temporary files.
 */
export async function redraw({ set, data, contents }: PrintedLabel, temporary = tmpdir()): Promise<Redrawn> {
  await openDrawing();
  const { name, hash, revision } = set.template;
  const source = textOf(contents, hash);
  const settings = textOf(contents, set.product.hash);
  if (source === undefined || settings === undefined) throw refusal('not-found', 'labelContents', { set: set.number });
  const folder = folderOf(set, contents, temporary);
  try {
    const parsed = parseTemplate(name, source, folder, `template ${name}`);
    const template = { ...parsed, renderer: rendererFor(set.renderer) };
    const { dpi, stationName } = set;
    const layout = layOutPrinted(template, data, { dpi, ...(stationName ? { stationName } : {}) });
    const bitmap = await dotsOf(layout);
    const product: LabelProduct = JSON.parse(settings);
    const now = await printedWith({ template, source, revision }, { data, product }, { dpi });
    const differences = differencesOf(set, now.set);
    const samples = { before: set.sample ?? '', now: now.sample ?? '' };
    if (samples.before !== samples.now) differences.push({ part: 'sample', ...samples });
    return { png: pngOf(bitmap), dots: hashOfDots(bitmap), differences };
  } finally {
    if (folder !== labelsFolder) rmSync(folder, { recursive: true, force: true });
  }
}

function textOf(contents: LabelContent[], hash: string): string | undefined {
  const found = contents.find((content) => content.hash === hash);
  return found && Buffer.from(found.bytes).toString('utf8');
}

/**
 * Writes the fonts and logos to a temporary folder, because templates find their files in a folder. Most labels have
 * only fonts of this program, and need no such folder.
 */
function folderOf({ files }: RecordedSet, contents: LabelContent[], temporary: string): string {
  if (Object.keys(files).length === 0) return labelsFolder;
  mkdirSync(temporary, { recursive: true });
  const folder = mkdtempSync(join(temporary, 'claimstamp-label-'));
  for (const [file, hash] of Object.entries(files)) {
    const found = contents.find((content) => content.hash === hash);
    // The names come from an event, and an event in a bundle may come from anyone.
    if (found === undefined || !/^(fonts|logos)\/[A-Za-z0-9][A-Za-z0-9 ._-]{0,119}$/.test(file)) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), found.bytes);
  }
  return folder;
}

const BLACK = 0;
const WHITE = 255;

export function pngOf(bitmap: Bitmap): Buffer {
  const { columns: width, rows: height } = bitmap;
  const rgba = new Uint8Array(width * height * 4).fill(WHITE);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (isBlack(bitmap, x, y)) rgba.fill(BLACK, 4 * (y * width + x), 4 * (y * width + x) + 3);
  return writePng({ width, height, rgba });
}
