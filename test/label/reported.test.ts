import { describe, expect, it } from 'vitest';
import { readBarcodes } from 'zxing-wasm/reader';
import { layOut } from '../../src/label/layout.ts';
import { toPng } from '../../src/label/svg.ts';
import { parseTemplate } from '../../src/label/template.ts';
import { toTspl } from '../../src/label/tspl.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { emulate, pdfOf, TYPICAL } from '../support/label-files.ts';
import { rasterPdf } from '../support/pdf-reader.ts';
import { printTspl } from '../support/tspl-printer.ts';

/* Values that broke codes of other programs, in their public bug reports. A reader that is not the writer reads each. */

const VALUES: [string, string][] = [
  ['an underscore and two hex digits, which ZPL takes for one character', 'NF_ba_5E-1'],
  ['commands of ZPL', 'A^XZ~JA^FS1'],
  ['the hex indicator of other labels', 'A\\1FB\\5C'],
  ['codes that change the subset of Code 128 in ZPL', 'A>;12>8>6C1>0'],
  ['digits, then a letter, then digits', '890C1234567'],
  ['only digits, an odd number of them', '2015092'],
  ['only digits', '20150921'],
  ['characters that HTML escapes', `Q"&amp;<'>`],
  ['commands of TSPL', 'A",1\\["]B'],
  ['control words of barcode libraries', '^FNC1^065^^'],
  ['percent signs', '100%41%00'],
  ['a run of one letter', 'zzzzzzzzzzzz'],
  ['letters that change between upper and lower case', '2v<t!6SWsA/KE'],
  ['a space in the middle and two more', 'A B  C'],
];

const BOXES: [string, string, string][] = [
  ['code128', 'Code128', 'w: 100, h: 10'],
  ['datamatrix', 'DataMatrix', 'w: 20, h: 20'],
  ['qr', 'QRCode', 'w: 20, h: 20'],
];

describe.each(BOXES)('a %s', (type, format, size) => {
  it.each(VALUES)(
    'holds %s',
    async (_, serial) => {
      const source = `{ media: { width: 104, height: 26 }, boxes: [{ type: '${type}', x: 2, y: 2, ${size}, text: '{serial}' }] }`;
      const layout = layOut(parseTemplate('mine', source), { ...TYPICAL, serial });
      const outputs = {
        png: await toPng(layout),
        pdf: rasterPdf(await pdfOf([layout]), 203, 'mono')[0],
        zpl: (await emulate(await toZpl(layout), layout))[0],
        tspl: printTspl(await toTspl(layout))[0]?.png,
      };
      for (const [output, picture] of Object.entries(outputs)) {
        const found = await readBarcodes(picture ?? new Uint8Array(), { tryHarder: true, textMode: 'Plain' });
        expect({ output, read: found.filter(({ isValid }) => isValid).map((one) => [one.format, one.text]) }).toEqual({
          output,
          read: [[format, serial]],
        });
      }
    },
    60_000,
  );
});
