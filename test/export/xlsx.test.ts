import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { EVENT_COLUMNS, type Column } from '../../src/export/columns.ts';
import { writeXlsx, xlsxForm } from '../../src/export/xlsx.ts';
import { openZip } from '../../src/export/zip.ts';
import { unzip } from '../support/zip.ts';

const COLUMNS: Column[] = [
  { name: 'seq', kind: 'int' },
  { name: 'uci', kind: 'code' },
];

const row = (n: number): string => `<row><c><v>${n}</v></c></row>`;

async function* batches(...sizes: number[]): AsyncGenerator<{ text: string; rows: number }> {
  let n = 0;
  for (const rows of sizes) yield { rows, text: Array.from({ length: rows }, () => row(++n)).join('') };
}

async function workbook(sheetRows: number, ...sizes: number[]): Promise<Map<string, string>> {
  const out = new PassThrough();
  const zip = openZip(out);
  const bytes = buffer(out);
  await writeXlsx(zip, 'units', COLUMNS, batches(...sizes), sheetRows);
  await zip.end();
  return unzip(await bytes);
}

const sheetsOf = (files: Map<string, string>): number[][] =>
  [...files]
    .filter(([name]) => name.startsWith('xl/worksheets/'))
    .map(([, xml]) => [...xml.matchAll(/<v>(\d+)<\/v>/g)].map(([, n]) => Number(n)));

describe('a workbook', () => {
  it.each([
    ['one more row than a sheet holds', [4, 1], [[1, 2, 3, 4], [5]]],
    ['as many as a sheet holds', [4], [[1, 2, 3, 4]]],
    [
      'as many as two hold, with nothing behind',
      [3, 0, 2, 3, 0],
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    ],
    [
      'a batch over three sheets',
      [10],
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10],
      ],
    ],
    ['none', [0], [[]]],
    ['not even a batch', [], [[]]],
  ])('with %s', async (_, sizes, sheets) => {
    const files = await workbook(4, ...sizes);
    expect(sheetsOf(files)).toEqual(sheets);
    const names = [...(files.get('xl/workbook.xml') ?? '').matchAll(/<sheet name="([^"]+)"/g)].map(([, name]) => name);
    expect(names).toEqual(sheets.map((_, i) => (i === 0 ? 'units' : `units ${i + 1}`)));
    for (const [at] of sheets.entries()) {
      const part = `/xl/worksheets/sheet${at + 1}.xml`;
      expect(files.get('[Content_Types].xml')).toContain(`PartName="${part}"`);
      expect(files.get('xl/_rels/workbook.xml.rels')).toContain(`Target="${part.replace('/xl/', '')}"`);
      const xml = files.get(part.slice(1)) ?? '';
      expect(xml).toMatch(/<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"\/>.*<t>seq<\/t>/);
    }
  });

  it('is given up when its rows break off', async () => {
    async function* broken(): AsyncGenerator<{ text: string; rows: number }> {
      yield { text: row(1), rows: 1 };
      throw new Error('the ledger broke off');
    }
    const zip = openZip(new PassThrough().resume());
    await expect(writeXlsx(zip, 'units', COLUMNS, broken())).rejects.toThrow('the ledger broke off');
  });

  it('is given up when its file breaks off', async () => {
    const out = new PassThrough().resume();
    const zip = openZip(out);
    out.destroy(new Error('no room'));
    await expect(writeXlsx(zip, 'units', COLUMNS, batches(5))).rejects.toThrow('no room');
  });

  it('says of a text that no cell of Excel can hold that it is cut', () => {
    const { care } = xlsxForm(EVENT_COLUMNS);
    const cell = care?.functions['xlsx_text'] as (text: string) => string;
    const long = 'x'.repeat(32_768);
    expect(`<t>${long}</t>`).toMatch(care?.sign as RegExp);
    expect(cell(long)).toMatch(/>x{32000,} … \[cut here: complete in CSV and JSONL\]</);
    expect(cell(long).replace(/<[^>]*>/g, '')).toHaveLength(32_767);
    expect(cell(long.slice(1))).toContain(`>${long.slice(1)}<`);
  });
});
