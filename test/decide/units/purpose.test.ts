import { describe, expect, test } from 'vitest';
import { notForSale } from '../../../src/model/work-order.ts';
import { agent, device, openLine, PRODUCT, refusal, type MapLedger } from '../../support/map-ledger.ts';

const ORDER = { planned: 10, overIssue: 'warn' } as const;
const order = (line: MapLedger, id: string, purpose?: 'production' | 'engineering' | 'sample'): unknown =>
  line.record({
    kind: 'set-work-order',
    workOrder: { ...ORDER, id, product: PRODUCT, ...(purpose === undefined ? {} : { purpose }) },
    actor: 'admin',
  });
const run = (line: MapLedger, workOrders: Record<string, string>, name = 'default'): unknown =>
  line.record({ kind: 'set-station', merge: true, station: { name, workOrders }, actor: 'admin' });
const ask = (line: MapLedger, where: Parameters<typeof device>[1] = {}) =>
  line.record(device({ mac: 'A4:C1:38:AA:00:99' }, where));
const release = (line: MapLedger, uci: string): unknown =>
  line.record({ kind: 'release-sample', uci, reason: 'sold to the museum', actor: 'person:lead' });
const mark = (line: MapLedger, uci: string, reference = true): unknown =>
  line.record({ kind: 'set-reference', uci, reference, ...(reference ? { note: 'golden 1' } : {}), actor: 'admin' });
const whyNot = (line: MapLedger, uci: string): string[] => {
  const unit = line.seen.unit(uci)!;
  return notForSale(unit, unit.workOrder === undefined ? undefined : line.seen.workOrder(unit.workOrder));
};
const typesAfter = (line: MapLedger, act: () => unknown): string[] => {
  const before = line.events.length;
  act();
  return line.events.slice(before).map(({ type }) => type);
};

describe('the purpose of a work order', () => {
  test('says whether its units may be shipped', () => {
    const line = openLine();
    for (const purpose of ['production', 'engineering', 'sample'] as const) order(line, purpose, purpose);
    const found = (['production', 'engineering', 'sample'] as const).map((id) => {
      run(line, { [PRODUCT]: id });
      return whyNot(line, line.record(device({ mac: `A4:C1:38:AA:00:0${id.length % 10}` })).uci);
    });
    expect(found).toEqual([[], ['engineering'], ['sample']]);
  });

  test('is production if nothing is said, so orders of earlier versions keep their meaning', () => {
    const line = openLine();
    order(line, 'WO');
    run(line, { [PRODUCT]: 'WO' });
    expect(whyNot(line, ask(line).uci)).toEqual([]);
    expect(typesAfter(line, () => order(line, 'WO'))).toEqual([]);
  });

  test('cannot change once the order has units', () => {
    const line = openLine();
    order(line, 'WO', 'sample');
    order(line, 'WO', 'engineering');
    run(line, { [PRODUCT]: 'WO' });
    ask(line);
    expect(refusal(() => order(line, 'WO', 'production'))).toBe('work-order-started');
    expect(line.seen.workOrder('WO')?.purpose).toBe('engineering');
  });

  test('stays when the order is closed and opened again', () => {
    const line = openLine();
    order(line, 'WO', 'sample');
    run(line, { [PRODUCT]: 'WO' });
    ask(line);
    line.record({ kind: 'set-work-order', merge: true, workOrder: { id: 'WO', planned: 20 }, actor: 'admin' });
    expect(line.seen.workOrder('WO')).toMatchObject({ purpose: 'sample', planned: 20 });
  });
});

describe('releasing a sample', () => {
  test('with a reason lets it be shipped, once', () => {
    const line = openLine();
    order(line, 'WO', 'sample');
    run(line, { [PRODUCT]: 'WO' });
    const { uci } = ask(line);
    expect(typesAfter(line, () => release(line, uci))).toEqual(['sample-released']);
    expect(whyNot(line, uci)).toEqual([]);
    expect(line.seen.unit(uci)?.extra?.releasedSample?.reason).toBe('sold to the museum');
    expect(typesAfter(line, () => release(line, uci))).toEqual([]);
  });

  test.each(['production', 'engineering'] as const)('is refused for a unit of %s', (purpose) => {
    const line = openLine();
    order(line, 'WO', purpose);
    run(line, { [PRODUCT]: 'WO' });
    const { uci } = ask(line);
    expect(refusal(() => release(line, uci))).toBe('not-a-sample');
  });

  test('is refused for a unit that has ended or does not exist', () => {
    const line = openLine();
    const { uci } = ask(line);
    line.record({ kind: 'void', units: [{ uci }], reason: 'test', actor: 'admin' });
    expect(refusal(() => release(line, uci))).toBe('unit-ended');
    expect(refusal(() => release(line, 'JT08FFQXWQ'))).toBe('not-found');
  });
});

describe('a reference device', () => {
  test.each(['same', 'refuse', 'replace'] as const)('gets its own ID again with the repeat policy %s', (repeat) => {
    const line = openLine({ product: { repeat } });
    const { uci } = ask(line);
    line.record({ kind: 'verify', station: 'default', label: uci, device: uci, actor: 'admin' });
    mark(line, uci);
    expect(ask(line)).toMatchObject({ uci, repeat: true });
    expect(line.seen.unit(uci)?.facts.verified).toBeDefined();
  });

  test('is recorded once for each station and day, and its repeats are not counted', () => {
    const line = openLine();
    line.record({ kind: 'set-station', station: { ...line.seen.station('default')!, name: 'two' }, actor: 'admin' });
    const { uci } = ask(line);
    mark(line, uci);
    const seenAt = (station: string): string[] => typesAfter(line, () => ask(line, { station }));
    expect(seenAt('default')).toEqual(['reference-seen']);
    expect(seenAt('default')).toEqual([]);
    expect(seenAt('two')).toEqual(['reference-seen']);
    expect(seenAt('two')).toEqual([]);
  });

  test('may go from station to station, even if the product keeps devices at their source', () => {
    const line = openLine({ product: { sameSource: true } });
    const { uci } = ask(line);
    expect(refusal(() => ask(line, { source: '10.0.0.99' }))).toBe('other-source');
    mark(line, uci);
    expect(ask(line, { source: '10.0.0.99' }).uci).toBe(uci);
    expect(line.seen.unit(uci)?.alarm).toBeUndefined();
  });

  test('whose firmware says nothing gets its ID by arming, and keeps its PASS', () => {
    const line = openLine({ station: { mode: 'slot' } });
    const { uci } = line.record(agent({ product: PRODUCT }));
    line.record({ kind: 'verify', station: 'default', label: uci, actor: 'admin' });
    line.record({ kind: 'next', station: 'default', actor: 'admin' });
    mark(line, uci);
    line.record({ kind: 'arm', station: 'default', code: uci, reason: 'label', actor: 'admin' });
    expect(line.record(agent({ product: PRODUCT })).uci).toBe(uci);
    expect(line.seen.unit(uci)?.facts.verified).toBeDefined();
    expect(line.events.at(-1)?.type).toBe('reference-seen');
  });

  test('is not shipped, and stops being one when a lead says so', () => {
    const line = openLine();
    const { uci } = ask(line);
    mark(line, uci);
    expect(whyNot(line, uci)).toEqual(['reference']);
    expect(typesAfter(line, () => mark(line, uci))).toEqual([]);
    mark(line, uci, false);
    expect(whyNot(line, uci)).toEqual([]);
    expect(line.seen.unit(uci)?.extra).toBeUndefined();
  });
});

describe('a product that needs a work order', () => {
  const OTHER = 'OTHER';
  const guarded = (): MapLedger => {
    const line = openLine({ product: { orderRequired: true, name: 'Thermostat' } });
    line.record({
      kind: 'set-product',
      product: { id: OTHER, claimIdLength: 10, repeat: 'same', name: 'Pump', serialPattern: null },
      actor: 'admin',
    });
    line.record({ kind: 'set-work-order', workOrder: { ...ORDER, id: 'WO-OTHER', product: OTHER }, actor: 'admin' });
    return line;
  };

  test('refuses its device at a station that runs another order, and names both', () => {
    const line = guarded();
    run(line, { [OTHER]: 'WO-OTHER' });
    const before = line.events.length;
    const act = (): unknown => ask(line);
    expect(refusal(act)).toBe('order-required');
    expect(act).toThrow(/station default runs WO-OTHER \(Pump\), and this device is of product Thermostat/);
    expect(line.events.length).toBe(before);
  });

  test('refuses its device at a station without an order', () => {
    expect(() => guarded().record(device())).toThrow(/runs no work order, and product Thermostat needs one/);
  });

  test('answers its device at a station with its order, and again when no order is left', () => {
    const line = guarded();
    order(line, 'WO');
    run(line, { [PRODUCT]: 'WO' });
    const { uci } = ask(line);
    line.record({ kind: 'set-station', merge: true, station: { name: 'default', workOrders: null }, actor: 'admin' });
    expect(ask(line).uci).toBe(uci);
  });

  test('refuses reserved and imported units that would be given out without an order', () => {
    const line = guarded();
    const [reserved] = line.record({
      kind: 'make',
      as: 'reserved',
      product: PRODUCT,
      count: 1,
      strict: false,
      actor: 'admin',
    }).units;
    const arm = (): unknown =>
      line.record({ kind: 'arm', station: 'default', code: reserved!.uci, reason: 'label', actor: 'admin' });
    expect(refusal(arm)).toBe('order-required');
    order(line, 'WO');
    run(line, { [PRODUCT]: 'WO' });
    arm();
    expect(ask(line).uci).toBe(reserved!.uci);
    expect(line.seen.unit(reserved!.uci)?.workOrder).toBe('WO');
  });

  test('lets nobody issue a unit by hand without an order', () => {
    const line = guarded();
    const make = (as: 'issued' | 'reserved', workOrder?: string): unknown =>
      line.record({
        kind: 'make',
        as,
        product: PRODUCT,
        count: 1,
        strict: false,
        actor: 'admin',
        ...(workOrder === undefined ? {} : { workOrder }),
      });
    expect(refusal(() => make('issued'))).toBe('order-required');
    order(line, 'WO');
    make('issued', 'WO');
    make('reserved');
  });
});
