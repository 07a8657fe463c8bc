import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refusal } from '../platform/error.ts';
import {
  DEFAULT_TEMPLATE,
  type LabelChoice,
  type Labelled,
  type LabelFormat,
  type LabelJob,
  type SavedSource,
} from '../contract/labels.ts';
import { layOut, type Layout } from './layout.ts';
import { openPdf } from './pdf.ts';
import { openDrawing } from './pictures/draw.ts';
import { toPng, toSvg } from './svg.ts';
import { badgeLayout, pdfOf } from './job.ts';
import { openTemplate } from './saved.ts';
import { refuseSecret } from './secret.ts';
import { loadSheet, type Sheet } from './sheet.ts';
import type { Template } from './template.ts';
import { toTspl } from './tspl.ts';
import { toZpl, ZPL_HEAD, zplLabel } from './zpl.ts';

export async function renderOne(
  label: Labelled,
  format: LabelFormat,
  choice: LabelChoice,
  saved: SavedSource[] = [],
): Promise<Uint8Array> {
  await openDrawing();
  const { data, product } = label;
  const isApproved = product.approval === true && choice.sample !== true;
  const template = openTemplate(choice.template ?? product.label ?? DEFAULT_TEMPLATE, saved, isApproved);
  refuseSecret(template, label);
  return drawn(layOut(template, data, choice.dpi), format, choice.copies);
}

/** Draws the badge of a person. Badges have their own template, which products cannot use. */
export async function renderBadge(person: { name: string; badge: string }, format: LabelFormat): Promise<Uint8Array> {
  await openDrawing();
  return drawn(badgeLayout(person), format);
}

async function drawn(layout: Layout, format: LabelFormat, copies?: number): Promise<Uint8Array> {
  switch (format) {
    case 'pdf':
      return onePdf(layout, copies ?? 1);
    case 'zpl':
      return Buffer.from(await toZpl(layout, copies));
    case 'tspl':
      return toTspl(layout, copies);
    case 'svg':
      return Buffer.from(await toSvg(layout));
    case 'png':
      return toPng(layout);
  }
}

async function onePdf(layout: Layout, copies: number): Promise<Uint8Array> {
  return pdfOf(Array.from({ length: copies }, () => layout));
}

/**
 * Draws all labels into the stream `out`, and then ends it. Returns the number of labels. The memory used does not
 * depend on the number of labels. `savedOf` returns a template from the ledger.
 */
export async function renderMany(
  labels: AsyncIterable<Labelled>,
  job: Omit<LabelJob, 'selection'>,
  out: Writable,
  onLabel: (done: number) => void = () => {},
  savedOf: (name: string, isApproved: boolean) => SavedSource | undefined = () => undefined,
): Promise<number> {
  await openDrawing();
  const sheet = job.sheet === undefined ? undefined : loadSheet(job.sheet.name);
  const templates = new Map<string, Template>();
  const layoutOf = (label: Labelled): Layout => {
    const { data, product, role } = label;
    // The sheet's template is used only for the label of the device itself.
    const ofSheet = role === undefined ? sheet?.template : undefined;
    const name = job.template ?? ofSheet ?? product.label ?? DEFAULT_TEMPLATE;
    const isApproved = product.approval === true;
    const key = `${isApproved} ${name}`;
    const template = templates.get(key) ?? openTemplate(name, [savedOf(name, isApproved) ?? []].flat(), isApproved);
    templates.set(key, template);
    refuseSecret(template, label);
    return layOut(template, data, job.dpi);
  };
  if (job.format !== 'pdf' && sheet) throw refusal('invalid', 'sheetFormat');
  const write = { zpl: zplRoll, tspl: tsplRoll, pdf: pdfPages }[job.format];
  let done = 0;
  async function* layouts(): AsyncGenerator<Layout> {
    for await (const label of labels) {
      yield layoutOf(label);
      onLabel(++done);
    }
  }
  await write(layouts(), job, sheet, out);
  return done;
}

type Write = (
  layouts: AsyncIterable<Layout>,
  job: Pick<LabelJob, 'copies' | 'sheet'>,
  sheet: Sheet | undefined,
  out: Writable,
) => Promise<void>;

const zplRoll: Write = (layouts, { copies }, _sheet, out) =>
  pipeline(async function* () {
    yield ZPL_HEAD;
    for await (const layout of layouts) yield await zplLabel(layout, copies);
  }, out);

const tsplRoll: Write = (layouts, { copies }, _sheet, out) =>
  pipeline(async function* () {
    for await (const layout of layouts) yield await toTspl(layout, copies);
  }, out);

const pdfPages: Write = async (layouts, job, sheet, out) => {
  const pdf = openPdf(
    sheet ? { kind: 'sheet', sheet, start: job.sheet?.start ?? 1, offset: job.sheet?.offset } : { kind: 'roll' },
  );
  const written = pipeline(pdf.stream, out);
  // If the disk is full, the pipeline may fail while labels are still being drawn. The error is ignored here, because
  // the code below awaits the pipeline and handles the error.
  written.catch(() => {});
  for await (const layout of layouts) for (let copy = 0; copy < job.copies; copy++) await pdf.add(layout);
  pdf.end();
  await written;
};
