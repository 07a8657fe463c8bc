import { describe, expect, test } from 'vitest';
import type { ImportedUnit } from '../../src/model/imports/imported-unit.ts';
import { agent, openLine, openMapLedger, product, refusal, station, type MapLedger } from '../support/map-ledger.ts';

const actor = 'admin';

/** A line of an older version may have two products with the same pattern. */
function lineOf(patterns: Record<string, string | null>): MapLedger {
  const line = openMapLedger();
  for (const [id, serialPattern] of Object.entries(patterns))
    line.tables.products.set(id, { ...product({ id }), serialPattern });
  line.record({ kind: 'set-station', station: station(), actor });
  return line;
}
const ask = (line: MapLedger, body: object) => line.record(agent(body)).serial;
const imported = (n: number, of: Partial<ImportedUnit>): ImportedUnit => ({
  place: `line ${n}`,
  uci: `000${String(n).padStart(7, '0')}`,
  product: 'B',
  identity: [],
  ...of,
});
const takeIn = (line: MapLedger, units: ImportedUnit[]) =>
  line.record({ kind: 'import', as: 'issued', units, strict: true, actor });

describe('an S/N belongs to one unit of all products', () => {
  test('a counter skips the S/N that the device of another product brought', () => {
    const line = lineOf({ A: 'A-U{seq:3}', B: null });
    ask(line, { product: 'B', serial: 'A-U001' });
    ask(line, { product: 'B', serial: 'A-U002' });
    ask(line, { product: 'B', serial: 'A-U004' });
    expect([ask(line, { product: 'A' }), ask(line, { product: 'A' })]).toEqual(['A-U003', 'A-U005']);
    const { units } = line.record({ kind: 'make', as: 'issued', product: 'A', count: 2, strict: true, actor });
    expect(units.map(({ serial }) => serial)).toEqual(['A-U006', 'A-U007']);
  });

  test('a device, a person and an import cannot bring the S/N that a unit of another product has', () => {
    const line = lineOf({ A: 'A-U{seq:3}', B: null });
    const serial = ask(line, { product: 'A' });
    if (serial === undefined) throw new Error('no S/N');
    expect(refusal(() => ask(line, { product: 'B', serial }))).toBe('serial-taken');
    const make = { kind: 'make', as: 'issued', product: 'B', count: 1, strict: true, actor } as const;
    expect(refusal(() => line.record({ ...make, serial }))).toBe('serial-taken');
    expect(refusal(() => takeIn(line, [imported(11, { serial })]))).toBe('serial-taken');
    expect(() => takeIn(line, [imported(11, { serial })])).toThrow(/A-U001 belongs to unit .* of product A: /);
  });

  test('the S/N of a void unit is free for another product', () => {
    const line = lineOf({ A: null, B: null });
    const { uci } = line.record(agent({ product: 'A', serial: 'X-1' }));
    line.record({ kind: 'void', units: [{ uci }], reason: 'other', actor });
    expect(ask(line, { product: 'B', serial: 'X-1' })).toBe('X-1');
  });

  test('an S/N that differs only in the case of its letters is in use', () => {
    const line = lineOf({ A: 'A-u{seq:3}', B: null, C: 'a-U{seq:3}' });
    ask(line, { product: 'B', serial: 'x-1' });
    expect(refusal(() => ask(line, { product: 'B', serial: 'X-1' }))).toBe('serial-taken');
    expect(() => ask(line, { product: 'B', serial: 'X-1' })).toThrow(/differs from S\/N x-1 of unit/);
    expect(refusal(() => takeIn(line, [imported(11, { serial: 'X-1' })]))).toBe('serial-taken');
    expect(refusal(() => takeIn(line, [imported(11, { product: 'A', serial: 'X-1' })]))).toBe('serial-taken');
    expect(refusal(() => takeIn(line, [imported(11, { serial: 'y-1' }), imported(12, { serial: 'Y-1' })]))).toBe(
      'duplicate',
    );
    // Only the counter makes S/Ns of the pattern, and it skips what a file brought.
    expect(refusal(() => ask(line, { product: 'A', serial: 'a-U005' }))).toBe('serial-of-pattern');
    takeIn(line, [imported(13, { serial: 'a-U001' })]);
    expect(ask(line, { product: 'A' })).toBe('A-u002');
    // An older version allowed two patterns that differ only in case, and their counters do not skip each other.
    expect(ask(line, { product: 'C' })).toBe('a-U002');
  });

  test('an import cannot bring one S/N for two products', () => {
    const units = [imported(1, { serial: 'X-1' }), imported(2, { product: 'A', serial: 'X-1' })];
    expect(refusal(() => takeIn(lineOf({ A: null, B: null }), units))).toBe('duplicate');
  });

  test('a counter passes over a long run of S/Ns in use in a few steps', () => {
    const line = lineOf({ A: 'A-U{seq:5}', B: null });
    const serials = Array.from({ length: 5000 }, (_, i) => `A-U${String(i + 1).padStart(5, '0')}`);
    takeIn(
      line,
      serials.map((serial, i) => imported(i, { serial })),
    );
    let lookups = 0;
    const { unitsBySerial } = line.seen;
    const used = new Set(serials);
    line.seen.unitsBySerial = (serial) => (lookups++, used.has(serial) ? unitsBySerial(serials[0] ?? '') : []);
    expect(ask(line, { product: 'A' })).toBe('A-U05001');
    expect(lookups).toBeLessThan(1100);
  });

  test('a counter whose S/Ns are all in use is at its end', () => {
    const line = lineOf({ A: 'A-U{seq:1}', B: null });
    takeIn(
      line,
      Array.from({ length: 9 }, (_, i) => imported(i, { serial: `A-U${i + 1}` })),
    );
    expect(refusal(() => ask(line, { product: 'A' }))).toBe('serials-exhausted');
  });
});

describe('two products of an older ledger whose patterns can make the same S/N', () => {
  const SAME = 'U{seq:4}';

  test('keep their counters: none skips an S/N of the other', () => {
    const line = lineOf({ A: SAME, B: SAME });
    expect([1, 2, 3].map(() => ask(line, { product: 'A' }))).toEqual(['U0001', 'U0002', 'U0003']);
    expect(ask(line, { product: 'B' })).toBe('U0001');
  });

  test('may have the same S/N in an import, but each product only once', () => {
    const line = lineOf({ A: SAME, B: SAME });
    ask(line, { product: 'A' });
    const units = [imported(11, { serial: 'U0001' }), imported(12, { serial: 'U0007' })];
    expect(takeIn(line, [...units, imported(13, { product: 'A', serial: 'U0007' })])).toEqual({ imported: 3 });
    const twice = [14, 15, 16].map((n) => imported(n, { product: n === 14 ? 'A' : 'B', serial: 'U0009' }));
    expect(refusal(() => takeIn(line, twice))).toBe('duplicate');
  });

  test('are compared with all other products', () => {
    const line = lineOf({ A: SAME, B: SAME, C: null });
    ask(line, { product: 'A' });
    expect(refusal(() => ask(line, { product: 'C', serial: 'U0001' }))).toBe('serial-taken');
  });
});

test('two new products of one import never get patterns that can make the same S/N', () => {
  const line = openLine();
  const units = ['LONG-ONE', 'LONG-TWO'].map((id, n) => imported(n, { product: id }));
  line.record({ kind: 'import', as: 'issued', units, strict: false, actor });
  expect(line.seen.product('LONG-ONE')?.code).not.toBe(line.seen.product('LONG-TWO')?.code);
});
