import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { UNIT_COLUMNS, type Column } from '../../src/export/columns.ts';
import { writeXlsx, xlsxForm } from '../../src/export/xlsx.ts';
import { openZip } from '../../src/export/zip.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from '../support/service.ts';
import { runProgram } from '../support/run-program.ts';
import { everyUnit, readCsv, rowOf, runFactory } from '../support/factory.ts';

/* What LibreOffice makes of an export: it opens the file and writes what it sees in the cells as CSV. */

/** Comma, double quotes, UTF-8, from line 1 on. Then: quote every text, and cells as they are shown. */
const AS_CSV = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,true';
/** Quoted cells are texts, and nothing else is taken for something special. */
const QUOTED_IS_TEXT = 'CSV:44,34,76,1,,0,true,false';

/** A line break inside a cell is one for LibreOffice, whichever it was. */
const asCells = (rows: Record<string, string>[]): Record<string, string>[] =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell.replaceAll('\r\n', '\n')])),
  );

describe('LibreOffice', () => {
  let desk: Desk;
  let folder: string;
  const save = async (address: string): Promise<string> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await desk.app.request(`/v1/ledger.${address}`, { headers });
    const file = join(folder, `${address.replace(/\W/g, '-')}.${address.split('?')[0]}`);
    writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
    return file;
  };
  /** One run with a profile of its own: another LibreOffice of this user may be open. */
  const convert = (files: string[], ...options: string[]): Record<string, string>[][] => {
    const out = join(folder, 'seen');
    mkdirSync(out, { recursive: true });
    const profile = `-env:UserInstallation=${pathToFileURL(join(folder, 'profile')).href}`;
    runProgram('soffice', [profile, '--headless', ...options, '--convert-to', AS_CSV, '--outdir', out, ...files]);
    const seen = files.map((file) => join(out, basename(file).replace(/\.\w+$/, '.csv')));
    return seen.map((file) => readCsv(readFileSync(file, 'utf8'), '\n'));
  };
  beforeAll(async () => {
    desk = await openDesk();
    folder = tempFolder();
    await runFactory(desk);
  });

  it('sees in a workbook the values that the API tells, texts as texts and times as times', async () => {
    const files = [await save('xlsx'), await save('xlsx?of=events')];
    const lines = readFileSync(await save('jsonl?of=events'), 'utf8')
      .trimEnd()
      .split('\n');
    const [units, events] = convert(files);
    const times = UNIT_COLUMNS.filter(({ kind }) => kind === 'time').map(({ name }) => name);
    const shown = (time: string): string => time.replace('T', ' ').replace('Z', '');
    const expected = (await everyUnit(desk)).map(rowOf).map((row) => ({
      ...row,
      ...Object.fromEntries(times.map((name) => [name, shown(row[name] ?? '')])),
    }));
    expect(units).toEqual(asCells(expected));
    expect(units?.filter(({ model = '' }) => model.startsWith('='))).toHaveLength(1);
    // The second export is the last event of the third.
    expect(events?.length).toBe(lines.length - 1);
    for (const [at, event] of (events ?? []).entries()) {
      const line = lines[at] ?? '';
      expect(line).toContain(`"at":"${event['at']?.replace(' ', 'T')}Z"`);
      expect(line.endsWith(`,"data":${event['data']}}`)).toBe(true);
    }
  });

  it('sees each time in a workbook at its own millisecond', async () => {
    const columns: Column[] = [
      { name: 'ms', kind: 'time' },
      { name: 'at', kind: 'stamp' },
    ];
    // Each thousandth of a second, and whole seconds, which are where a number a little short shows.
    const times = [9973, 10_000].flatMap((step) =>
      Array.from({ length: 4000 }, (_, nth) => Date.UTC(2026, 10, 25) + nth * step),
    );
    const stamps = times.map((ms) => new Date(ms).toISOString());
    const db = new Database(':memory:');
    const row = db
      .prepare(`SELECT ${xlsxForm(columns).row} FROM (SELECT CAST(? AS INT) AS n, ? AS ms, ? AS at)`)
      .pluck();
    const text = times.map((ms, nth) => row.get(nth + 2, ms, stamps[nth])).join('');
    db.close();
    const file = join(folder, 'times.xlsx');
    const zip = openZip(createWriteStream(file));
    await writeXlsx(zip, 'times', columns, Readable.from([{ text, rows: times.length }]));
    await zip.end();
    const [seen] = convert([file]);
    const shown = stamps.map((stamp) => stamp.replace('T', ' ').replace('Z', ''));
    expect(seen).toEqual(shown.map((time) => ({ ms: time, at: time })));
  });

  it('takes CSV with quoted cells as texts in and gives the same cells back', async () => {
    const files = [await save('csv'), await save('csv?of=events')];
    const seen = convert(files, `--infilter=${QUOTED_IS_TEXT}`);
    expect(seen).toEqual(files.map((file) => asCells(readCsv(readFileSync(file, 'utf8')))));
    expect(seen[0]?.find(({ uci }) => uci === '123E456789')).toMatchObject({
      serial: '001',
      name: `'=cmd|' /C calc'!A0`,
    });
  });
});
