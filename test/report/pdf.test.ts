import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Listed, Report } from '../../src/decide/report.ts';
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
  await drawReport(report, createWriteStream(file));
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
