import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { refusal } from '../platform/error.ts';
import { phrase, valueWords, type Words } from '../platform/refusal-words.ts';
import { labelsFolder, Mm, NAME, parseSource, Size, templateNames } from './template.ts';

/** A sheet of labels is a grid of cells. Positions are in mm from the page's upper left corner. */
const Sheet = z.strictObject({
  /** The label template that fits the cells. */
  template: z.string().regex(NAME, 'must be the name of a template in labels/'),
  page: z.strictObject({ width: Size, height: Size }),
  columns: z.int().min(1).max(50),
  rows: z.int().min(1).max(100),
  left: Mm,
  top: Mm,
  label: z.strictObject({ width: Size, height: Size }),
  pitch: z.strictObject({ x: Size, y: Size }),
});
export type Sheet = z.infer<typeof Sheet> & { name: string };

const SHEETS = join(labelsFolder, 'sheets');

export function sheetNames(folder = SHEETS): string[] {
  return templateNames(folder);
}

export function loadSheet(name: string, folder = SHEETS): Sheet {
  if (!NAME.test(name) || !templateNames(folder).includes(name)) {
    throw refusal('not-found', 'sheet', { sheet: name, names: templateNames(folder).join(', ') });
  }
  const file = `labels/sheets/${name}.json5`;
  const read = Sheet.safeParse(parseSource(file, readFileSync(join(folder, `${name}.json5`), 'utf8')));
  if (!read.success)
    throw refusal('template-wrong', 'problems', {
      file,
      problems: read.error.issues.map(inFile),
    });
  const { columns, rows, left, top, label, pitch, page } = read.data;
  if (
    left + (columns - 1) * pitch.x + label.width > page.width + 0.01 ||
    top + (rows - 1) * pitch.y + label.height > page.height + 0.01
  ) {
    throw refusal('template-wrong', 'page', { file, columns, rows, width: page.width, height: page.height });
  }
  return { ...read.data, name };
}

/**
 * A label may exceed its cell by this length, in mm. An even larger label would overlap other labels. A difference
 * below this limit does not matter, because no printer is that precise.
 */
const CELL_TOLERANCE = 0.01;

/** Throws `invalid` if labels of this size, in mm, do not fit into the sheet's cells. */
export function checkCell(sheet: Sheet, label: { width: number; height: number }): void {
  const { width, height } = sheet.label;
  if (label.width <= width + CELL_TOLERANCE && label.height <= height + CELL_TOLERANCE) return;
  throw refusal('label-too-large', 'sheet', {
    width: label.width,
    height: label.height,
    sheet: sheet.name,
    cellWidth: width,
    cellHeight: height,
    template: sheet.template,
  });
}

function inFile({ path, message }: z.core.$ZodIssue): Words {
  return phrase('place', { place: path.join('.'), why: valueWords(message) });
}
