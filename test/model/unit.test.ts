import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanceUnit } from '../../src/model/advance.ts';
import type { EventData, EventType } from '../../src/model/event-data.ts';
import type { Event } from '../../src/model/event.ts';
import { ENDS, FACTS, isDelivered, isEnded, statusOf, type Fact, type Unit } from '../../src/model/unit.ts';

const unit = (facts: Unit['facts']): Unit => ({
  id: 1,
  uci: 'JT08FFQXWQ',
  product: 'P1',
  facts,
  labels: 0,
  lastSeq: 1,
});

const event = <T extends EventType>(type: T, seq: number, data: Partial<EventData[T]> = {}): Event =>
  ({ seq, at: 1000 * seq, type, uci: 'JT08FFQXWQ', actor: 'admin', data: { product: 'P1', ...data } }) as Event;

/** The unit after events of these types, in this order. */
const after = (types: EventType[]): Unit =>
  types.reduce<Unit | undefined>((made, type, i) => advanceUnit(made, event(type, i + 1)), undefined) as Unit;

describe('the status of a unit', () => {
  test('is the furthest fact that stands, whatever the order in which the facts came', () => {
    const everyFact: Fact[] = [...FACTS, ...ENDS];
    fc.assert(
      fc.property(fc.shuffledSubarray(everyFact, { minLength: 1 }), (facts) => {
        const status = statusOf(unit(Object.fromEntries(facts.map((fact, i) => [fact, i + 1]))));
        const ends = ENDS.filter((end) => facts.includes(end));
        expect(status).toBe(ends[0] ?? FACTS.findLast((fact) => facts.includes(fact)));
      }),
    );
  });

  test('is the same however its events are ordered, and an end wins', () => {
    const types: EventType[] = ['issued', 'identified', 'verified', 'void', 'scrapped', 'verify-failed'];
    const furthest: [EventType, Fact][] = [
      ['void', 'void'],
      ['scrapped', 'scrapped'],
      ['verified', 'verified'],
      ['issued', 'issued'],
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(types, { minLength: 1 }), (order) => {
        const expected = furthest.find(([type]) => order.includes(type))?.[1] ?? 'reserved';
        expect(statusOf(after(['reserved', ...order]))).toBe(expected);
      }),
    );
  });

  test('goes back to issued when the device is brought back for rework, until the label is scanned again', () => {
    const issued = after(['issued', 'verified']);
    expect(statusOf(issued)).toBe('verified');
    const reworked = advanceUnit(issued, event('armed', 3, { reason: 'rework' }));
    expect(statusOf(reworked)).toBe('issued');
    expect(isDelivered(reworked)).toBe(false);
    expect(statusOf(advanceUnit(reworked, event('verified', 4)))).toBe('verified');
  });

  test('stays when a pre-printed label is armed and disarmed', () => {
    let reserved = after(['reserved']);
    reserved = advanceUnit(reserved, event('armed', 2, { reason: 'label' }));
    reserved = advanceUnit(reserved, event('disarmed', 3));
    expect(statusOf(reserved)).toBe('reserved');
  });
});

describe('a unit', () => {
  test('is made by its first event and keeps its number, its Claim ID and its product', () => {
    const made = advanceUnit(undefined, event('reserved', 7, { reservation: 'roll-1', serial: '264800001' }));
    expect(made).toEqual({
      id: 7,
      uci: 'JT08FFQXWQ',
      product: 'P1',
      serial: '264800001',
      reservation: 'roll-1',
      facts: { reserved: 7000 },
      labels: 0,
      lastSeq: 7,
    });
    const issued = advanceUnit(made, { ...event('issued', 9), station: 'nest-1', workOrder: 'WO-1' });
    expect(issued).toMatchObject({ id: 7, issuedSeq: 9, lastSeq: 9, station: 'nest-1', workOrder: 'WO-1' });
    expect(issued.facts).toEqual({ reserved: 7000, issued: 9000 });
  });

  test('keeps the time of its first issue and names the event of its last', () => {
    const twice = after(['issued', 'armed', 'issued']);
    expect(twice.facts.issued).toBe(1000);
    expect(twice.issuedSeq).toBe(3);
  });

  test('of an earlier moment is left as it was', () => {
    const before = after(['issued']);
    const copy = structuredClone(before);
    advanceUnit(before, event('void', 2));
    expect(before).toEqual(copy);
  });

  test('has to be scanned again when another label leaves for it, however long that one waited', () => {
    const sending = (seq: number): Event => event('print-moved', seq, { job: 1, state: 'sending', copies: 1 });
    const first = advanceUnit(advanceUnit(after(['issued']), sending(2)), event('verified', 3));
    expect(first).toMatchObject({ labels: 1, facts: { verified: 3000 } });
    const again = advanceUnit(first, sending(4));
    expect(again.labels).toBe(2);
    expect(again.facts.verified).toBeUndefined();
  });

  test('has ended once it is void or scrapped, and is delivered once verified or registered', () => {
    expect(isEnded(after(['issued', 'verified']))).toBe(false);
    expect(isEnded(after(['issued', 'void']))).toBe(true);
    expect(isEnded(after(['issued', 'scrapped']))).toBe(true);
    expect(isDelivered(after(['issued']))).toBe(false);
    expect(isDelivered(unit({ issued: 1, printed: 2, reported: 3 }))).toBe(false);
    expect(isDelivered(unit({ issued: 1, registered: 2 }))).toBe(true);
    expect(isDelivered(after(['issued', 'verified']))).toBe(true);
  });
});
