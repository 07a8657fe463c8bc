import { describe, expect, it } from 'vitest';
import type { Facts, Forecast } from '../../../src/decide/forecasts/forecast.ts';
import { forecastsOf, notMeasured } from '../../../src/decide/forecasts/rules.ts';
import { keyOf, steady, type Steady } from '../../../src/decide/forecasts/steady.ts';

const NOW = Date.UTC(2026, 10, 29);
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const GIB = 2 ** 30;

const told = (facts: Facts): [string, string, string][] =>
  forecastsOf(facts, NOW).map(({ says, subject, level }) => [says, subject, level]);

describe('the forecasts', () => {
  it('say nothing if there are no facts', () => {
    expect(told({})).toEqual([]);
  });

  it('name tokens, screens and tokens of printers from fourteen days before their end until their end', () => {
    const ends = { far: 15 * DAY_MS, soon: 13 * DAY_MS, now: DAY_MS, over: -1 };
    const tokens = Object.entries(ends).map(([name, ms]) => ({ name, expiresAt: NOW + ms }));
    const kiosks = [{ station: 'line-1', expiresAt: NOW + 3 * DAY_MS }];
    const printerTokens = [{ printer: 'pc-1', expiresAt: NOW + DAY_MS }];
    expect(told({ tokens, kiosks, printerTokens })).toEqual([
      ['token', 'soon', 'warning'],
      ['token', 'now', 'critical'],
      ['kiosk', 'line-1', 'warning'],
      ['printer-token', 'pc-1', 'critical'],
    ]);
  });

  it('report the files of an ERP that a person must look at', () => {
    const quiet = { failed: 0, stuck: 0, unread: 999, unreadMs: DAY_MS, isFull: false };
    expect(told({ erpFiles: { ...quiet, trouble: { why: 'no folder', forMs: 60_000 } } })).toEqual([]);
    const trouble = { why: 'no folder', forMs: 120_000 };
    const all = { ...quiet, trouble, failed: 1, stuck: 2, unreadMs: DAY_MS + 1 };
    expect(told({ erpFiles: all })).toEqual([
      ['erp-files.folder', 'folder', 'warning'],
      ['erp-files.failed', 'failed', 'warning'],
      ['erp-files.inbox', 'inbox', 'warning'],
      ['erp-files.outbox', 'outbox', 'warning'],
    ]);
    const file = { name: 'a.csv', why: 'locked', isHandled: true, count: 1, forMs: 119_999 };
    expect(told({ erpFiles: { ...quiet, file } })).toEqual([]);
    expect(told({ erpFiles: { ...quiet, file: { ...file, forMs: 120_000 } } })).toEqual([
      ['erp-files.unmoved', 'file', 'warning'],
    ]);
    expect(told({ erpFiles: { ...quiet, file: { ...file, isHandled: false, forMs: 120_000 } } })).toEqual([
      ['erp-files.unreadable', 'file', 'warning'],
    ]);
    expect(told({ erpFiles: { ...quiet, isFull: true, trouble: { ...trouble, forMs: HOUR_MS } } })).toEqual([
      ['erp-files.folder', 'folder', 'critical'],
      ['erp-files.outbox', 'outbox', 'critical'],
    ]);
  });

  it('say who still uses a former key, and do not alarm about a key that no one uses', () => {
    const key = { station: 'a', expiresAt: NOW + DAY_MS, former: true, users: [] };
    const stationKeys = [
      key,
      { ...key, station: 'b', users: ['10.0.8.11', '10.0.8.12'] },
      { ...key, station: 'c', former: false },
    ];
    expect(told({ stationKeys })).toEqual([
      ['station-key.unused', 'a', 'notice'],
      ['station-key.used', 'b', 'critical'],
      ['station-key.last', 'c', 'critical'],
    ]);
    expect(forecastsOf({ stationKeys }, NOW)[1]?.values).toEqual({ station: 'b', devices: '10.0.8.11, 10.0.8.12' });
  });

  it('keep a certificate after its end', () => {
    expect(told({ certificate: { names: 'x', expiresAt: NOW - DAY_MS } })).toEqual([
      ['certificate.over', '', 'critical'],
    ]);
  });

  it('tell a work order near its plan, and one that will refuse', () => {
    const order = { id: 'A', units: 90, planned: 100, refuses: false };
    const workOrders = [
      { ...order, id: 'Z', units: 89 },
      order,
      { ...order, id: 'B', units: 101 },
      { ...order, id: 'C', refuses: true },
      { ...order, id: 'D', units: 100, refuses: true },
    ];
    expect(told({ workOrders })).toEqual([
      ['work-order', 'A', 'notice'],
      ['work-order.full', 'B', 'warning'],
      ['work-order', 'C', 'warning'],
      ['work-order.refuses', 'D', 'critical'],
    ]);
  });

  it('tell limits that are nearly reached', () => {
    expect(told({ hourlyCap: { made: 4499, most: 5000 }, products: { count: 899, most: 1000 } })).toEqual([]);
    expect(told({ hourlyCap: { made: 4500, most: 5000 }, products: { count: 1000, most: 1000 } })).toEqual([
      ['hourly-cap', '', 'warning'],
      ['products', '', 'critical'],
    ]);
  });

  it('tell a disk by its room and by its rate', () => {
    const size = 100 * GIB;
    const loss = (days: number) => ({ perDay: GIB, fullInMs: days * DAY_MS });
    expect(told({ disk: { free: 50 * GIB, size } })).toEqual([]);
    expect(told({ disk: { free: GIB, size } })).toEqual([['disk', '', 'warning']]);
    expect(told({ disk: { free: GIB / 4, size } })).toEqual([['disk', '', 'critical']]);
    expect(told({ disk: { free: 50 * GIB, size, loss: loss(20) } })).toEqual([]);
    expect(told({ disk: { free: 50 * GIB, size, loss: loss(10) } })).toEqual([['disk.rate', '', 'warning']]);
    expect(told({ disk: { free: 50 * GIB, size, loss: loss(1) } })).toEqual([['disk.rate', '', 'critical']]);
    expect(forecastsOf({ disk: { free: 50 * GIB, size, loss: loss(1) } }, NOW)[0]?.runsOutAt).toBe(NOW + DAY_MS);
  });

  it('tell a backup that is late, one that never came, and that none is scheduled', () => {
    const backup = { scheduled: true, lastAt: NOW - 24 * HOUR_MS, everyMs: DAY_MS, runningMs: HOUR_MS };
    expect(told({ backup })).toEqual([]);
    expect(told({ backup: { ...backup, lastAt: NOW - 26 * HOUR_MS } })).toEqual([['backup-age', '', 'warning']]);
    expect(told({ backup: { ...backup, lastAt: NOW - 50 * HOUR_MS } })).toEqual([['backup-age', '', 'critical']]);
    expect(told({ backup: { ...backup, lastAt: NOW + DAY_MS } })).toEqual([]);
    expect(told({ backup: { ...backup, lastAt: undefined } })).toEqual([['backup-age.never', '', 'critical']]);
    expect(told({ backup: { ...backup, lastAt: undefined, runningMs: 0 } })).toEqual([]);
    expect(told({ backup: { ...backup, scheduled: false } })).toEqual([['backup-age.off', '', 'notice']]);
  });

  it('tell a drill that is due, and one that was never held', () => {
    const heldAt = { server: NOW - 10 * DAY_MS, printer: NOW - 181 * DAY_MS };
    expect(told({ drills: { days: 180, heldAt } })).toEqual([
      ['drill', 'printer', 'notice'],
      ['drill.never', 'network', 'notice'],
    ]);
    expect(told({ drills: undefined })).toEqual([]);
  });

  it('tell a folder that has no room for further backups', () => {
    const ledgerBytes = GIB;
    const levels = [3.5, 2.5, 0.5].map((room) => told({ backupRoom: { free: room * GIB, ledgerBytes } })[0]?.[2]);
    expect(levels).toEqual([undefined, 'warning', 'critical']);
  });

  it('tell a printer with trouble, and not a long roll that prints', () => {
    const printer = { name: 'zebra', waiting: 900, oldestAt: NOW - HOUR_MS / 2 };
    expect(told({ printers: [printer] })).toEqual([]);
    expect(told({ printers: [{ ...printer, trouble: 'no paper' }] })).toEqual([
      ['print-queue.trouble', 'zebra', 'warning'],
    ]);
    expect(told({ printers: [{ ...printer, oldestAt: NOW - 2 * HOUR_MS }] })).toEqual([
      ['print-queue', 'zebra', 'notice'],
    ]);
  });

  it('tell the bounds of PostgreSQL, and do without a number that the role may not read', () => {
    expect(told({ postgres: {} })).toEqual([]);
    expect(told({ postgres: { connections: { used: 97, most: 97 }, transactionAge: 1_200_000_000 } })).toEqual([
      ['postgres-connections', '', 'critical'],
      ['postgres-transactions', '', 'warning'],
    ]);
  });
});

describe('a forecast that swings', () => {
  const queue = (level: Forecast['level']): Forecast => ({ ...notMeasured('disk', 'x'), level });
  const stepwise = (steps: [number, Forecast[]][]): string[] => {
    let shown = new Map<string, Steady>();
    return steps.map(([minute, found]) => {
      shown = steady(shown, found, minute * 60_000);
      return shown.get(keyOf(queue('notice')))?.forecast.level ?? '-';
    });
  };

  it('stays until it was away for ten minutes', () => {
    expect(
      stepwise([
        [0, [queue('warning')]],
        [9, []],
        [9.5, [queue('warning')]],
        [19, []],
        [19.5, []],
      ]),
    ).toEqual(['warning', 'warning', 'warning', 'warning', '-']);
  });

  it('rises at once and falls after ten minutes', () => {
    const [low, high] = [[queue('notice')], [queue('critical')]];
    expect(
      stepwise([
        [0, low],
        [1, high],
        [2, low],
        [10, low],
        [11, low],
      ]),
    ).toEqual(['notice', 'critical', 'critical', 'critical', 'notice']);
  });
});
