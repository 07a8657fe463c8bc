import { ClaimstampError, wordsOf } from '../../platform/error.ts';
import { phrase } from '../../platform/refusal-words.ts';
import { imageBitmap } from '../bitmap.ts';
import { boxName, labelsFolder, type Fault, type ImageBox, type Template } from '../template.ts';
import { drawPicture, openDrawing } from './draw.ts';
import { loadPicture } from './load.ts';
import { inkOf } from './tone.ts';

/** The result of checking a picture in a template's box, drawn as a printer prints it: only with black dots. */
export interface PictureReport {
  box: string;
  file: string;
  /** The proportion of black dots in the box, from 0 to 1. */
  ink: number;
}

export interface PicturesReport {
  pictures: PictureReport[];
  /** Pictures that cannot be drawn. A template with such a picture cannot be used. */
  problems: string[];
  /** Pictures that are almost completely white or almost completely black. */
  warnings: string[];
  /** The problems, with their boxes. */
  faults: Fault[];
  /** The warnings, with their boxes. */
  weak: Fault[];
}

/**
 * If a picture's proportion of ink is below NOTHING, the picture is almost white: even a thin line needs more ink. If
 * the proportion is above EVERYTHING, the picture is almost black.
 */
const NOTHING = 0.004;
const EVERYTHING = 0.985;

/** Draws the pictures of a template. `logos` are the files that `{logo}` may stand for. */
export async function checkPictures(template: Template, logos: string[]): Promise<PicturesReport> {
  await openDrawing();
  const report: PicturesReport = { pictures: [], problems: [], warnings: [], faults: [], weak: [] };
  for (const [index, box] of template.boxes.entries()) {
    if (box.type !== 'image') continue;
    for (const file of filesOf(box, logos)) await checkOne(report, template, box, index, file);
  }
  return report;
}

function filesOf({ file }: ImageBox, logos: string[]): string[] {
  if (file === '{logo}') return logos;
  return file.includes('{') ? [] : [file];
}

async function checkOne(
  report: PicturesReport,
  { file: template, folder, media }: Template,
  imageBox: ImageBox,
  index: number,
  file: string,
): Promise<void> {
  const box = boxName(imageBox, index);
  const { x, y, w, h, threshold, dither } = imageBox;
  const at = { box: { index, name: box }, property: 'file' };
  const where = `${template}: box ${box}`;
  try {
    const picture = loadPicture(file, folder);
    const shape = { kind: 'image' as const, picture, tone: { threshold, dither }, x, y, w, h };
    const { width, height } = await drawPicture(
      picture,
      Math.floor((w * media.dpi) / 25.4),
      Math.floor((h * media.dpi) / 25.4),
    );
    const bitmap = await imageBitmap(shape, media.dpi);
    // The proportion of ink within the picture alone. If box and picture have different proportions, the box can be
    // much larger than the picture.
    const own = (inkOf(bitmap) * bitmap.columns * bitmap.rows) / (width * height);
    report.pictures.push({ box, file, ink: Number(inkOf(bitmap).toFixed(4)) });
    const what = own < NOTHING ? 'nothing' : own > EVERYTHING ? 'everything' : undefined;
    if (what === undefined) return;
    report.weak.push({ ...at, why: phrase(what === 'nothing' ? 'picture-white' : 'picture-black', { file }) });
    report.warnings.push(
      `${where}: the picture "${file}" is almost completely ${what === 'nothing' ? 'white' : 'black'}: check its colours, or set "threshold" or "dither"`,
    );
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    report.problems.push(`${where}: ${error.message}`);
    report.faults.push({ ...at, why: wordsOf(error) });
  }
}

/** The size in pixels at which a picture without a box is test-drawn. */
const TRIED = 240;

/** Throws `template-wrong` if a picture in labels/logos/ cannot be drawn. */
export async function checkPictureFile(file: string): Promise<void> {
  await openDrawing();
  await drawPicture(loadPicture(file, labelsFolder), TRIED, TRIED);
}
