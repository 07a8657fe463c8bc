import { default as bwip } from 'bwip-js/node';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCode128 } from '../../src/label/code128.ts';

const printable = fc.string({
  minLength: 1,
  maxLength: 60,
  unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
});
const serialLike = fc.string({
  minLength: 1,
  maxLength: 32,
  unit: fc.constantFrom(...Array.from('0123456789012345678901234567890123456789ABx-/')),
});

function modulesOfBwip(text: string): number {
  const [{ sbs }] = bwip.raw({ bcid: 'code128', text }) as unknown as [{ sbs: number[] }];
  return sbs.reduce((sum, width) => sum + width, 0);
}

describe('Code 128', () => {
  it('takes four digits or more in pairs, as a ZPL printer does', () => {
    const symbols = (text: string): number => (encodeCode128(text).modules - 2) / 11 - 3;
    // Start, check and stop apart: a pair, a letter and a change of subset are a symbol each.
    expect(symbols('264800001')).toBe(6);
    expect(symbols('26480000')).toBe(4);
    expect(symbols('A123')).toBe(4);
    expect(symbols('A1234')).toBe(4);
    expect(symbols('A12345')).toBe(5);
    expect(symbols('1234A')).toBe(4);
    expect(symbols('A1234B')).toBe(6);
  });

  it('is as narrow as what another encoder makes, two symbols more at most', () => {
    fc.assert(
      fc.property(fc.oneof(printable, serialLike), (text) => {
        const { widths, modules } = encodeCode128(text);
        expect(modules % 11).toBe(2);
        expect(widths.length % 6).toBe(1);
        expect(modules).toBeLessThanOrEqual(modulesOfBwip(text) + 22);
      }),
      { numRuns: 300 },
    );
  });

  it('has the same bars as another encoder where both choose the same symbols', () => {
    for (const text of ['264800001', 'W', 'ACME-x', '~!"#', '1234AB', 'Z'.repeat(32)]) {
      const [{ sbs }] = bwip.raw({ bcid: 'code128', text }) as unknown as [{ sbs: number[] }];
      expect(encodeCode128(text).widths).toEqual(sbs);
    }
  });
});
