import { expect, test } from 'vitest';
import { readEvent } from '../../src/model/event-check.ts';
import { lineOf, type EventLine } from '../../src/model/event.ts';

const UCI = 'JT08FFQXWQ';
const line = (
  type: string,
  data: EventLine['data'],
  of: Partial<EventLine> = { uci: UCI, station: 'nest-1' },
): string => lineOf({ seq: 3, at: 0, type, actor: 'admin', data, ...of });

const copies = { printer: 'P', copies: 1, firstCopy: 1 };

test.each<[string, string, EventLine['data'], Partial<EventLine>?]>([
  ['a type that nobody knows', 'exploded', {}],
  ["a type that is a member of every object's prototype", 'constructor', {}],
  ['no unit', 'issued', { product: 'P1' }, {}],
  ['no station', 'armed', { reason: 'label' }, { uci: UCI }],
  ['no work order', 'work-order-reopened', { reason: 'r' }, {}],
  ['an S/N that is a number', 'issued', { product: 'P1', serial: 7 }],
  ['a product that is a list', 'reserved', { product: ['P1'] }],
  ['an identity that is a text', 'issued', { product: 'P1', identity: 'mac' }],
  ['an identity of numbers', 'identified', { identity: [1] }],
  ['an outcome that is none', 'registered', { outcome: 'perhaps' }],
  ['copies that are no number', 'print-queued', { ...copies, copies: '1' }],
  ['a print job without its number', 'printed', copies],
  ['a state that no job moves to', 'print-moved', { ...copies, job: 1, state: 'done' }],
  ['a product without an id', 'product-set', { claimIdLength: 10 }],
  ['a station without a name', 'station-set', {}],
  ['a work order without a product', 'work-order-set', { id: 'WO-1' }],
  ['no figures', 'work-order-closed', { signedOff: [] }, { workOrder: 'WO-1' }],
  [
    'units signed off without a reason',
    'work-order-closed',
    { figures: { parts: {}, facts: {}, labels: {} }, signedOff: [{ units: [UCI] }] },
    { workOrder: 'WO-1' },
  ],
])('an event with %s is refused', (_what, type, data, of) => {
  expect(() => readEvent(line(type, data, of))).toThrow(/event 3/);
});

test('an event is read as it was written, members that a later version adds included', () => {
  expect(readEvent(line('void', { reason: 'label-damaged', later: [1] }))).toMatchObject({
    type: 'void',
    uci: UCI,
    data: { reason: 'label-damaged', later: [1] },
  });
});
