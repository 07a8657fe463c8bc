import { describe, expect, test } from 'vitest';
import { inFirstLife, openReturn } from '../../../src/model/returns/lives.ts';
import { partOf } from '../../../src/decide/reconcile.ts';
import type { Unit } from '../../../src/model/unit.ts';
import { closingOf } from '../../support/closing.ts';
import { device, openLine, PRODUCT, refusal, station, type MapLedger } from '../../support/map-ledger.ts';

const PRINTER = { name: 'P', kind: 'file', folder: '/tmp', format: 'zpl', dpi: 203 } as const;
const actor = 'admin';
const arm = (line: MapLedger, code: string) =>
  line.record({ kind: 'arm', station: 'default', code, reason: 'rework', actor });
const cancel = (line: MapLedger) => line.record({ kind: 'cancel', station: 'default', actor });
const verify = (line: MapLedger, uci: string) => line.record({ kind: 'verify', station: 'default', label: uci, actor });
const receive = (line: MapLedger, uci: string, rma = 'RMA-1') =>
  line.record({ kind: 'return-unit', uci, rma, reason: 'no power', disposition: 'rework', actor });
const close = (line: MapLedger, uci: string) => line.record({ kind: 'close-return', uci, how: 'shipped', actor });
const end = (line: MapLedger, kind: 'void' | 'scrap', uci: string) =>
  line.record({ kind, units: [{ uci }], reason: 'test', actor });
const unitOf = (line: MapLedger, uci: string): Unit => line.seen.unit(uci)!;
const partIn = (line: MapLedger, uci: string) => partOf(inFirstLife(unitOf(line, uci)), { claiming: 'user' });

/** A line that issued and verified a unit, for the work order W if `order` is set. */
function released(order?: 'W'): { line: MapLedger; uci: string } {
  const line = openLine({ station: { mode: 'slot', next: 'auto' } });
  if (order) {
    const workOrder = { id: order, product: PRODUCT, planned: 1, overIssue: 'warn' } as const;
    line.record({ kind: 'set-work-order', workOrder, actor });
    const workOrders = { [PRODUCT]: order };
    line.record({ kind: 'set-station', station: station({ mode: 'slot', next: 'auto', workOrders }), actor });
  }
  line.record({ kind: 'set-printer', printer: PRINTER, actor });
  const { uci } = line.record(device({ serial: 'A1' }));
  verify(line, uci);
  return { line, uci };
}

function closed(): { line: MapLedger; uci: string } {
  const made = released('W');
  const { line, uci } = made;
  line.record({ kind: 'begin-closing', workOrder: 'W', process: 'p', actor });
  line.record(closingOf(line, 'W'));
  expect(line.seen.workOrder('W')?.closed).toBeDefined();
  return { line, uci };
}

describe('cancelling an arming', () => {
  test('makes a withdrawn PASS valid again, with its first time', () => {
    const { line, uci } = released();
    const before = unitOf(line, uci);
    arm(line, uci);
    expect(unitOf(line, uci).facts.verified).toBeUndefined();
    cancel(line);
    expect({ ...unitOf(line, uci), lastSeq: 0 }).toEqual({ ...before, lastSeq: 0 });
  });

  test('restores nothing after a new label was queued', () => {
    const { line, uci } = released();
    arm(line, uci);
    line.record({ kind: 'print', uci, printer: 'P', copies: 1, reason: 'damaged', actor });
    cancel(line);
    expect(unitOf(line, uci).facts.verified).toBeUndefined();
    expect(unitOf(line, uci).extra).toBeUndefined();
  });

  test('is no longer possible once a device got the unit, and nothing is kept', () => {
    const { line, uci } = released();
    arm(line, uci);
    line.record(device({ serial: 'A1' }));
    cancel(line);
    expect(unitOf(line, uci).facts.verified).toBeUndefined();
    expect(unitOf(line, uci).extra).toBeUndefined();
  });
});

describe('a return', () => {
  test('begins another life: the device keeps its ID, and must be verified again', () => {
    const { line, uci } = released();
    const { facts } = unitOf(line, uci);
    receive(line, uci);
    expect(unitOf(line, uci).facts).toEqual({ issued: facts.issued });
    expect(inFirstLife(unitOf(line, uci)).facts).toEqual(facts);
    expect(openReturn(unitOf(line, uci))).toMatchObject({ rma: 'RMA-1', reason: 'no power', disposition: 'rework' });
  });

  test('leaves the unit released in its work order, also after the unit was scrapped', () => {
    const { line, uci } = released('W');
    receive(line, uci);
    expect(partIn(line, uci)).toBe('released');
    end(line, 'scrap', uci);
    expect(partIn(line, uci)).toBe('released');
    expect(line.seen.workOrder('W')?.units).toBe(1);
    expect(unitOf(line, uci).extra?.return?.closed?.how).toBe('scrapped');
  });

  test('of the same device twice is received once, and under another RMA is refused', () => {
    const { line, uci } = released();
    receive(line, uci);
    const { length } = line.events;
    receive(line, uci);
    expect(line.events).toHaveLength(length);
    expect(refusal(() => receive(line, uci, 'RMA-2'))).toBe('return-open');
    close(line, uci);
    receive(line, uci, 'RMA-2');
    expect(unitOf(line, uci).extra?.lives).toHaveLength(2);
  });

  test('cancels the arming of the former life, whose PASS is valid in it', () => {
    const { line, uci } = released();
    arm(line, uci);
    receive(line, uci);
    expect(line.seen.station('default')?.armed).toBeUndefined();
    expect(partIn(line, uci)).toBe('released');
  });

  test('is refused for a label without a device, for an ended unit, and for a unit in a nest', () => {
    const line = openLine({ station: { mode: 'slot', next: 'auto' } });
    const { uci } = line.record({ kind: 'make', as: 'reserved', product: PRODUCT, count: 1, strict: false, actor })
      .units[0]!;
    expect(refusal(() => receive(line, uci))).toBe('not-returnable');
    end(line, 'void', uci);
    expect(refusal(() => receive(line, uci))).toBe('unit-ended');
    const open = line.record(device({ serial: 'B1' }));
    expect(refusal(() => receive(line, open.uci))).toBe('station-busy');
  });

  test('can be closed once', () => {
    const { line, uci } = released();
    expect(refusal(() => close(line, uci))).toBe('return-closed');
    receive(line, uci);
    close(line, uci);
    expect(openReturn(unitOf(line, uci))).toBeUndefined();
    expect(refusal(() => close(line, uci))).toBe('return-closed');
  });

  test('marks the events of rework with its RMA', () => {
    const { line, uci } = released();
    receive(line, uci);
    const { length } = line.events;
    arm(line, uci);
    line.record(device({ serial: 'A1' }));
    line.record({ kind: 'print', uci, printer: 'P', copies: 1, actor });
    verify(line, uci);
    const rework = line.events.slice(length);
    expect(rework.map(({ type }) => type)).toEqual(['armed', 'issued', 'print-queued', 'verified']);
    for (const event of rework) expect(event.data).toMatchObject({ rma: 'RMA-1' });
    expect(unitOf(line, uci).facts.verified).toBeDefined();
  });
});

describe('a unit of a closed work order', () => {
  test('is armed only after its return', () => {
    const { line, uci } = closed();
    expect(refusal(() => arm(line, uci))).toBe('return-first');
    receive(line, uci);
    arm(line, uci);
    cancel(line);
    close(line, uci);
    expect(refusal(() => arm(line, uci))).toBe('return-first');
  });
});
