import { describe, expect, it } from 'vitest';
import { countersIn } from '../../../src/decide/forecasts/counters.ts';
import type { ImportedUnit } from '../../../src/model/imports/imported-unit.ts';
import type { Product } from '../../../src/model/product.ts';
import { device, openLine, product, PRODUCT, rebuild, refusal, type MapLedger } from '../../support/map-ledger.ts';

const actor = 'admin';
const POOLS = ['mac=A4C138000001-A4C138000003+A4C138000101-A4C138000102'];
const FIRST = 'A4:C1:38:00:00:01';

const lineWith = (settings: Partial<Product> = {}): MapLedger =>
  openLine({ product: { serialPattern: null, pools: POOLS, poolAnswers: ['mac'], ...settings } });
const set = (line: MapLedger, settings: Partial<Product>): object =>
  line.record({ kind: 'set-product', product: product({ serialPattern: null, ...settings }), actor });
const macOf = (line: MapLedger, uci: string): string | undefined => {
  const unit = line.seen.unit(uci);
  return unit && line.seen.identityOf(unit).get('mac');
};
const next = (line: MapLedger, body: object = {}): string | undefined => macOf(line, line.record(device(body)).uci);
const voided = (line: MapLedger, uci: string): object =>
  line.record({ kind: 'void', units: [{ uci }], reason: 'other', actor });
const make = (line: MapLedger, count: number, more: object = {}) =>
  line.record({
    kind: 'make',
    as: 'reserved',
    reservation: 'R',
    product: PRODUCT,
    count,
    strict: true,
    actor,
    ...more,
  });
const imported = (n: number, mac: string): ImportedUnit => ({
  place: `line ${n}`,
  uci: `ZZZ${String(n).padStart(7, '0')}`,
  product: PRODUCT,
  identity: [['mac', mac, mac.replaceAll(':', '').toLowerCase()]],
  attributes: JSON.stringify({ product: PRODUCT, mac }),
});
const takeIn = (line: MapLedger, units: ImportedUnit[]) =>
  line.record({ kind: 'import', as: 'issued', units, strict: true, actor });
const countOf = ({ tables }: MapLedger, name: string): number | undefined =>
  tables.counters.get(JSON.stringify([PRODUCT, `pool ${name}`]));
const exhaust = (line: MapLedger): void => {
  for (let left = 5; left > 0; left--) next(line);
};

describe('a number of a pool', () => {
  it('is drawn with the unit, in the order of the ranges, and the unit is found by it', () => {
    const line = lineWith();
    const { uci, numbers } = line.record(device());
    expect(numbers).toEqual({ mac: FIRST });
    expect(line.events.at(-1)).toMatchObject({ type: 'issued', data: { drawn: { mac: FIRST } } });
    const [found] = line.seen.unitsByIdentity(PRODUCT, ['mac', 'a4c1.3800.0001', 'a4c138000001']);
    expect(found).toMatchObject({ uci, extra: { drawn: { mac: FIRST } } });
    expect([1, 2, 3, 4].map(() => next(line))).toEqual([
      'A4:C1:38:00:00:02',
      'A4:C1:38:00:00:03',
      'A4:C1:38:00:01:01',
      'A4:C1:38:00:01:02',
    ]);
  });

  it('is refused after the last one, and gives out no Claim ID', () => {
    const line = lineWith();
    exhaust(line);
    const { length } = line.events;
    expect(refusal(() => next(line))).toBe('pool-exhausted');
    expect(line.events).toHaveLength(length);
    expect(next(line, { mac: 'A4:C1:38:FF:00:01' })).toBe('A4:C1:38:FF:00:01');
    set(line, { pools: [`${POOLS[0]}+A4C138000201-A4C138000201`] });
    expect(next(line)).toBe('A4:C1:38:00:02:01');
  });

  it('is the same when the device asks again, by its identity or by the number', () => {
    const line = lineWith();
    const { uci } = line.record(device({ serial: 'S1' }));
    const { length } = line.events;
    const again = line.record(device({ serial: 'S1' }));
    expect(again).toMatchObject({ uci, repeat: true, numbers: { mac: FIRST } });
    expect(line.record(device({ mac: 'a4-c1-38-00-00-01' }))).toMatchObject({ uci, numbers: { mac: FIRST } });
    expect(line.events).toHaveLength(length);
  });

  it('is not sent to the agent unless the product says so', () => {
    const line = openLine({ product: { serialPattern: null, pools: POOLS } });
    expect(line.record(device()).numbers).toBeUndefined();
  });

  it('is not drawn for a device that brings its own', () => {
    const line = lineWith();
    const { numbers } = line.record(device({ mac: 'A4:C1:38:FF:00:01' }));
    expect(numbers).toBeUndefined();
    expect(countOf(line, FIRST)).toBeUndefined();
    expect(line.events.at(-1)?.data).not.toHaveProperty('drawn');
  });

  it('is never reused: not after a void, and not when the device of the void unit asks again with it', () => {
    const line = lineWith();
    const { uci } = line.record(device());
    voided(line, uci);
    expect(next(line)).toBe('A4:C1:38:00:00:02');
    const former = line.record(device({ mac: FIRST }));
    expect(former.repeat).toBe(false);
    expect(macOf(line, former.uci)).toBe(FIRST);
    expect(next(line)).toBe('A4:C1:38:00:00:03');
  });

  it('is another one for the unit that replaces a unit', () => {
    const line = lineWith({ repeat: 'replace' });
    const { uci } = line.record(device({ serial: 'S1' }));
    line.record({ kind: 'verify', station: 'default', label: uci, actor });
    const after = line.record(device({ serial: 'S1' }));
    expect(after.uci).not.toBe(uci);
    expect(after.numbers).toEqual({ mac: 'A4:C1:38:00:00:02' });
  });

  it('is not taken from a device that brings a number of the pool before the pool gives it out', () => {
    const line = lineWith();
    expect(refusal(() => next(line, { mac: 'A4:C1:38:00:00:03' }))).toBe('number-of-pool');
    const { uci } = line.record(device({ serial: 'S1' }));
    expect(refusal(() => line.record(device({ serial: 'S1', mac: 'A4:C1:38:00:00:03' })))).toBe('identity-conflict');
    expect(macOf(line, uci)).toBe(FIRST);
  });

  it('is skipped if a unit from before the pool has it', () => {
    const line = openLine({ product: { serialPattern: null } });
    for (const mac of [FIRST, 'a4c138000002']) next(line, { mac });
    set(line, { pools: POOLS });
    expect(next(line)).toBe('A4:C1:38:00:00:03');
    expect(next(line, { mac: FIRST })).toBe(FIRST);
  });

  it('is skipped if an import has it, even after the imported unit is void', () => {
    const line = lineWith();
    takeIn(line, [imported(1, 'A4:C1:38:00:00:02')]);
    voided(line, imported(1, '').uci);
    expect([next(line), next(line)]).toEqual([FIRST, 'A4:C1:38:00:00:03']);
  });

  it('is still drawn if an import brings only the last number of the pool', () => {
    const line = lineWith({ pools: ['mac=A4C138000001-A4C138000050'] });
    next(line);
    takeIn(line, [imported(1, 'A4:C1:38:00:00:50')]);
    expect(line.events.at(-1)?.data).toMatchObject({ imported: true, inPool: true });
    expect(next(line)).toBe('A4:C1:38:00:00:02');
    set(line, { pools: ['mac=A4C138000001-A4C13800004F'] });
    expect(next(line)).toBe('A4:C1:38:00:00:03');
  });

  it('is not drawn below an import that an earlier version recorded', () => {
    const line = lineWith();
    takeIn(line, [imported(1, 'A4:C1:38:00:00:02')]);
    const lines = line.lines.map((text) => text.replace(',"inPool":true', ''));
    expect(lines).not.toEqual(line.lines);
    expect(countOf({ ...line, tables: rebuild(lines) }, FIRST)).toBe(2);
    expect(countOf({ ...line, tables: rebuild(line.lines) }, FIRST)).toBeUndefined();
  });

  it('is skipped if a unit that became void before the pool has it, and its device gets a new unit with it', () => {
    const line = openLine({ product: { serialPattern: null } });
    const { uci } = line.record(device({ mac: 'a4c138000001' }));
    voided(line, uci);
    set(line, { pools: POOLS });
    expect(next(line)).toBe('A4:C1:38:00:00:02');
    const again = line.record(device({ mac: FIRST }));
    expect(again).toMatchObject({ repeat: false });
    expect(next(line)).toBe('A4:C1:38:00:00:03');
    expect(rebuild(line.lines).formerIdentities).toEqual(line.tables.formerIdentities);
  });

  it('is skipped if a void unit of another product has it', () => {
    const line = lineWith();
    line.record({ kind: 'set-product', product: product({ id: 'OTHER', serialPattern: null }), actor });
    const { uci } = line.record(device({ product: 'OTHER', mac: FIRST }));
    voided(line, uci);
    expect(next(line)).toBe('A4:C1:38:00:00:02');
  });

  it('is skipped if an unfinished import has claimed it for another product', () => {
    const line = lineWith();
    line.record({ kind: 'set-product', product: product({ id: 'OTHER', serialPattern: null }), actor });
    const attributes = JSON.stringify({ product: 'OTHER', mac: FIRST });
    const units = [{ ...imported(1, FIRST), product: 'OTHER', attributes }];
    const part = { import: 'I', process: 'p', part: 0, as: 'issued', total: 1, room: 20, strict: true, actor } as const;
    line.record({ kind: 'claim-units', ...part, units });
    expect(next(line)).toBe('A4:C1:38:00:00:02');
  });

  it('does not count as left if a unit has brought it', () => {
    const line = lineWith();
    next(line);
    takeIn(line, [imported(1, 'A4:C1:38:00:00:03')]);
    const used = (): number | undefined => countersIn(line.seen, line.clock())[0]?.used;
    expect(used()).toBe(2);
    voided(line, imported(1, '').uci);
    expect(used()).toBe(2);
    expect(refusal(() => make(line, 4))).toBe('pool-exhausted');
    expect(make(line, 3).units).toHaveLength(3);
  });

  it('is skipped if an unfinished import has claimed it', () => {
    const line = lineWith();
    const units = [imported(1, 'A4:C1:38:00:00:01')];
    const part = { import: 'I', process: 'p', part: 0, as: 'issued', total: 1, room: 20, strict: true, actor } as const;
    line.record({ kind: 'claim-units', ...part, units });
    expect(next(line)).toBe('A4:C1:38:00:00:02');
  });

  it('is not drawn by an import, but when a device first gets the imported unit', () => {
    const line = lineWith();
    const unit: ImportedUnit = { place: 'line 1', uci: '0000000009', product: PRODUCT, identity: [['serial', 'S9']] };
    const attributes = JSON.stringify({ product: PRODUCT, serial: 'S9' });
    line.record({ kind: 'import', as: 'reserved', units: [{ ...unit, attributes }], strict: true, actor });
    expect(macOf(line, unit.uci)).toBeUndefined();
    expect(line.record(device({ serial: 'S9' }))).toMatchObject({ uci: unit.uci, numbers: { mac: FIRST } });
    expect(line.record(device({ serial: 'S9' }))).toMatchObject({ repeat: true, numbers: { mac: FIRST } });
  });

  it('is beyond what lost events may have drawn after a restore, across ranges', () => {
    const line = lineWith({ pools: ['mac=A4C138000001-A4C138000064+A4C138000101-A4C1380001FF'] });
    next(line);
    line.record({ kind: 'skip-serials', lost: 80, actor });
    // The margin is a tenth of 355 numbers, and 80 more: 99 of the first range, and 16 of the second.
    expect(next(line)).toBe('A4:C1:38:00:01:11');
  });
});

describe('reserved and made units', () => {
  it('get numbers of their own, and the devices that get these units keep them', () => {
    const line = lineWith({ pools: ['mac=A4C138000001-A4C138000003', 'licence=LIC-{seq:3}:7-9'] });
    const { units } = make(line, 2);
    expect(units.map(({ numbers }) => numbers)).toEqual([
      { mac: FIRST, licence: 'LIC-007' },
      { mac: 'A4:C1:38:00:00:02', licence: 'LIC-008' },
    ]);
    const [unit] = units;
    line.record({ kind: 'arm', station: 'default', code: unit?.uci ?? '', reason: 'label', actor });
    expect(line.record(device())).toMatchObject({ uci: unit?.uci, numbers: { mac: FIRST } });
    expect(next(line)).toBe('A4:C1:38:00:00:03');
  });

  it('are refused if a pool has too few numbers for all of them', () => {
    const line = lineWith();
    expect(refusal(() => make(line, 6))).toBe('pool-exhausted');
    expect(refusal(() => make(line, 3, { of: 6 }))).toBe('pool-exhausted');
    expect(line.tables.units.size).toBe(0);
    expect(make(line, 5).units).toHaveLength(5);
  });
});

it('the counters are the same after the tables are rebuilt from the events', () => {
  const line = lineWith();
  exhaust(line);
  const { counters, identities, units } = rebuild(line.lines);
  expect(counters).toEqual(line.tables.counters);
  expect(identities).toEqual(line.tables.identities);
  expect(units).toEqual(line.tables.units);
  expect(countOf(line, FIRST)).toBe(3);
  expect(countOf(line, 'A4:C1:38:00:01:01')).toBe(2);
});

it('a million numbers in use cost the next one only a few steps', () => {
  const line = openLine({ product: { serialPattern: null, pools: ['mac=A4C138000000-A4C138FFFFFF'] } });
  let asked = 0;
  const { unitsByIdentity } = line.seen;
  line.seen.unitsByIdentity = (of, one) => {
    if (of !== undefined) return unitsByIdentity(of, one);
    asked++;
    return Number.parseInt(one[2] ?? '', 16) < 0xa4c138000000 + 1_000_000 ? [{} as never] : [];
  };
  expect(next(line)).toBe('A4:C1:38:0F:42:40');
  expect(asked).toBeLessThan(1100);
});
