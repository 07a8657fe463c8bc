import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import type { DecodedCode, LabelData, SavedSource } from '../contract/labels.ts';
import { layOut, type Shape } from './layout.ts';
import { openDrawing } from './pictures/draw.ts';
import { dotsOf } from './printed-with.ts';
import { pngOf } from './redraw.ts';
import { openSaved } from './saved.ts';

/** Draws a label at the resolution of its template, and reads its codes with an independent reader. */
export async function decodeLabel(saved: SavedSource, data: LabelData): Promise<DecodedCode[]> {
  await openDrawing();
  const layout = layOut(openSaved(saved), data);
  const codes = layout.shapes.flatMap(codesIn);
  if (codes.length === 0) return [];
  loading ??= load();
  await loading;
  const found = await readBarcodes(pngOf(await dotsOf(layout)), {
    tryHarder: true,
    textMode: 'HRI',
    maxNumberOfSymbols: MAX_CODES,
  });
  const texts = found.flatMap(({ text, bytes }) => [text, Buffer.from(bytes).toString('utf8')].map(comparable));
  return codes.map((code) => ({ ...code, isRead: texts.includes(comparable(code.content)) }));
}

/** The maximum number of codes to read. A label has no room for so many codes. */
const MAX_CODES = 100;

let loading: Promise<unknown> | undefined;

/** Loads the WebAssembly module from disk. Otherwise, the package would load the module from the network. */
function load(): Promise<unknown> {
  const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const wasmBinary = new Uint8Array(readFileSync(file)).buffer;
  return prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}

function codesIn(shape: Shape): Omit<DecodedCode, 'isRead'>[] {
  if (shape.kind === 'turned') return shape.shapes.flatMap(codesIn);
  if (shape.kind !== 'matrix' && shape.kind !== 'bars') return [];
  return [{ symbology: shape.symbology, content: shape.payload }];
}

/** Removes the separators of GS1 elements, which are parentheses in templates and control characters in codes. */
function comparable(text: string): string {
  return text.replaceAll(/[()\p{Cc}]/gu, '');
}
