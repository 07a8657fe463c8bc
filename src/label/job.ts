import { once } from 'node:events';
import { refusal } from '../platform/error.ts';
import {
  DEFAULT_TEMPLATE,
  type DrawnJob,
  type DrawnLabels,
  type LabelData,
  type Offset,
  type SavedSource,
} from '../contract/labels.ts';
import type { DrawnSet } from '../model/labels/render-set.ts';
import type { Format } from '../model/printer.ts';
import { isSameSize, sizeOf, type Setup } from '../model/printing/setup.ts';
import { layOut, type Layout } from './layout.ts';
import { openPdf } from './pdf.ts';
import { openDrawing } from './pictures/draw.ts';
import { stationAtEdge } from './station-edge.ts';
import { printedWith } from './printed-with.ts';
import { refuseSecret } from './secret.ts';
import { openSaved, openWithSource } from './saved.ts';
import { badgeTemplate, type Template } from './template.ts';
import { testLayout } from './test-label.ts';
import { inRow, turnLayout } from './turn.ts';
import { toTspl } from './tspl.ts';
import { ZPL_HEAD, zplLabel } from './zpl.ts';

/* Draws print jobs for the labels that are in the printer, with the settings of the printer. */

/** A layout and the number of times it is printed. */
interface Printed {
  layout: Layout;
  copies: number;
  /** Returns the render set with which the label was drawn. */
  printedWith?: () => Promise<DrawnSet>;
}

export async function renderJob(
  job: DrawnJob,
  format: Format,
  setup: Setup,
  saved: SavedSource[] = [],
): Promise<DrawnLabels> {
  await openDrawing();
  const labels = layoutsOf(job, setup, saved);
  for (const { layout } of labels) refuseOther(layout, setup);
  const turned = labels.map(({ layout, copies }) => ({ layout: turnLayout(layout, setup.rotation), copies }));
  const column = job.kind === 'labels' ? (job.column ?? 1) : 1;
  const bytes = await written(rowsOf(turned, setup, column), format, setup);
  const sets: DrawnSet[] = [];
  for (const { printedWith: drawn } of labels) sets.push(...(drawn === undefined ? [] : [await drawn()]));
  return { bytes, sets };
}

function layoutsOf(job: DrawnJob, setup: Setup, saved: SavedSource[]): Printed[] {
  switch (job.kind) {
    case 'labels':
      return job.labels.map((label) => {
        const { product, copies, known } = label;
        const opened = openWithSource(product.label ?? DEFAULT_TEMPLATE, saved, product.approval === true);
        refuseSecret(opened.template, label);
        const { stationName, dpi } = setup;
        const layout = layOutPrinted(opened.template, label.data, { dpi, stationName });
        const way = { dpi, ...(stationName ? { stationName } : {}), known };
        return { layout, copies, printedWith: () => printedWith(opened, label, way) };
      });
    case 'badge':
      return [{ layout: badgeLayout(job.person, setup.dpi), copies: 1 }];
    case 'draft': {
      const template = openSaved(job.saved);
      return [{ layout: layOut(template, job.data, setup.dpi), copies: 1 }];
    }
    case 'test':
      return [{ layout: testLayout(setup), copies: setup.across ?? 1 }];
  }
}

/** Lays out a label as a printer with these settings prints it. */
export function layOutPrinted(
  template: Template,
  data: LabelData,
  { dpi, stationName }: Pick<Setup, 'dpi' | 'stationName'>,
): Layout {
  return named(template, layOut(template, data, dpi), stationName ? data.station : undefined);
}

/** Adds the station's name at a free edge. If the label has no free edge, it is printed without the name. */
function named(template: Template, layout: Layout, station: string | undefined): Layout {
  const atEdge = station === undefined ? undefined : stationAtEdge(template, layout, station);
  return atEdge === undefined ? layout : { ...layout, shapes: [...layout.shapes, ...atEdge.shapes] };
}

/**
 * Refuses to print on labels of a different size, because the print would be cut off or would extend onto the next
 * label.
 */
function refuseOther({ width, height }: Layout, { name, loaded }: Setup): void {
  if (loaded === undefined || isSameSize(sizeOf(loaded), { width, height })) return;
  throw refusal('labels-differ', 'size', { printer: name, loaded, needed: `${width}x${height}` });
}

/**
 * Arranges labels in rows. On a roll with several labels side by side, each copy takes one column, starting with column
 * `column`.
 */
function rowsOf(labels: Printed[], setup: Setup, column: number): Printed[] {
  const { across = 1 } = setup;
  if (across === 1) return labels;
  const cells: (Layout | undefined)[] = Array.from({ length: column - 1 }, () => undefined);
  cells.push(...labels.flatMap(({ layout, copies }) => Array.from({ length: copies }, () => layout)));
  const rows: Printed[] = [];
  for (let at = 0; at < cells.length; at += across)
    rows.push({ layout: inRow(cells.slice(at, at + across), setup), copies: 1 });
  return rows;
}

async function written(labels: Printed[], format: Format, setup: Setup): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  switch (format) {
    case 'pdf': {
      const pages = labels.flatMap(({ layout, copies }) => Array.from({ length: copies }, () => layout));
      return pdfOf(pages, { x: setup.offsetX ?? 0, y: setup.offsetY ?? 0 });
    }
    case 'zpl':
      for (const { layout, copies } of labels) parts.push(Buffer.from(await zplLabel(layout, copies, setup)));
      return Buffer.concat([Buffer.from(ZPL_HEAD), ...parts]);
    case 'tspl':
      for (const { layout, copies } of labels) parts.push(await toTspl(layout, copies, setup));
      return Buffer.concat(parts);
  }
}

/** Writes a PDF with one label on each page. */
export async function pdfOf(pages: Layout[], offset?: Offset): Promise<Uint8Array> {
  const pdf = openPdf({ kind: 'roll', offset });
  const chunks: Buffer[] = [];
  pdf.stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const page of pages) await pdf.add(page);
  pdf.end();
  await once(pdf.stream, 'end');
  return Buffer.concat(chunks);
}

/* Badges */

export function badgeLayout({ name, badge }: { name: string; badge: string }, dpi?: number): Layout {
  const data = { uci: badge, product: 'BADGE', qr: badge, serial: badge, name: inLines(name) };
  return layOut(badgeTemplate(), data, dpi);
}

/**
 * The line lengths, in letters, that are tried for a name. Shorter lines would mean more lines, and the letters on the
 * badge would be too small.
 */
const NAME_LINES = [24, 20, 16, 14, 12, 10, 8];

/**
 * The size in mm of the box for the name on the badge. `NAME_LETTER` is the size of a letter as a multiple of the font
 * size.
 */
const NAME_BOX = { width: 28, height: 20 };
const NAME_LETTER = { width: 0.7, height: 1.2 };

/**
 * Names of people have no spaces. A long name continues on a new line after a punctuation mark, or when a line is full.
 * Returns the name divided into lines so that the letters can be as large as possible.
 */
function inLines(name: string): string {
  const longest = Math.max(...partsOf(name).map(({ length }) => length));
  const whole = NAME_LINES.filter((most) => most >= longest);
  const choices = (whole.length > 0 ? whole : NAME_LINES).map((most) => linesOf(name, most));
  const sizes = choices.map((lines) =>
    Math.min(
      NAME_BOX.width / NAME_LETTER.width / Math.max(...lines.map(({ length }) => length)),
      NAME_BOX.height / NAME_LETTER.height / lines.length,
    ),
  );
  // A short name is easier to read on one line, such as maria.lopez.
  const best = name.length <= SHORT_NAME ? 0 : sizes.indexOf(Math.max(...sizes));
  return (choices[best] ?? [name]).join('\n');
}

/** A name of at most this many letters stays on one line. Its letters are then at least 2.8 mm high. */
const SHORT_NAME = 14;

const partsOf = (name: string): string[] => name.split(/(?<=[._-])/);

function linesOf(name: string, most: number): string[] {
  const lines = [''];
  for (const part of partsOf(name).flatMap((one) => one.match(new RegExp(`.{1,${most}}`, 'g')) ?? [])) {
    const last = lines.at(-1) ?? '';
    if (last.length + part.length <= most) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines;
}
