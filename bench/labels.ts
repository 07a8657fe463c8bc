import { execFileSync } from 'node:child_process';
import { default as bwip } from 'bwip-js/node';
import Pdf from 'pdfkit';
import QRCode from 'qrcode';
import { layOut } from '../src/label/layout.ts';
import { openPdf, type Pages } from '../src/label/pdf.ts';
import type { LabelData } from '../src/contract/labels.ts';
import { compare, type Figure } from './figure.ts';
import { loadSheet } from '../src/label/sheet.ts';
import { loadTemplate } from '../src/label/template.ts';
import { toZpl } from '../src/label/zpl.ts';
import { generate, systemRandom } from '../src/model/claim-id.ts';
import { built } from '../src/platform/package-root.ts';

/** The build may put this code into another file, so `import.meta.url` is not always the address of this program. */
const script = built('../bench/labels.js');

/*
 * Measures labels per second, and memory. Each figure is measured in a separate process, so that no figure affects
 * another. The rates are compared with the rate at which pdfkit alone draws the same label. For the comparison, pdfkit
 * gets its barcodes from the libraries that the service uses.
 */

type Kind = 'roll' | 'sheet' | 'zpl' | 'chinese names' | 'latin names' | 'plain pdfkit';

interface Measured {
  labels: number;
  seconds: number;
  bytes: number;
  /** The peak resident memory of the process, in bytes. */
  megabytes: number;
}

const MANY = 10_000;
/**
 * The number of labels that pdfkit alone draws. The number is small, because pdfkit takes about 100 times as long for
 * each label.
 */
const FEW = 300;

/** Measures how fast a process draws labels without the service, and how much memory the process uses. */
export function benchLabels(rounds: number, say: (text: string) => void): Figure[] {
  const repeat = (kind: Kind, labels: number): number[] =>
    Array.from({ length: rounds }, () => {
      say(`labels: ${kind}, ${labels}`);
      const measured = measure(kind, labels);
      return measured.labels / measured.seconds;
    });
  const usual = { what: `the same with pdfkit alone, ${FEW}`, values: repeat('plain pdfkit', FEW) };
  const figures: Figure[] = (['roll', 'sheet', 'zpl'] as const).map((kind) => {
    const figure = compare(`labels, ${kind}, ${MANY.toLocaleString('en-US')}`, '/s', repeat(kind, MANY), usual);
    return kind === 'zpl' ? figure : { ...figure, budget: { of: 'value', bound: 5000 } };
  });
  figures.push(...compared(rounds, say));
  const [few, ...more] = [1000, 10_000, 100_000].map((count) => {
    say(`labels: memory, ${count}`);
    return { count, megabytes: measure('roll', count).megabytes };
  }) as [{ count: number; megabytes: number }, ...{ count: number; megabytes: number }[]];
  for (const { count, megabytes } of more) {
    const what = `memory, PDF of ${count.toLocaleString('en-US')} labels`;
    figures.push(compare(what, 'MB', [megabytes], { what: 'of 1,000', values: [few.megabytes] }));
  }
  return figures;
}

/**
 * Compares two kinds of labels in each figure. Measures both kinds alternately, because the speed of a machine changes
 * over time. Chinese names need the fallback font, and Latin names of the same length do not. A label on the roll is as
 * large as a label on the sheet.
 */
function compared(rounds: number, say: (text: string) => void): Figure[] {
  const pairs: [Kind, Kind, string, string][] = [
    ['chinese names', 'latin names', 'labels, roll, names in Chinese', 'names in Latin letters'],
    ['roll', 'sheet', 'labels, roll, beside sheets', 'sheet'],
  ];
  return pairs.map(([kind, other, what, than]) => {
    const rates: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++)
      for (const [n, one] of [kind, other].entries()) {
        say(`labels: ${one}, ${MANY}`);
        const { labels, seconds } = measure(one, MANY);
        rates[n]?.push(labels / seconds);
      }
    return compare(`${what}, ${MANY.toLocaleString('en-US')}`, '/s', rates[0], { what: than, values: rates[1] });
  });
}

function measure(kind: Kind, labels: number): Measured {
  const out = execFileSync(process.execPath, [script, kind, String(labels)], {
    encoding: 'utf8',
  });
  return JSON.parse(out) as Measured;
}

function unit(index: number): LabelData {
  const uci = generate(10, systemRandom);
  const serial = `2648${String(index).padStart(5, '0')}`;
  return {
    uci,
    product: 'P',
    serial,
    name: 'Demo Sensor 500™',
    company: 'Müller & Söhne GmbH',
    model: 'Demo-01',
    qr: uci,
    logo: 'claimstamp.svg',
  };
}

/** Returns the size of the complete file in bytes. */
async function pdf(count: number, pages: Pages, name: string, more: Partial<LabelData> = {}): Promise<number> {
  const template = loadTemplate(name);
  const labels = openPdf(pages);
  let bytes = 0;
  labels.stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const ended = new Promise((resolve) => labels.stream.on('end', resolve));
  for (let index = 0; index < count; index++) await labels.add(layOut(template, { ...unit(index), ...more }));
  labels.end();
  await ended;
  return bytes;
}

async function zpl(count: number): Promise<number> {
  const template = loadTemplate('device-62x40');
  let bytes = 0;
  for (let index = 0; index < count; index++) bytes += (await toZpl(layOut(template, unit(index)))).length;
  return bytes;
}

async function plain(count: number): Promise<number> {
  const doc = new Pdf({ autoFirstPage: false });
  let bytes = 0;
  doc.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const ended = new Promise((resolve) => doc.on('end', resolve));
  for (let index = 0; index < count; index++) {
    const { uci, serial, name, company, model } = unit(index) as Required<LabelData>;
    doc.addPage({ size: [175.7, 113.4], margin: 0 });
    doc
      .fontSize(7)
      .text(company, 40, 8)
      .fontSize(10)
      .text(name, 40, 18)
      .fontSize(13)
      .text(uci, 8, 46)
      .fontSize(7)
      .text(model, 8, 64)
      .text(`S/N ${serial}`, 8, 80);
    doc.image(await QRCode.toBuffer(uci, { errorCorrectionLevel: 'M' }), 122, 34, { width: 50 });
    doc.image(await bwip.toBuffer({ bcid: 'code128', text: serial, height: 6 }), 8, 90, { width: 150, height: 17 });
  }
  doc.end();
  await ended;
  return bytes;
}

async function child(kind: Kind, labels: number): Promise<void> {
  const sheet = loadSheet('L7160');
  const work: Record<Kind, () => Promise<number>> = {
    roll: () => pdf(labels, { kind: 'roll' }, 'device-62x40'),
    sheet: () => pdf(labels, { kind: 'sheet', sheet, start: 1 }, sheet.template),
    zpl: () => zpl(labels),
    'chinese names': () =>
      pdf(labels, { kind: 'roll' }, 'device-62x40', { name: '智能温度传感器', company: '深圳示例科技有限公司' }),
    'latin names': () => pdf(labels, { kind: 'roll' }, 'device-62x40', { name: 'Sensors', company: 'Example AG' }),
    'plain pdfkit': () => plain(labels),
  };
  const start = performance.now();
  const bytes = await work[kind]();
  const seconds = (performance.now() - start) / 1000;
  const measured: Measured = { labels, seconds, bytes, megabytes: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(JSON.stringify(measured));
}

const [program, kind, labels] = process.argv.slice(1);
if (program === script && kind !== undefined) await child(kind as Kind, Number(labels));
