import { describe, expect, it } from 'vitest';
import { openMeasuring } from '../../../src/jobs/forecasts/bounded.ts';
import { until } from '../../support/until.ts';
import type { Sources } from '../../../src/jobs/forecasts/measure.ts';

const nothing = async (): Promise<undefined> => undefined;
const SOURCES: Sources = {
  counters: async () => [],
  workOrders: async () => [],
  hourlyCap: nothing,
  products: async () => ({ count: 1, most: 2 }),
  disk: async () => ({ free: 1, size: 2 }),
  certificate: nothing,
  tokens: async () => [],
  stationKeys: async () => [],
  kiosks: async () => [],
  printerTokens: async () => [],
  backup: async () => ({ scheduled: false, lastAt: undefined, everyMs: 1, runningMs: 0 }),
  backupRoom: nothing,
  printers: async () => [],
  postgres: nothing,
  drills: nothing,
  webhooks: async () => [],
  erpFiles: nothing,
};

describe('measuring', () => {
  it('goes on without a source that fails', async () => {
    const measure = openMeasuring({
      ...SOURCES,
      tokens: () => Promise.reject(new Error('no tokens')),
      kiosks: () => {
        throw new Error('no kiosks');
      },
    });
    const { facts, failed } = await measure();
    expect(Object.fromEntries(failed)).toEqual({ tokens: 'no tokens', kiosks: 'no kiosks' });
    expect(facts).toMatchObject({ products: { count: 1 }, disk: { free: 1 } });
    expect(facts).not.toHaveProperty('tokens');
  });

  it('does not ask a source again while its call hangs', async () => {
    let calls = 0;
    let answer = (): void => {};
    const backupRoom: Sources['backupRoom'] = () => {
      calls++;
      return new Promise((resolve) => (answer = () => resolve({ free: 1, ledgerBytes: 1 })));
    };
    const measure = openMeasuring({ ...SOURCES, backupRoom }, 20);
    expect((await measure()).failed.get('backupRoom')).toBe('no answer in 0.02 seconds');
    expect((await measure()).failed.get('backupRoom')).toBe('no answer yet');
    expect(calls).toBe(1);
    answer();
    // The next call hangs again, and is a second one.
    await until(async () => (await measure()) && calls === 2);
  });
});
