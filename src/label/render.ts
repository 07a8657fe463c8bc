import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refusal } from '../platform/error.ts';
import type { LabelChoice, Labelled, LabelFormat, LabelJob } from '../contract/labels.ts';
import { layOut, type Layout } from './layout.ts';
import { openPdf, type Pages } from './pdf.ts';
import { toPng, toSvg } from './svg.ts';
import { DEFAULT_TEMPLATE, loadSheet, loadTemplate, type Sheet, type Template } from './template.ts';
import { toZpl } from './zpl.ts';

export async function renderOne(
  { data, product }: Labelled,
  format: LabelFormat,
  choice: LabelChoice,
): Promise<Uint8Array> {
  const layout = layOut(loadTemplate(choice.template ?? product.label ?? DEFAULT_TEMPLATE), data, choice.dpi);
  switch (format) {
    case 'pdf':
      return onePdf(layout, choice.copies ?? 1);
    case 'zpl':
      return Buffer.from(await toZpl(layout, choice.copies));
    case 'svg':
      return Buffer.from(toSvg(layout));
    case 'png':
      return toPng(layout);
  }
}

async function onePdf(layout: Layout, copies: number): Promise<Uint8Array> {
  const pdf = openPdf({ kind: 'roll' });
  const chunks: Buffer[] = [];
  pdf.stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (let copy = 0; copy < copies; copy++) await pdf.add(layout);
  pdf.end();
  await once(pdf.stream, 'end');
  return Buffer.concat(chunks);
}

/** Draws every label into `out`, which is ended; memory does not grow with their number. Returns how many there were. */
export async function renderMany(
  labels: AsyncIterable<Labelled>,
  job: Omit<LabelJob, 'selection'>,
  out: Writable,
  onLabel: (done: number) => void = () => {},
): Promise<number> {
  const sheet = job.sheet === undefined ? undefined : loadSheet(job.sheet.name);
  const templates = new Map<string, Template>();
  const layoutOf = ({ data, product }: Labelled): Layout => {
    const name = job.template ?? sheet?.template ?? product.label ?? DEFAULT_TEMPLATE;
    const template = templates.get(name) ?? loadTemplate(name);
    templates.set(name, template);
    return layOut(template, data, job.dpi);
  };
  if (job.format === 'zpl' && sheet) throw refusal('invalid', 'sheetFormat');
  return job.format === 'zpl'
    ? zplRoll(labels, layoutOf, job.copies, out, onLabel)
    : pdfPages(labels, layoutOf, job, sheet, out, onLabel);
}

async function zplRoll(
  labels: AsyncIterable<Labelled>,
  layoutOf: (label: Labelled) => Layout,
  copies: number,
  out: Writable,
  onLabel: (done: number) => void,
): Promise<number> {
  let done = 0;
  await pipeline(async function* () {
    for await (const label of labels) {
      yield await toZpl(layoutOf(label), copies);
      onLabel(++done);
    }
  }, out);
  return done;
}

async function pdfPages(
  labels: AsyncIterable<Labelled>,
  layoutOf: (label: Labelled) => Layout,
  job: Omit<LabelJob, 'selection'>,
  sheet: Sheet | undefined,
  out: Writable,
  onLabel: (done: number) => void,
): Promise<number> {
  const pages: Pages = sheet ? { kind: 'sheet', sheet, start: job.sheet?.start ?? 1 } : { kind: 'roll' };
  const pdf = openPdf(pages);
  const written = pipeline(pdf.stream, out);
  // A full disk ends the pipeline while labels are still drawn: it is awaited below, and must not end the process first.
  written.catch(() => {});
  let done = 0;
  for await (const label of labels) {
    const layout = layoutOf(label);
    for (let copy = 0; copy < job.copies; copy++) await pdf.add(layout);
    onLabel(++done);
  }
  pdf.end();
  await written;
  return done;
}
