import { describe, expect, it } from 'vitest';
import { datedAhead, doubtfulStart, judgeClock, medianOf, RELEASED_AT, rightAfter } from '../../src/model/clock.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const NOON = Date.UTC(2027, 4, 5, 12);
const none = { median: undefined, right: undefined };
const at = (median: number, right = median) => ({ median, right });
const YEAR_2099 = Date.UTC(2099, 0, 1);

describe('the clock', () => {
  it.each([
    ['of a new ledger', NOON, none, { date: NOON }],
    ['after the last events', NOON, at(NOON - DAY), { date: NOON }],
    ['a second behind them', NOON, at(NOON + 1000), { date: NOON + 1000 }],
    ['an hour behind them', NOON, at(NOON + HOUR), { date: NOON + HOUR, behindMs: HOUR }],
    ['a day behind them', NOON, at(NOON + DAY), { date: NOON + DAY, behindMs: DAY }],
    ['right again after events of 1970', NOON, { median: 5 * HOUR, right: undefined }, { date: NOON }],
    ['right again after events of 2099', NOON, { median: YEAR_2099, right: NOON - DAY }, { date: NOON }],
    ['right again on a ledger that began in 2099', NOON, { median: YEAR_2099, right: undefined }, { date: NOON }],
    ['two weeks after the last right day', NOON + 14 * DAY, at(NOON), { date: NOON + 14 * DAY }],
    [
      'three weeks after the last right day, with an alarm',
      NOON + 21 * DAY,
      at(NOON),
      { date: NOON + 21 * DAY, after: NOON },
    ],
    [
      'four years after the last events, with an alarm',
      NOON + 4 * YEAR,
      at(NOON),
      { date: NOON + 4 * YEAR, after: NOON },
    ],
  ])('%s is used', (_, now, times, expected) => expect(judgeClock(now, times)).toEqual(expected));

  it.each([
    ['in 1970', 0, none, 'beforeRelease'],
    ['in 2000, on a ledger of today', Date.UTC(2000, 0, 1), at(NOON), 'beforeRelease'],
    ['a day before the release', RELEASED_AT - DAY, none, 'beforeRelease'],
    ['more than a day behind the last right day', NOON, at(NOON + DAY + 1), 'behind'],
    ['more than a day behind it, after many events of now', NOON, { median: NOON, right: NOON + 20 * DAY }, 'behind'],
    ['in 2099, on a new ledger', YEAR_2099, none, 'ahead'],
    ['in 2099, after many events of 2099', YEAR_2099, { median: YEAR_2099, right: NOON }, 'ahead'],
    ['in 2099, on a ledger that began then', YEAR_2099, { median: YEAR_2099, right: undefined }, 'ahead'],
  ])('%s is not used', (_, now, times, wrong) => expect(judgeClock(now, times)).toMatchObject({ wrong }));

  it.each([
    ['in 2000', Date.UTC(2000, 0, 1)],
    ['in 2099', YEAR_2099],
    ['today', NOON],
  ])('%s is used from when a person accepted it', (_, accepted) => {
    const times = at(NOON, accepted);
    expect(judgeClock(accepted + HOUR, times)).toMatchObject({ date: expect.any(Number) });
    expect(judgeClock(accepted - 2 * DAY, times)).toHaveProperty('wrong');
    expect(judgeClock(Math.max(accepted, RELEASED_AT) + 6 * YEAR, times)).toHaveProperty('wrong');
  });

  it('was right on the day of an S/N with a date, but not later than most of the last events', () => {
    expect(rightAfter(NOON, none)).toBe(NOON);
    expect(rightAfter(NOON, at(NOON - HOUR))).toBe(undefined);
    expect(rightAfter(NOON, { median: NOON, right: NOON - DAY })).toBe(NOON);
    expect(rightAfter(NOON + 4 * YEAR, at(NOON))).toBe(undefined);
    expect(rightAfter(NOON, { median: 0, right: undefined })).toBe(RELEASED_AT);
  });

  it('far after the last right day never becomes right by itself, so that the correction holds no line', () => {
    const ahead = NOON + 3 * YEAR;
    expect(rightAfter(ahead, { median: ahead, right: NOON })).toBe(undefined);
    expect(judgeClock(NOON + HOUR, { median: ahead, right: NOON })).toEqual({ date: NOON + HOUR });
  });

  it('is an alarm only if S/Ns were dated so', () => {
    const ahead = NOON + 30 * DAY;
    expect(datedAhead(ahead, at(NOON))).toBe(undefined);
    expect(datedAhead(ahead, { ...at(NOON), passed: NOON })).toBe(30);
    expect(datedAhead(NOON + DAY, { ...at(NOON), passed: NOON })).toBe(undefined);
    expect(datedAhead(ahead + HOUR, { median: NOON, right: ahead, passed: NOON })).toBe(undefined);
    expect(datedAhead(YEAR_2099, { ...at(NOON), passed: NOON })).toBe(undefined);
  });

  it('is compared with the median, so that one wrong event does no harm', () => {
    expect(medianOf([])).toBe(undefined);
    expect(medianOf([NOON, YEAR_2099, NOON + 1])).toBe(NOON + 1);
  });
});

describe('the clock at the first start, compared with the time of the installation', () => {
  const installed = RELEASED_AT + 60 * DAY;
  it.each([
    ['the same day', installed, installed, undefined],
    ['ten days later', installed + 10 * DAY, installed, undefined],
    ['a year later', installed + 365 * DAY, installed, installed],
    ['a year ahead at both times', installed + 366 * DAY, installed + 365 * DAY, RELEASED_AT],
    ['corrected since', installed, installed + 365 * DAY, RELEASED_AT],
    ['before the release', 0, 0, undefined],
  ])('%s', (_, now, at, right) => expect(doubtfulStart(now, at)).toBe(right));
});
