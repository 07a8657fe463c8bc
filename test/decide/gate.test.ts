import { describe, expect, it } from 'vitest';
import { counted, tally } from '../../src/decide/reconcile.ts';
import {
  agent,
  device,
  openLine,
  PRODUCT,
  product,
  rebuild,
  refusal,
  station,
  workOrder,
  type MapLedger,
} from '../support/map-ledger.ts';

/* A gate: one scan of a label says SHIP or STOP, and SHIP puts the unit on the shipping list of the station. */

const LIST = 'PALLET-1';
const SECOND_MS = 1000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

const setList = (line: MapLedger, settings: object = {}) =>
  line.record({ kind: 'set-shipping-list', list: { id: LIST, target: 10, ...settings }, actor: 'admin' });
const openGate = (list: object = {}, others: object = {}): MapLedger => {
  const line = openLine({ station: { mode: 'slot', next: 'auto' } });
  setList(line, list);
  const gate = station({ name: 'gate', mode: 'gate', shippingList: LIST, ...others });
  line.record({ kind: 'set-station', station: gate, actor: 'admin' });
  return line;
};
const scan = (line: MapLedger, label: string, at = 'gate') =>
  line.record({ kind: 'verify', station: at, label, actor: 'admin' });
/** A unit that passed at the station `default`. */
const passed = (line: MapLedger, identity: object = {}): { uci: string; serial: string } => {
  const { uci, serial = '' } = line.record(device(identity));
  expect(scan(line, uci, 'default')).toMatchObject({ result: 'PASS' });
  return { uci, serial };
};
const reasonsOf = (line: MapLedger, uci: string): string[] => {
  const answer = scan(line, uci);
  if (answer.result !== 'STOP') return [answer.result];
  return answer.reasons.map(({ code }) => code);
};
const report = (line: MapLedger, uci: string, procedure: string, outcome: 'passed' | 'failed' | 'error') =>
  line.record({ kind: 'note-result', uci, result: { procedure, outcome }, actor: 'token:tester' });
const typesAfter = (line: MapLedger, act: () => unknown): string[] => {
  const before = line.events.length;
  act();
  return line.events.slice(before).map(({ type }) => type);
};

describe('a gate', () => {
  it('ships a unit that is verified, by its Claim ID or by its S/N, and counts it once', () => {
    const line = openGate();
    const [first, second] = [passed(line), passed(line)];
    const list = { id: LIST, target: 10 };
    expect(scan(line, first.uci.toLowerCase())).toEqual({ result: 'SHIP', ...first, list: { ...list, count: 1 } });
    expect(scan(line, second.serial)).toEqual({ result: 'SHIP', ...second, list: { ...list, count: 2 } });
    expect(line.seen.shippingList(LIST)?.units).toBe(2);
    expect(rebuild(line.lines).shippingLists.get(LIST)).toEqual(line.seen.shippingList(LIST));
    expect(rebuild(line.lines).units).toEqual(line.tables.units);
  });

  it('says SHIP again to a label that is read twice, and after two seconds that the unit is on its list', () => {
    const line = openGate();
    const { uci } = passed(line);
    scan(line, uci);
    expect(
      typesAfter(line, () => expect(scan(line, uci)).toMatchObject({ result: 'SHIP', list: { count: 1 } })),
    ).toEqual([]);
    line.setClock(line.clock() + 3 * SECOND_MS);
    expect(
      typesAfter(line, () =>
        expect(scan(line, uci)).toMatchObject({ result: 'ALREADY', list: { id: LIST, count: 1 } }),
      ),
    ).toEqual([]);
  });

  it('knows a unit of another list, and never counts it on two', () => {
    const line = openGate();
    const { uci } = passed(line);
    scan(line, uci);
    setList(line, { id: 'PALLET-2' });
    const gate = station({ name: 'gate', mode: 'gate', shippingList: 'PALLET-2' });
    line.record({ kind: 'set-station', station: gate, actor: 'admin' });
    expect(scan(line, uci)).toMatchObject({ result: 'ALREADY', list: { id: LIST, count: 1 } });
    expect(line.seen.shippingList('PALLET-2')?.units).toBe(0);
  });

  it('stops a unit for each reason, and names all of them, the most serious first', () => {
    const line = openGate();
    const issued = line.record(device()).uci;
    expect(reasonsOf(line, issued)).toEqual(['not-verified']);
    scan(line, issued, 'default');
    report(line, issued, 'functional', 'failed');
    report(line, issued, 'hipot', 'error');
    report(line, issued, 'sound', 'passed');
    expect(scan(line, issued)).toMatchObject({
      result: 'STOP',
      reasonCode: 'test-failed',
      reason: 'test not passed: functional, hipot',
      reasons: [{ code: 'test-failed', detail: 'functional, hipot' }],
    });
    line.record({ kind: 'scrap', units: [{ uci: issued }], reason: 'test', actor: 'admin' });
    expect(reasonsOf(line, issued)).toEqual(['scrapped', 'test-failed']);
    line.record({ kind: 'void', units: [{ uci: issued }], reason: 'test', actor: 'admin' });
    expect(reasonsOf(line, issued)).toEqual(['void', 'scrapped', 'test-failed']);
    const made = line.record({
      kind: 'make',
      as: 'reserved',
      product: PRODUCT,
      count: 1,
      strict: false,
      actor: 'admin',
    });
    expect(reasonsOf(line, made.units[0]!.uci)).toEqual(['no-device']);
  });

  it('knows a void unit by its S/N, which another unit may have got', () => {
    const line = openGate();
    const { uci, serial } = passed(line);
    line.record({ kind: 'void', units: [{ uci }], reason: 'test', actor: 'admin' });
    expect(scan(line, serial.toLowerCase())).toMatchObject({ result: 'STOP', reasonCode: 'void', uci });
  });

  it('stops units that are not for sale', () => {
    const line = openGate();
    const shipped = (purpose: 'engineering' | 'sample'): string => {
      const order = workOrder({ id: purpose, planned: 9, purpose });
      line.record({ kind: 'set-work-order', workOrder: order, actor: 'admin' });
      const made = station({ mode: 'slot', next: 'auto', workOrders: { [PRODUCT]: purpose } });
      line.record({ kind: 'set-station', station: made, actor: 'admin' });
      return passed(line).uci;
    };
    expect(reasonsOf(line, shipped('engineering'))).toEqual(['engineering']);
    const sample = shipped('sample');
    expect(reasonsOf(line, sample)).toEqual(['sample-not-released']);
    line.record({ kind: 'release-sample', uci: sample, reason: 'approved', actor: 'person:lead' });
    expect(reasonsOf(line, sample)).toEqual(['SHIP']);
    const { uci } = line.record(device({ serial: 'GOLDEN-1' }));
    line.record({ kind: 'set-reference', uci, reference: true, actor: 'person:lead' });
    expect(reasonsOf(line, uci)).toEqual(['not-verified', 'sample-not-released', 'reference']);
  });

  it('asks for what the product asks for before a unit is released', () => {
    const line = openGate();
    line.record({ kind: 'set-product', product: product({ id: 'PRE', claiming: 'pre' }), actor: 'admin' });
    const { uci } = line.record(agent({ product: 'PRE' }, { station: 'default' }));
    expect(reasonsOf(line, uci)).toEqual(['not-registered']);
  });

  it('stops units of another product or another work order, and one that is too many', () => {
    const line = openGate({ workOrder: undefined, target: 1 });
    line.record({ kind: 'set-work-order', workOrder: workOrder({ planned: 9 }), actor: 'admin' });
    setList(line, { id: 'ORDERED', workOrder: 'WO-1' });
    setList(line, { id: 'OTHER', product: PRODUCT });
    const gates = { ordered: 'ORDERED', other: 'OTHER' };
    for (const [name, shippingList] of Object.entries(gates))
      line.record({ kind: 'set-station', station: station({ name, mode: 'gate', shippingList }), actor: 'admin' });
    const [first, second] = [passed(line), passed(line)];
    expect(scan(line, first.uci, 'ordered')).toMatchObject({ result: 'STOP', reasonCode: 'wrong-order' });
    expect(scan(line, first.uci)).toMatchObject({ result: 'SHIP' });
    expect(scan(line, second.uci)).toMatchObject({
      result: 'STOP',
      reasonCode: 'list-full',
      list: { count: 1, target: 1 },
    });
    line.record({ kind: 'set-product', product: product({ id: 'P2' }), actor: 'admin' });
    const { uci } = line.record(agent({ product: 'P2' }));
    expect(scan(line, uci, 'other')).toMatchObject({ result: 'STOP', reasonCode: 'not-verified' });
    scan(line, uci, 'default');
    expect(scan(line, uci, 'other')).toMatchObject({ result: 'STOP', reasonCode: 'wrong-product' });
  });

  it('stops everything without a list, and with a closed one', () => {
    const line = openGate();
    const { uci } = passed(line);
    line.record({ kind: 'close-shipping-list', list: LIST, actor: 'admin' });
    expect(reasonsOf(line, uci)).toEqual(['list-closed']);
    line.record({ kind: 'set-station', station: station({ name: 'gate', mode: 'gate' }), actor: 'admin' });
    expect(reasonsOf(line, uci)).toEqual(['no-list']);
  });

  it('stops a shipped unit that is no longer in order, and leaves it on its list', () => {
    const line = openGate();
    const { uci } = passed(line);
    scan(line, uci);
    report(line, uci, 'functional', 'failed');
    expect(reasonsOf(line, uci)).toEqual(['test-failed']);
    expect(line.seen.shippingList(LIST)?.units).toBe(1);
  });

  it('records a STOP once for a unit, a reason and a day', () => {
    const line = openGate();
    const { uci } = line.record(device());
    expect(typesAfter(line, () => scan(line, uci))).toEqual(['ship-stopped']);
    expect(typesAfter(line, () => scan(line, uci))).toEqual([]);
    report(line, uci, 'functional', 'failed');
    expect(typesAfter(line, () => scan(line, uci))).toEqual(['ship-stopped']);
    report(line, uci, 'functional', 'passed');
    expect(typesAfter(line, () => scan(line, uci))).toEqual([]);
    line.setClock(line.clock() + DAY_MS);
    expect(typesAfter(line, () => scan(line, uci))).toEqual(['ship-stopped']);
    expect(line.events.at(-1)).toMatchObject({ station: 'gate', data: { reason: 'not-verified', list: LIST } });
  });

  it('answers a scan that names no single unit, and records nothing', () => {
    const line = openGate();
    const { uci, serial } = passed(line, { mac: 'A4:C1:38:AA:00:01' });
    const other = passed(line, { mac: 'A4:C1:38:AA:00:02' });
    const codes = ['0123456789', 'A4:C1:38:AA:00:01', uci.slice(0, 7)];
    const before = line.events.length;
    const answers = codes.map((code) => scan(line, code));
    expect(answers.map((answer) => 'reasonCode' in answer && answer.reasonCode)).toEqual([
      'not-ours',
      'device-code',
      'scan-again',
    ]);
    expect(line.events).toHaveLength(before);
    expect(scan(line, `${uci}\n${serial}`)).toMatchObject({ result: 'SHIP', uci });
    expect(scan(line, `${uci}\n${other.uci}`)).toMatchObject({ result: 'STOP', reasonCode: 'two-labels' });
  });

  it('gives devices nothing, and arms nothing', () => {
    const line = openGate();
    const before = line.events.length;
    expect(refusal(() => line.record(device({}, { station: 'gate' })))).toBe('gate-station');
    const { uci } = passed(line);
    expect(refusal(() => line.record({ kind: 'arm', station: 'gate', code: uci, reason: 'rework', actor: 'a' }))).toBe(
      'gate-station',
    );
    expect(refusal(() => line.record({ kind: 'next', station: 'gate', actor: 'a' }))).toBe('gate-station');
    expect(refusal(() => line.record({ kind: 'verify', station: 'gate', label: uci, device: uci, actor: 'a' }))).toBe(
      'gate-station',
    );
    expect(line.events.slice(before).map(({ type }) => type)).toEqual(['issued', 'verified']);
  });
});

describe('a shipping list', () => {
  it('lets a unit go back with a reason, which may be shipped again', () => {
    const line = openGate({ target: 1 });
    const { uci } = passed(line);
    scan(line, uci);
    expect(line.record({ kind: 'unship', uci, reason: 'carton damaged', actor: 'person:lead' })).toEqual({
      list: LIST,
      count: 0,
    });
    expect(refusal(() => line.record({ kind: 'unship', uci, reason: 'again', actor: 'person:lead' }))).toBe(
      'not-shipped',
    );
    expect(scan(line, uci)).toMatchObject({ result: 'SHIP', list: { count: 1 } });
    expect(rebuild(line.lines).units).toEqual(line.tables.units);
  });

  it('keeps its units once it is closed, and closes once', () => {
    const line = openGate();
    const { uci } = passed(line);
    scan(line, uci);
    line.record({ kind: 'close-shipping-list', list: LIST, actor: 'admin' });
    expect(refusal(() => line.record({ kind: 'close-shipping-list', list: LIST, actor: 'a' }))).toBe(
      'shipping-list-closed',
    );
    expect(refusal(() => line.record({ kind: 'unship', uci, reason: 'x', actor: 'a' }))).toBe('shipping-list-closed');
    expect(refusal(() => setList(line, { target: 99 }))).toBe('shipping-list-closed');
  });

  it('with units keeps its product and its work order, and a target that they fit into', () => {
    const line = openGate({ target: 5 });
    for (const { uci } of [passed(line), passed(line)]) scan(line, uci);
    expect(refusal(() => setList(line, { target: 5, product: PRODUCT }))).toBe('shipping-list-started');
    expect(refusal(() => setList(line, { target: 1 }))).toBe('shipping-list-started');
    expect(typesAfter(line, () => setList(line, { target: 5 }))).toEqual([]);
    expect(typesAfter(line, () => setList(line, { target: 2 }))).toEqual(['shipping-list-set']);
  });
});

describe('results of tests', () => {
  it('count by procedure: the result that was recorded last', () => {
    const line = openGate();
    const { uci } = passed(line);
    report(line, uci, 'functional', 'failed');
    report(line, uci, 'functional', 'passed');
    expect(scan(line, uci)).toMatchObject({ result: 'SHIP' });
  });

  it('are cleared when a device gets its unit again for rework, and not before', () => {
    const line = openGate();
    const { uci } = passed(line);
    report(line, uci, 'functional', 'failed');
    line.record({ kind: 'arm', station: 'default', code: uci, reason: 'rework', actor: 'admin' });
    expect(line.seen.unit(uci)?.extra?.tests).toBeDefined();
    line.record(device());
    expect(line.seen.unit(uci)?.extra).toBeUndefined();
    expect(rebuild(line.lines).units).toEqual(line.tables.units);
  });

  it('of too many procedures are refused, and those of an ended unit', () => {
    const line = openGate();
    const { uci } = passed(line);
    for (let i = 0; i < 50; i++) report(line, uci, `test-${i}`, 'passed');
    expect(refusal(() => report(line, uci, 'one-more', 'passed'))).toBe('too-many-procedures');
    report(line, uci, 'test-7', 'failed');
    line.record({ kind: 'void', units: [{ uci }], reason: 'test', actor: 'admin' });
    expect(refusal(() => report(line, uci, 'test-7', 'passed'))).toBe('unit-ended');
  });
});

describe('a returned unit', () => {
  const receive = (line: MapLedger, uci: string) =>
    line.record({ kind: 'return-unit', uci, rma: 'RMA-7', reason: 'dead', disposition: 'rework', actor: 'person:qa' });

  it('leaves again on another list after its return is closed and it is verified, and stays on its first list', () => {
    const line = openGate();
    const { uci } = passed(line);
    report(line, uci, 'functional', 'passed');
    scan(line, uci);
    receive(line, uci);
    expect(line.seen.unit(uci)?.extra?.tests).toBeUndefined();
    expect(scan(line, uci)).toMatchObject({
      result: 'STOP',
      reasons: [{ code: 'return-open', detail: 'RMA-7' }, { code: 'not-verified' }],
    });
    line.record({ kind: 'arm', station: 'default', code: uci, reason: 'rework', actor: 'admin' });
    line.record(device());
    scan(line, uci, 'default');
    line.record({ kind: 'close-return', uci, how: 'shipped', actor: 'person:qa' });
    setList(line, { id: 'PALLET-2' });
    const gate = station({ name: 'gate', mode: 'gate', shippingList: 'PALLET-2' });
    line.record({ kind: 'set-station', station: gate, actor: 'admin' });
    expect(scan(line, uci)).toMatchObject({ result: 'SHIP', list: { id: 'PALLET-2', count: 1 } });
    expect(line.seen.shippingList(LIST)?.units).toBe(1);
    expect(rebuild(line.lines).units).toEqual(line.tables.units);
  });

  it('counts as shipped in the figures of its order, as in its first life', () => {
    const line = openGate();
    const { uci } = passed(line);
    scan(line, uci);
    const figuresOf = () =>
      tally(counted([line.tables.units.get(uci)!], []).units, [], { productOf: () => product(), orderOf: () => ({}) })
        .shipped;
    expect(figuresOf()).toBe(1);
    receive(line, uci);
    expect(figuresOf()).toBe(1);
  });
});
