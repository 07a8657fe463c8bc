import { beforeAll, describe, expect, it } from 'vitest';
import { openDesk, type Desk } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A unit counts in first-pass yield only in the period in which its first result happened. */

interface Figures {
  issued: { units: number }[];
  firstScans: { units: number; passed: number }[];
  firstTests: { procedure: string; units: number; passed: number }[];
}

describe('figures of a period', () => {
  let desk: Desk;
  let uci: string;
  /** The times of the unit's events, by their types. */
  let times: { type: string; at: string }[];
  beforeAll(async () => {
    desk = await openDesk();
    uci = (await desk.agent({ product: 'DEMO', mac: 'a' })).body.id;
    await result('failed');
    await scan('ZZZZZZZZZZ');
    await result('passed');
    await scan(uci);
    times = (await desk.ask<{ events: typeof times }>('GET', `/v1/units/${uci}/events`)).body.events;
  });
  /** Returns after at least a millisecond, so that each event has its own time. */
  const passes = async (): Promise<void> => {
    const begun = Date.now();
    await until(() => Date.now() > begun);
  };
  const result = async (outcome: string): Promise<void> => {
    await passes();
    await desk.ask('POST', `/v1/units/${uci}/results`, { procedure: 'functional', outcome });
  };
  const scan = async (label: string): Promise<void> => {
    await passes();
    await desk.ask('POST', '/v1/stations/default/verify', { label });
  };
  const at = (type: string, n = 0): string => times.filter((one) => one.type === type)[n]?.at ?? '';
  const figures = async (from: string, to: string): Promise<Figures> =>
    (await desk.ask<Figures>('GET', `/v1/figures?from=${from}&to=${to}`)).body;
  const later = (): string => new Date(Date.now() + 60_000).toISOString();

  it('count the first test and the first scan in their own period', async () => {
    const { issued, firstTests, firstScans } = await figures(at('issued'), at('tested', 1));
    expect(issued).toMatchObject([{ units: 1 }]);
    expect(firstTests).toEqual([{ procedure: 'functional', units: 1, passed: 0 }]);
    expect(firstScans).toMatchObject([{ units: 1, passed: 0 }]);
  });

  it('do not count a unit again that was tested and scanned before the period', async () => {
    const { issued, firstTests, firstScans } = await figures(at('tested', 1), later());
    expect({ issued, firstTests, firstScans }).toEqual({ issued: [], firstTests: [], firstScans: [] });
  });
});
