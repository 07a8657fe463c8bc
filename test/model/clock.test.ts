import { describe, expect, it } from 'vitest';
import { judgeClock, medianOf, RELEASED_AT } from '../../src/model/clock.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const NOON = Date.UTC(2027, 4, 5, 12);
const none = { first: undefined, median: undefined, accepted: undefined };
const since = (median: number, first = Date.UTC(2027, 0, 1)) => ({ first, median, accepted: undefined });

describe('the clock', () => {
  it.each([
    ['of a new ledger', NOON, none, { date: NOON }],
    ['after the last events', NOON, since(NOON - DAY), { date: NOON }],
    ['a second behind them', NOON, since(NOON + 1000), { date: NOON + 1000 }],
    ['an hour behind them', NOON, since(NOON + HOUR), { date: NOON + HOUR, behindMs: HOUR }],
    ['a day behind them', NOON, since(NOON + DAY), { date: NOON + DAY, behindMs: DAY }],
    ['right again after events of 1970', NOON, since(5 * HOUR), { date: NOON }],
    ['right again after events of 2000', NOON, since(Date.UTC(2000, 0, 1)), { date: NOON }],
    [
      'right again on a ledger that began in 2099',
      NOON,
      since(Date.UTC(2099, 0, 1), Date.UTC(2099, 0, 1)),
      { date: NOON },
    ],
    ['four years after the last events', NOON + 4 * YEAR, since(NOON), { date: NOON + 4 * YEAR }],
  ])('%s is used', (_, now, times, expected) => expect(judgeClock(now, times)).toEqual(expected));

  it.each([
    ['in 1970', 0, none, 'beforeRelease'],
    ['in 2000, on a ledger of today', Date.UTC(2000, 0, 1), since(NOON), 'beforeRelease'],
    ['a day before the release', RELEASED_AT - DAY, none, 'beforeRelease'],
    ['more than a day behind the last events', NOON, since(NOON + DAY + 1), 'behind'],
    ['in 2099, on a new ledger', Date.UTC(2099, 0, 1), none, 'ahead'],
    [
      'in 2099, on a ledger that began then',
      Date.UTC(2099, 0, 2),
      since(Date.UTC(2099, 0, 1), Date.UTC(2099, 0, 1)),
      'ahead',
    ],
    ['in 2099, on a ledger of today', Date.UTC(2099, 0, 1), since(NOON), 'ahead'],
    ['right again after many events of 2099', NOON, since(Date.UTC(2099, 0, 1)), 'behind'],
  ])('%s is not used', (_, now, times, wrong) => expect(judgeClock(now, times)).toMatchObject({ wrong }));

  it.each([
    ['in 2000', Date.UTC(2000, 0, 1)],
    ['in 2099', Date.UTC(2099, 0, 1)],
    ['today', NOON],
  ])('%s is used from when a person accepted it', (_, accepted) => {
    const times = { first: accepted, median: accepted, accepted };
    expect(judgeClock(accepted + HOUR, times)).toEqual({ date: accepted + HOUR });
    expect(judgeClock(accepted - 2 * DAY, times)).toHaveProperty('wrong');
    expect(judgeClock(Math.max(accepted, RELEASED_AT) + 6 * YEAR, times)).toHaveProperty('wrong');
  });

  it('is compared with the median, so that one wrong event does no harm', () => {
    expect(medianOf([])).toBe(undefined);
    expect(medianOf([NOON, Date.UTC(2099, 0, 1), NOON + 1])).toBe(NOON + 1);
  });
});
