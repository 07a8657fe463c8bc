import { expect, test } from 'vitest';
import { openShiftCount, SLICE_MS } from '../../src/decide/shift-figures.ts';
import type { Event } from '../../src/model/event.ts';

const FROM = Date.UTC(2026, 10, 26, 6);
const SHIFT = { from: FROM, to: FROM + 8 * 3_600_000 };

let seq = 0;
function event(type: string, uci: string, minutes: number, more: object = {}): Event {
  const at = FROM + minutes * 60_000;
  return { seq: ++seq, at, type, uci, actor: 'admin', station: 'line-1', data: {}, ...more } as unknown as Event;
}

function counted(events: Event[], leftOut?: ReadonlyMap<string, 'sample'>) {
  const count = openShiftCount(SHIFT, leftOut);
  for (const one of events) count.add(one);
  return count.result();
}

test('a station counts units that passed, scans that failed, and labels printed again', () => {
  const { stations } = counted([
    event('issued', 'A', 1),
    event('verify-failed', 'A', 2),
    event('print-queued', 'A', 3, { data: { reprint: 'torn', copies: 2, printer: 'zebra-1' } }),
    event('verified', 'A', 4),
    event('issued', 'B', 12),
    event('verified', 'B', 13),
  ]);
  expect(stations).toEqual([
    {
      station: 'line-1',
      issued: 2,
      passed: 2,
      failed: 1,
      reprinted: 2,
      firstScans: { units: 2, passed: 1 },
      lastAt: FROM + 13 * 60_000,
      slices: [
        [0, 1, 1],
        [1, 1, 0],
      ],
    },
  ]);
});

test('a unit that passes again counts once, and its slice is the first one', () => {
  const { stations } = counted([event('verified', 'A', 1), event('verified', 'A', 31)]);
  expect(stations[0]?.passed).toBe(1);
  expect(stations[0]?.slices).toEqual([[0, 1, 0]]);
});

test('events with a clock that was set back count in their own slice', () => {
  const { stations } = counted([event('verified', 'A', 25), event('verified', 'B', 5), event('verified', 'C', 26)]);
  expect(stations[0]?.slices).toEqual([
    [2, 2, 0],
    [0, 1, 0],
  ]);
  expect(SLICE_MS).toBe(600_000);
});

test('samples, returned units and events without a station are left out', () => {
  const { stations } = counted(
    [
      event('verified', 'SAMPLE', 1),
      event('verified', 'A', 1, { data: { rma: 'RMA-1' } }),
      event('issued', 'B', 1, { station: undefined }),
    ],
    new Map([['SAMPLE', 'sample']]),
  );
  expect(stations).toEqual([]);
});

test('work orders count the units that devices got', () => {
  const { orders } = counted([
    event('issued', 'A', 1, { workOrder: 'WO-1' }),
    event('issued', 'B', 1, { workOrder: 'WO-1' }),
    event('issued', 'C', 1),
  ]);
  expect(orders).toEqual([{ workOrder: 'WO-1', issued: 2 }]);
});
