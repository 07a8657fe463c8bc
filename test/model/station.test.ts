import { describe, expect, test } from 'vitest';
import { advanceStation } from '../../src/model/advance.ts';
import type { EventData, EventType } from '../../src/model/event-data.ts';
import type { Event } from '../../src/model/event.ts';
import {
  agentActor,
  blocks,
  isBusy,
  isCidr,
  newStation,
  plainAddress,
  StationDefinition,
  type Station,
} from '../../src/model/station.ts';

const UCI = 'JT08FFQXWQ';
const OTHER = '0123456789';

const event = (type: EventType, uci = UCI, data: Partial<EventData['armed']> = {}): Event =>
  ({ seq: 1, at: 0, type, uci, actor: agentActor('10.0.0.7'), station: 'nest-1', data }) as Event;

const station = (settings: Partial<StationDefinition> = {}): Station =>
  newStation(StationDefinition.parse({ name: 'nest-1', mode: 'slot', ...settings }));

const after = (start: Station, ...events: Event[]): Station => events.reduce(advanceStation, start);

describe('a slot', () => {
  const open = after(station(), event('issued'));

  test('opens with the unit that is issued there, for the address that asked', () => {
    expect(open.slot).toEqual({ state: 'open', uci: UCI, source: '10.0.0.7' });
  });

  test('closes when its unit is verified, and Next empties it', () => {
    const closed = after(open, event('verified'));
    expect(closed.slot).toEqual({ state: 'closed', uci: UCI, source: '10.0.0.7' });
    expect(after(closed, event('next')).slot).toEqual({ state: 'ready' });
  });

  test('is ready at once after a PASS where the station goes on by itself', () => {
    const automatic = after(station({ next: 'auto' }), event('issued'), event('verified'));
    expect(automatic.slot).toEqual({ state: 'ready' });
  });

  test('opens again for the same device', () => {
    expect(after(open, event('verified'), event('same-device')).slot).toEqual(open.slot);
  });

  test('stays as it is when another unit is verified, or a scan fails', () => {
    expect(after(open, event('verified', OTHER)).slot).toEqual(open.slot);
    expect(after(open, event('verify-failed')).slot).toEqual(open.slot);
  });

  test('is not there in open mode', () => {
    expect(after(station({ mode: 'open' }), event('issued')).slot).toEqual({ state: 'ready' });
  });
});

describe('an armed station', () => {
  const armed = after(station({ mode: 'open' }), event('armed', UCI, { reason: 'label' }));

  test('names its unit and why, until that unit is given out or the operator cancels', () => {
    expect(armed.armed).toEqual({ uci: UCI, reason: 'label' });
    expect(after(armed, event('issued')).armed).toBeUndefined();
    expect(after(armed, event('disarmed')).armed).toBeUndefined();
  });

  test('keeps its unit when another one is given out there', () => {
    expect(after(armed, event('issued', OTHER)).armed).toEqual(armed.armed);
  });
});

test('a station is busy while a unit is open or armed there, and no longer', () => {
  expect(isBusy(station())).toBe(false);
  expect(isBusy(after(station(), event('issued')))).toBe(true);
  expect(isBusy(after(station(), event('issued'), event('verified')))).toBe(false);
  expect(isBusy(after(station(), event('armed', UCI, { reason: 'label' })))).toBe(true);
});

describe('a source', () => {
  test.each(['10.0.8.0/24', '10.0.8.7', '0.0.0.0/0', '10.0.8.7/32', '::1', '2001:db8::/32', 'fe80::1/128'])(
    'may be %s',
    (text) => {
      expect(isCidr(text)).toBe(true);
      expect(() => blocks([text])).not.toThrow();
    },
  );

  test.each([
    '10.0.8.0/33',
    '10.0.8',
    '10.0.8.0/',
    '10.0.8.0/24/1',
    '::1/129',
    'localhost',
    '',
    '/24',
    '10.0.8.0/-1',
    '10.0.8.0/ 8',
  ])('may not be "%s"', (text) => {
    expect(isCidr(text)).toBe(false);
  });

  test('is found in its block, also when the socket speaks IPv6', () => {
    const holds = blocks(['10.0.8.0/24', '2001:db8::/32']);
    expect(holds('10.0.8.200')).toBe(true);
    expect(holds('::ffff:10.0.8.200')).toBe(true);
    expect(holds('::FFFF:10.0.8.200')).toBe(true);
    expect(holds('2001:db8::7')).toBe(true);
    expect(holds('10.0.9.1')).toBe(false);
    expect(holds('2001:db9::7')).toBe(false);
    expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(plainAddress('2001:db8::7')).toBe('2001:db8::7');
  });

  test('that is no address is in no block', () => {
    for (const address of ['', 'unknown', '10.0.8']) expect(blocks(['0.0.0.0/0', '::/0'])(address)).toBe(false);
  });
});
