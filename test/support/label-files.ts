import type { LabelData } from '../../src/contract/labels.ts';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { LONGEST } from '../../src/contract/labels.ts';
import type { Layout } from '../../src/label/layout.ts';
import { openPdf, type Pages } from '../../src/label/pdf.ts';

/* What the label tests share: units, PDF bytes, and readers that are not our writers. */

const require = createRequire(import.meta.url);

export const TYPICAL: LabelData = {
  uci: 'JT08FFQXWQ',
  product: '01HQ7Z8YV2M4N6P8R0T2V4X6Z8',
  serial: 'P2DM2648U0000001',
  name: 'Demo Sensor 500™',
  company: 'Müller & Söhne GmbH',
  model: 'Demo-01',
  qr: 'JT08FFQXWQ',
  logo: 'claimstamp.svg',
};

/** What every unit has, and a short S/N. */
export const SHORTEST: LabelData = { uci: '0123456789', product: 'P', serial: '1', qr: '0123456789' };

/** A Claim ID of mixed letters as long as they get: harder on QR and DataMatrix than one letter repeated. */
export const LONGEST_MIXED: LabelData = {
  ...LONGEST,
  uci: 'JT08FFQXWQ9ZK3M7VABC',
  qr: 'JT08FFQXWQ9ZK3M7VABC',
  serial: 'ACME-26W48-0001x',
};

export const UNITS: [string, LabelData][] = [
  ['the shortest values', SHORTEST],
  ['typical values', TYPICAL],
  ['the longest values', LONGEST],
  ['long mixed values', LONGEST_MIXED],
];

export async function pdfOf(layouts: Layout[], pages: Pages = { kind: 'roll' }): Promise<Buffer> {
  const pdf = openPdf(pages);
  const chunks: Buffer[] = [];
  pdf.stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => pdf.stream.on('end', resolve).on('error', reject));
  for (const layout of layouts) await pdf.add(layout);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

prepareZXingModule({
  overrides: {
    // Its own bytes from the package: by default the reader fetches them from a network.
    wasmBinary: new Uint8Array(readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))).buffer,
  },
});

export interface Code {
  format: string;
  text: string;
  /** Its upper left corner, in pixels or dots. */
  x: number;
  y: number;
}

function inOrder(codes: Code[]): Code[] {
  return codes.toSorted((one, other) => (`${one.format} ${one.text}` < `${other.format} ${other.text}` ? -1 : 1));
}

/** Every code in a PNG. */
export async function decode(png: Uint8Array): Promise<Code[]> {
  const found = await readBarcodes(png, {
    formats: ['QRCode', 'Code128', 'DataMatrix'],
    tryHarder: true,
    maxNumberOfSymbols: 0,
  });
  const valid = found.filter(({ isValid }) => isValid);
  return inOrder(
    valid.map(({ format, text, position: { topLeft } }) => ({ format, text, x: topLeft.x, y: topLeft.y })),
  );
}

/** The codes a layout draws, at `dpi`. */
export function codesOf({ shapes }: Layout, dpi: number): Code[] {
  const dot = 25.4 / dpi;
  return inOrder(
    shapes.flatMap((shape) => {
      if (shape.kind !== 'bars' && shape.kind !== 'matrix') return [];
      const format = shape.kind === 'bars' ? 'Code128' : shape.symbology === 'qr' ? 'QRCode' : 'DataMatrix';
      return [{ format, text: shape.payload, x: shape.x / dot, y: shape.y / dot }];
    }),
  );
}

/** Bars are found somewhere along their height, a matrix at its corner: a reader is good to about a module. mm */
const PLACE_TOLERANCE = 0.8;

/** The picture, `dpi` dots an inch, shows exactly this layout's codes, each where the layout has it. */
export async function expectCodes(png: Uint8Array, layout: Layout, dpi = layout.dpi): Promise<void> {
  const [found, drawn] = [await decode(png), codesOf(layout, dpi)];
  expect(found.map(({ format, text }) => ({ format, text }))).toEqual(
    drawn.map(({ format, text }) => ({ format, text })),
  );
  for (const [index, { format, x, y }] of found.entries()) {
    const place = drawn[index] as Code;
    const off = [x - place.x, format === 'Code128' ? 0 : y - place.y].map((dots) => Math.abs((dots * 25.4) / dpi));
    expect(Math.max(...off), `${format} is ${off.join(' and ')} mm away from its place`).toBeLessThan(PLACE_TOLERANCE);
  }
}

interface ZplApi {
  zplToBase64MultipleAsync: (zpl: string, widthMm: number, heightMm: number, dpmm: number) => Promise<string[]>;
}

const DOTS_PER_MM: Record<number, number> = { 203: 8, 300: 12, 600: 24 };

/** The labels a ZPL emulator prints, as PNG. It counts whole dots a millimetre: sizes are given in its millimetres. */
export async function emulate(zpl: string, layout: Layout): Promise<Buffer[]> {
  const { api } = await (require('zpl-renderer-js') as { ready: Promise<{ api: ZplApi }> }).ready;
  const dpmm = DOTS_PER_MM[layout.dpi] as number;
  const mm = (length: number): number => Math.round((length * layout.dpi) / 25.4) / dpmm;
  const labels = await api.zplToBase64MultipleAsync(zpl, mm(layout.width), mm(layout.height), dpmm);
  return labels.map((label) => Buffer.from(label, 'base64'));
}
