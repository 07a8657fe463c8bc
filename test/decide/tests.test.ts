import { describe, expect, it } from 'vitest';
import { openCount } from '../../src/decide/line-figures.ts';
import { inFirstLife } from '../../src/model/returns/lives.ts';
import { partOf } from '../../src/decide/reconcile.ts';
import { Printer } from '../../src/model/printer.ts';
import type { TestOutcome } from '../../src/model/shipping/test-result.ts';
import { device, openLine, PRODUCT, product, rebuild, station, type MapLedger } from '../support/map-ledger.ts';

/* What the results of tests decide: PASS, labels that print by themselves, release and first-pass yield. */

const report = (line: MapLedger, uci: string, outcome: TestOutcome, procedure = 'functional') =>
  line.record({ kind: 'note-result', uci, result: { procedure, outcome }, actor: 'token:tester' });
const scan = (line: MapLedger, label: string) =>
  line.record({ kind: 'verify', station: 'default', label, actor: 'admin' });
const partNow = (line: MapLedger, uci: string) => {
  const unit = line.seen.unit(uci);
  return unit && partOf(inFirstLife(unit), line.seen.product(unit.product) ?? product());
};

describe('a station that requires tests', () => {
  const open = (settings: object = {}): MapLedger =>
    openLine({ station: { mode: 'slot', next: 'auto', tests: 'required' }, product: settings });

  it('fails a unit that failed a test, and passes it after the test passed', () => {
    const line = open();
    const { uci } = line.record(device({ mac: 'a' }));
    report(line, uci, 'failed');
    expect(scan(line, uci)).toEqual({ result: 'FAIL', reason: 'tests not passed' });
    report(line, uci, 'error');
    expect(scan(line, uci)).toMatchObject({ result: 'FAIL' });
    report(line, uci, 'passed');
    expect(scan(line, uci)).toMatchObject({ result: 'PASS' });
  });

  it('fails a unit without a result that its product asks for', () => {
    const line = open({ tests: ['functional', 'ict'] });
    const { uci } = line.record(device({ mac: 'a' }));
    report(line, uci, 'passed');
    expect(scan(line, uci)).toMatchObject({ result: 'FAIL' });
    report(line, uci, 'passed', 'ict');
    expect(scan(line, uci)).toMatchObject({ result: 'PASS' });
  });

  it('is no other station: elsewhere the label of a failed unit passes', () => {
    const line = openLine({ station: { mode: 'slot', next: 'auto' } });
    const { uci } = line.record(device({ mac: 'a' }));
    report(line, uci, 'failed');
    expect(scan(line, uci)).toMatchObject({ result: 'PASS' });
  });
});

describe('a label', () => {
  const queued = (line: MapLedger): number => line.events.filter(({ type }) => type === 'print-queued').length;

  it('does not print by itself for a unit that failed, and does after rework or a passed test', () => {
    const line = openLine();
    const printer = Printer.parse({ name: 'P', kind: 'file', folder: '/nowhere', format: 'zpl' });
    line.record({ kind: 'set-printer', printer, actor: 'admin' });
    const prints = station({ mode: 'slot', next: 'auto', autoPrint: true, printer: 'P' });
    line.record({ kind: 'set-station', station: prints, actor: 'admin' });
    const roll = { product: PRODUCT, count: 3 } as const;
    const ucis = line
      .record({ kind: 'make', as: 'reserved', reservation: 'ROLL', strict: false, ...roll, actor: 'admin' })
      .units.map(({ uci }) => uci);
    const [failed = '', passed = '', repaired = ''] = ucis;
    report(line, failed, 'failed');
    report(line, passed, 'failed');
    report(line, passed, 'passed');
    report(line, repaired, 'failed');
    for (const [uci, reason, labels] of [
      [failed, 'label', 0],
      [passed, 'label', 1],
      [repaired, 'rework', 2],
    ] as const) {
      line.record({ kind: 'arm', station: 'default', code: uci, reason, actor: 'admin' });
      expect(line.record(device({ mac: uci })).uci).toBe(uci);
      expect(queued(line), reason).toBe(labels);
      scan(line, uci);
    }
  });
});

describe('a product that asks for tests', () => {
  it('counts a unit as released when it is verified and its tests are passed', () => {
    const line = openLine({ station: { mode: 'slot', next: 'auto' }, product: { tests: ['functional'] } });
    const { uci } = line.record(device({ mac: 'a' }));
    report(line, uci, 'failed');
    scan(line, uci);
    expect(partNow(line, uci)).toBe('unaccounted');
    report(line, uci, 'passed');
    expect(partNow(line, uci)).toBe('released');
    // Other procedures do not count.
    report(line, uci, 'failed', 'other');
    expect(partNow(line, uci)).toBe('released');
  });

  it('counts the first life of a unit that comes back as before', () => {
    const line = openLine({ station: { mode: 'slot', next: 'auto' }, product: { tests: ['functional'] } });
    const { uci } = line.record(device({ mac: 'a' }));
    report(line, uci, 'passed');
    scan(line, uci);
    const back = { rma: 'RMA-1', reason: 'no light', disposition: 'repair' } as const;
    line.record({ kind: 'return-unit', uci, ...back, actor: 'admin' });
    expect(line.seen.unit(uci)?.extra?.tests).toBeUndefined();
    expect(partNow(line, uci)).toBe('released');
    expect(rebuild(line.lines).units).toEqual(line.tables.units);
  });
});

describe('the first-pass yield', () => {
  it('counts the first result of each procedure of a unit, and no test that could not be completed', () => {
    const line = openLine({ station: { mode: 'open' } });
    const [one, two] = ['a', 'b'].map((mac) => line.record(device({ mac })).uci) as [string, string];
    report(line, one, 'error');
    report(line, one, 'failed');
    report(line, one, 'passed');
    report(line, two, 'passed');
    report(line, two, 'passed', 'ict');
    const count = openCount();
    for (const event of line.events) count.add(event);
    expect(count.result().firstTests).toEqual([
      { procedure: 'functional', units: 2, passed: 1 },
      { procedure: 'ict', units: 1, passed: 1 },
    ]);
  });

  it('counts a unit only in the period of its first result, and not during a return', () => {
    const line = openLine({ station: { mode: 'open' } });
    const { uci } = line.record(device({ mac: 'a' }));
    report(line, uci, 'error');
    const inPeriod = (from: number, to = Infinity) => {
      const before = (seq: number) => line.events.filter((one) => one.uci === uci && one.seq < seq).toReversed();
      const count = openCount(new Map(), { before, returned: new Set([uci]) });
      for (const event of line.events) if (event.seq >= from && event.seq < to) count.add(event);
      return count.result().firstTests;
    };
    const begin = line.events.length + 1;
    report(line, uci, 'failed');
    const second = line.events.length + 1;
    report(line, uci, 'passed');
    expect(inPeriod(begin, second)).toEqual([{ procedure: 'functional', units: 1, passed: 0 }]);
    expect(inPeriod(second)).toEqual([]);
    const back = { rma: 'RMA-1', reason: 'no light', disposition: 'repair' } as const;
    line.record({ kind: 'return-unit', uci, ...back, actor: 'admin' });
    report(line, uci, 'passed');
    expect(inPeriod(second)).toEqual([]);
  });
});
