import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Listed, Report } from '../../src/decide/report.ts';
import { drawDay } from '../../src/report/day-pdf.ts';
import { drawReport } from '../../src/report/pdf.ts';
import { readPdf, type PageText } from '../support/pdf-reader.ts';
import { tempFolder } from '../support/service.ts';

async function drawn(unaccounted: Listed[]): Promise<PageText[]> {
  const file = join(tempFolder(), 'report.pdf');
  const issued = unaccounted.length;
  const report: Report = {
    at: '2026-11-25T12:00:00.000Z',
    treeSize: issued,
    workOrder: { id: 'WO-1', product: 'DEMO', planned: issued, overIssue: 'warn' },
    figures: {
      issued,
      parts: { void: 0, scrapped: 0, released: 0, unaccounted: issued },
      facts: { printed: 0, verified: 0, reported: 0, registered: 0 },
      labels: { units: 0, copies: 0, reprints: [], failed: 0, unknown: 0 },
    },
    lists: { unaccounted },
  };
  await drawReport(report, createWriteStream(file), { by: 'person:ada', site: 'Müller Geräte' });
  return readPdf(readFileSync(file));
}

const unit = (n: number, more: Partial<Listed> = {}): Listed => ({
  uci: `JT08FFQ${String(n).padStart(3, '0')}`,
  serial: `S${n}`,
  status: 'issued',
  facts: {},
  ...more,
});

it('a report lists each unit once, over many pages, as text that can be copied', async () => {
  const pages = await drawn(Array.from({ length: 500 }, (_, n) => unit(n)));
  const text = pages.map((page) => page.text).join('\n');
  for (let n = 0; n < 500; n++) {
    const grouped = `JT08F FQ${String(n).padStart(3, '0')}`;
    expect(text.split(grouped).length - 1, grouped).toBe(1);
    expect(text).toMatch(new RegExp(`\\bS${n}\\b`));
  }
});

it('a text that is too wide for its column ends with an ellipsis', async () => {
  const [reason, station] = ['a reason that goes on and on '.repeat(5), 'линия №1'];
  const pages = await drawn([unit(1, { reason, station }), unit(2, { station: 'خط' })]);
  const words = pages.flatMap((page) => page.words);
  expect(words.map(({ text }) => text)).toContain('линия');
  const cut = words.find(({ text }) => text.endsWith('…'));
  expect(cut?.right).toBeLessThan(595.28 - 48);
  expect(pages.map(({ text }) => text).join('\n')).toContain('a reason that goes on');
});

it('each page says which of all pages it is, and the site; the first says who made the report', async () => {
  for (const units of [0, 1, 55, 56, 57, 500]) {
    const pages = await drawn(Array.from({ length: units }, (_, n) => unit(n)));
    for (const [at, { text }] of pages.entries()) {
      expect(text).toContain(`${at + 1} of ${pages.length}`);
      expect(text).toContain('Müller Geräte');
    }
    expect(pages[0]?.text).toMatch(/by ada/);
  }
});

it('a report of a day has a table for each shift, the site, who made it, and the number of pages', async () => {
  const file = join(tempFolder(), 'day.pdf');
  const station = (name: string) => ({
    station: name,
    issued: 1234,
    passed: 9,
    failed: 1,
    reprinted: 0,
    firstScans: { units: 10, passed: 9 },
    lastAt: 0,
    slices: [],
  });
  const from = new Date(2026, 10, 25, 6).getTime();
  const shifts = [0, 1, 2].map((at) => ({
    from: from + at * 8 * 3_600_000,
    to: from + (at + 1) * 8 * 3_600_000,
    stations: at === 2 ? [] : Array.from({ length: 40 }, (_, n) => station(`line-${n}`)),
    orders: at === 2 ? [] : [{ workOrder: 'WO-1', issued: 8 }],
  }));
  const at = Date.UTC(2026, 10, 26);
  await drawDay({ day: '2026-11-25', at, by: 'person:ada', site: 'Müller Geräte', shifts }, createWriteStream(file));
  const pages = readPdf(readFileSync(file));
  const text = pages.map((page) => page.text).join('\n');
  for (const said of [
    'Production of 2026-11-25',
    'Müller Geräte',
    'by ada',
    'Shift 06:00 to 14:00',
    'line-39',
    '1,234',
  ])
    expect(text).toContain(said);
  expect(text).toMatch(/90\.0 %/);
  expect(text).toContain('Nothing in this shift');
  expect(pages.length).toBeGreaterThan(1);
  for (const [index, page] of pages.entries()) expect(page.text).toContain(`${index + 1} of ${pages.length}`);
});
