// `node scripts/bundle/decode-label.mjs FOLDER` reads the codes of label.pdf in this folder, as a scanner does. Fails unless a
// QR code contains the Claim ID in label.id. Needs pdftoppm.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { run } from './run.mjs';

const [, , folder] = process.argv;
const id = readFileSync(join(folder, 'label.id'), 'utf8').trim();
run('pdftoppm', ['-r', '300', '-png', '-singlefile', join(folder, 'label.pdf'), join(folder, 'label')]);
const wasmBinary = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
const codes = await readBarcodes(readFileSync(join(folder, 'label.png')));
for (const { format, text } of codes) process.stdout.write(`decoded: ${format} ${text}\n`);
if (!codes.some(({ format, text }) => format === 'QRCode' && text.includes(id)))
  throw new Error(`no QR code of the label contains ${id}`);
