import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvForm } from '../../src/export/csv.ts';
import { asWritten, harmless } from '../../src/platform/formula-marks.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { HOSTILE_NAMES } from '../support/factory.ts';

/** Texts in which what matters is frequent. */
const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom('=', '+', '-', '@', "'", '"', ';', ',', '\t', '\r', '\n', '＝', '＠', ' ', 'a', '1'),
  }),
  fc.string({ unit: 'binary' }),
);

/** What a spreadsheet could make of it: any of its separators, or a line break, may end a cell for it. */
function cellsSeen(cell: string): string[] {
  return `"${cell.replaceAll('"', '""')}"`.split(/[;\t\r\n]/).map((seen) => seen.replace(/^"*/, ''));
}

describe('a text in a CSV cell', () => {
  it('begins no formula, whichever separator a spreadsheet believes in', () => {
    fc.assert(
      fc.property(text, (written) => {
        for (const seen of cellsSeen(harmless(written))) expect(seen).not.toMatch(/^[=+\-@＝＋－＠]/);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is what it was once the marks are taken away', () => {
    fc.assert(
      fc.property(text, (written) => {
        expect(asWritten(harmless(written))).toBe(written);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is what it was by what docs/formats.md says to find and to replace', () => {
    const doc = readFileSync(join(packageRoot, 'docs', 'formats.md'), 'utf8');
    const [, find = '', replace = ''] = /^find +(.+)\nreplace +(.+)$/m.exec(doc) ?? [];
    fc.assert(
      fc.property(text, (written) => {
        expect(harmless(written).replace(new RegExp(find, 'g'), replace)).toBe(written);
      }),
      { numRuns: 20_000 },
    );
  });

  it('has no mark where there is no danger', () => {
    for (const written of [
      'Demo',
      'a-b',
      '1+1',
      "it's",
      '0012',
      '123E456789',
      '2026-11-25T12:00:00.000Z',
      '{"a":"-1"}',
    ])
      expect(harmless(written)).toBe(written);
    const marked = HOSTILE_NAMES.map(harmless).filter((name, i) => name !== HOSTILE_NAMES[i]);
    expect(marked).toEqual([
      `'=cmd|' /C calc'!A0`,
      `'+1+1`,
      `'-2`,
      `'@SUM(A1)`,
      `''quoted`,
      `"'=5"`,
      `"''=6"`,
      `x;'=1+1`,
      `x;"'-1`,
      `x;''`,
      `tab\t'=2`,
      `line\n'=3`,
      `return\r\n'+4`,
      `\t'=7`,
      `'＝1`,
    ]);
  });

  it('is never written without care where it needs it', () => {
    const { care } = csvForm([{ name: 'name', kind: 'text' }]);
    fc.assert(
      fc.property(text, (written) => {
        const line = `1,"${written.replaceAll('"', '""')}"\r\n`;
        if (harmless(written) !== written) expect(line).toMatch(care?.sign as RegExp);
      }),
      { numRuns: 20_000 },
    );
  });
});
