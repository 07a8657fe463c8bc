import { describe, expect, it } from 'vitest';
import {
  device,
  openLine,
  PRODUCT,
  printer,
  rebuild,
  refusal,
  workOrder,
  type MapLedger,
} from '../support/map-ledger.ts';

/* Removal of stations, printers and work orders. */

const actor = 'person:ines';
const NAME = 'line-1';

const remove = {
  station: (line: MapLedger) => line.record({ kind: 'remove-station', name: NAME, actor }),
  printer: (line: MapLedger) => line.record({ kind: 'remove-printer', name: 'Z', actor }),
  order: (line: MapLedger) => line.record({ kind: 'remove-work-order', id: 'WO', actor }),
};
const change = (line: MapLedger, settings: object): unknown =>
  line.record({ kind: 'set-station', merge: true, station: { name: NAME, ...settings }, actor });
/** A line with a printer and a work order. */
const furnished = (): MapLedger => {
  const line = openLine({ station: { name: NAME, mode: 'slot' } });
  line.record({ kind: 'set-printer', printer: printer({ name: 'Z' }), actor });
  line.record({ kind: 'set-work-order', workOrder: workOrder({ id: 'WO' }), actor });
  return line;
};
const types = (line: MapLedger): string[] => line.events.map(({ type }) => type);

it('what a station uses is kept until the station uses something else', () => {
  const line = furnished();
  change(line, { printer: 'Z', workOrders: { [PRODUCT]: 'WO' } });
  expect(refusal(() => remove.printer(line))).toBe('printer-in-use');
  expect(refusal(() => remove.order(line))).toBe('work-order-in-use');
  change(line, { printer: null, workOrders: null });
  remove.printer(line);
  remove.order(line);
  remove.station(line);
  expect(types(line).slice(-3)).toEqual(['printer-removed', 'work-order-removed', 'station-removed']);
  const left = [line.seen.printer('Z'), line.seen.workOrder('WO'), line.seen.station(NAME), ...line.seen.stations()];
  expect(left).toEqual([undefined, undefined, undefined]);
  for (const one of Object.values(remove)) expect(refusal(() => one(line))).toBe('not-found');
  expect(rebuild(line.lines).stations).toEqual(line.tables.stations);
});

it('a station that is set again begins anew', () => {
  const line = furnished();
  remove.station(line);
  change(line, {});
  expect(line.seen.station(NAME)).toMatchObject({ name: NAME, slot: { state: 'ready' } });
  expect(line.seen.station(NAME)).not.toHaveProperty('removed');
});

it('a station that holds a unit is kept', () => {
  const line = furnished();
  line.record(device({}, { station: NAME }));
  expect(refusal(() => remove.station(line))).toBe('station-in-use');
  line.record({ kind: 'next', station: NAME, actor });
  remove.station(line);
});

it('the key of a station ends with it', () => {
  const line = furnished();
  const hash = new Uint8Array(32).fill(1);
  line.record({ kind: 'set-station-key', station: NAME, hash, overlapMs: 0, actor });
  remove.station(line);
  expect(types(line).slice(-2)).toEqual(['station-key-set', 'station-removed']);
  expect(line.seen.credential(hash)).toBeUndefined();
});

it('the station for unknown devices is kept', () => {
  const line = openLine();
  expect(refusal(() => line.record({ kind: 'remove-station', name: 'default', actor }))).toBe('station-in-use');
});

describe('a work order', () => {
  it('that has or had a unit is kept', () => {
    const line = furnished();
    change(line, { workOrders: { [PRODUCT]: 'WO' } });
    const { uci } = line.record(device({}, { station: NAME }));
    line.record({ kind: 'next', station: NAME, actor });
    change(line, { workOrders: null });
    expect(refusal(() => remove.order(line))).toBe('work-order-in-use');
    line.record({ kind: 'void', units: [{ uci }], reason: 'test', actor });
    expect(line.seen.workOrder('WO')?.units).toBe(0);
    expect(refusal(() => remove.order(line))).toBe('work-order-in-use');
  });
});
