import { describe, expect, it } from 'vitest';
import { counterForecast, countersIn } from '../../../src/decide/forecasts/counters.ts';
import { counterPeriod } from '../../../src/model/serial.ts';
import { agent, openLine, product } from '../../support/map-ledger.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
const MONDAY = Date.UTC(2026, 10, 23);
const WEEK = { from: MONDAY, until: MONDAY + 7 * DAY_MS };

const fact = (used: number, period: typeof WEEK | undefined = WEEK) => ({
  product: 'P',
  pattern: '{yy}{ww}{seq:5}',
  prefix: '2648#####',
  used,
  capacity: 99_999,
  period,
});

describe('the forecast of an S/N counter', () => {
  it('comes at 50, 80 and 95 % of the counter', () => {
    const at = WEEK.until - 1;
    const levels = [49_999, 50_000, 80_000, 95_000].map((used) => counterForecast(fact(used), at)?.level);
    expect(levels).toEqual([undefined, 'notice', 'warning', 'critical']);
  });

  it('comes earlier if the rate uses up the counter before the date in the S/N changes', () => {
    const found = counterForecast(fact(30_000), MONDAY + 2 * DAY_MS);
    expect(found).toMatchObject({ level: 'warning', says: 'serial-counter.rate', remaining: 69_999 });
    expect(found?.runsOutAt).toBeCloseTo(MONDAY + (2 * DAY_MS * 99_999) / 30_000, -3);
    expect(counterForecast(fact(28_000), MONDAY + 2 * DAY_MS)).toBeUndefined();
  });

  it('takes no rate from the first shift of a week', () => {
    expect(counterForecast(fact(14_000), MONDAY + 8 * HOUR_MS)).toBeUndefined();
  });

  it('takes no rate from a handful of units', () => {
    expect(counterForecast(fact(9000), MONDAY + 25 * HOUR_MS)).toBeUndefined();
  });

  it('is silent after a clock that was behind the beginning of the period', () => {
    expect(counterForecast(fact(30_000), MONDAY - DAY_MS)).toBeUndefined();
  });

  it('has no time for a pattern without a date', () => {
    const found = counterForecast({ ...fact(81_000), period: undefined }, MONDAY);
    expect(found).toMatchObject({ level: 'warning', says: 'serial-counter' });
    expect(found).not.toHaveProperty('runsOutAt');
  });
});

describe('the period of a counter', () => {
  const at = Date.UTC(2026, 11, 31, 13);
  it.each([
    ['{yy}{ww}{seq:5}', Date.UTC(2026, 11, 28), Date.UTC(2027, 0, 4)],
    ['{yyyy}{mm}{dd}-{seq:4}', Date.UTC(2026, 11, 31), Date.UTC(2027, 0, 1)],
    ['{yy}{jjj}{seq:4}', Date.UTC(2026, 11, 31), Date.UTC(2027, 0, 1)],
    ['{yy}{mm}{seq:5}', Date.UTC(2026, 11, 1), Date.UTC(2027, 0, 1)],
    ['{yy}-{seq:6}', Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)],
  ])('of %s follows its shortest date', (pattern, from, until) => {
    expect(counterPeriod(pattern, at)).toEqual({ from, until });
  });

  it('does not exist without a date', () => {
    expect(counterPeriod('SN-{seq:6}', at)).toBeUndefined();
  });
});

describe('the counters of the ledger', () => {
  it('are those of today that were used', () => {
    const ledger = openLine({ product: { id: 'P', serialPattern: 'SN-{seq:4}' } });
    ledger.record(agent({ product: 'P', mac: '1' }));
    ledger.record(agent({ product: 'P', mac: '2' }));
    expect(countersIn(ledger.seen, MONDAY)).toEqual([
      { product: 'P', pattern: 'SN-{seq:4}', prefix: 'SN-####', used: 2, capacity: 9999, period: undefined },
    ]);
  });

  it('of a pattern with a site are those of this site', () => {
    const ledger = openLine();
    const site = 'P2';
    const settings = product({ id: 'P', serialPattern: '{site}-{seq:4}' });
    ledger.record({ kind: 'set-product', product: settings, actor: 'admin', site });
    ledger.record({ ...agent({ product: 'P', mac: '1' }), site });
    expect(countersIn(ledger.seen, MONDAY, 'P2').map(({ prefix }) => prefix)).toEqual(['P2-####']);
    expect(countersIn(ledger.seen, MONDAY)).toEqual([]);
  });
});
