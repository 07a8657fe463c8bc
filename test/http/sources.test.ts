import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inSteps } from '../../src/http/unknown-ids.ts';
import { openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

let clock = 0;
beforeEach(() => {
  clock = 1_000_000;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const DEVICE = { product: 'DEMO', mac: 'm-1' };

async function openTwo(env: Record<string, string> = {}, data = tempFolder()): Promise<Desk> {
  const desk = await openDesk(env, data);
  await desk.ask('PUT', '/v1/stations/ONE', { sources: ['10.0.0.1'] });
  await desk.ask('PUT', '/v1/stations/TWO', { sources: ['10.0.0.2'] });
  return desk;
}

describe('an identity that two sources name in turn', () => {
  it('is an alarm at both stations, at the unit, in the log and in the metrics', async () => {
    const desk = await openTwo();
    const { id } = (await desk.agent(DEVICE, '10.0.0.1')).body;
    await desk.agent(DEVICE, '10.0.0.2');
    expect((await desk.agent(DEVICE, '10.0.0.1')).body.id).toBe(id);
    for (const [station, other] of [
      ['ONE', 'TWO'],
      ['TWO', 'ONE'],
    ] as const) {
      const { alarms } = (
        await desk.ask<{ alarms: { alarm: string; detail: string }[] }>('GET', `/v1/stations/${station}`)
      ).body;
      expect(alarms).toMatchObject([
        { alarm: 'two-sources', detail: expect.stringContaining(`here and at ${other}`) as string },
      ]);
    }
    const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units?alarm=true')).body;
    expect(units.map(({ uci }) => uci)).toEqual([id]);
    expect((await desk.ask<{ sourceChanges: number }>('GET', `/v1/units/${id}`)).body.sourceChanges).toBe(2);
    expect(desk.log()).toMatch(/two devices take turns sending the identity of unit/);
    const headers = { authorization: `Bearer ${desk.house.localToken}` };
    const metrics = await (await desk.app.request('/metrics', { headers })).text();
    expect(metrics).toContain('claimstamp_alarms_total{station="ONE",alarm="two-sources"} 1\n');
  });
});

it('a device that names a known S/N and a foreign MAC, however often, does not lock out the true device', async () => {
  const desk = await openTwo();
  const { id } = (await desk.agent({ product: 'DEMO', serial: 'ACME-1' }, '10.0.0.1')).body;
  for (let n = 0; n < 3; n++)
    expect((await desk.agent({ product: 'DEMO', serial: 'ACME-1', mac: 'm-foreign' }, '10.0.0.2')).body.id).toBe(id);
  const own = { product: 'DEMO', serial: 'ACME-1', mac: 'm-1' };
  expect((await desk.agent(own, '10.0.0.1')).body.id).toBe(id);
  expect((await desk.agent({ product: 'DEMO', mac: 'm-1' }, '10.0.0.1')).body.id).toBe(id);
});

describe('a product with sameSource', () => {
  it('knows the source of its devices after a restart', async () => {
    const data = tempFolder();
    let desk = await openTwo({}, data);
    await desk.ask('PUT', '/v1/products/DEMO', { sameSource: true });
    const { id } = (await desk.agent(DEVICE, '10.0.0.1')).body;
    await desk.ask('POST', '/v1/stations/TWO/arm', { code: id, reason: 'rework' });
    expect((await desk.agent(DEVICE, '10.0.0.2')).body.id).toBe(id);
    await desk.close();
    desk = await openDesk({}, data);
    const refused = await desk.agent(DEVICE, '10.0.0.1');
    expect(refused.body).toMatchObject({ type: 'urn:claimstamp:problem:other-source', status: 409 });
    expect((await desk.agent(DEVICE, '10.0.0.2')).body.id).toBe(id);
  });
});

describe('a registration', () => {
  const register = async (
    desk: Desk,
    body: object,
    from: string,
  ): Promise<{ status: number; problem: Partial<Problem> }> => {
    const init = { method: 'POST', body: JSON.stringify({ product: 'DEMO', ...body }) };
    const answer = await desk.app.request('/api/device/register', init, {
      incoming: { socket: { remoteAddress: from } },
    });
    const { requestId: _id, ...problem } = (await answer.json()) as Problem & { requestId?: string };
    return { status: answer.status, problem };
  };
  const guess = (n: number): string => `ZZZZZZZ${String(n).padStart(3, '0')}`;

  it('with unknown Claim IDs is throttled like look-ups, and known IDs get the same answer', async () => {
    const desk = await openTwo();
    const { id } = (await desk.agent({ product: 'DEMO' }, '10.0.0.1')).body;
    for (let n = 0; n < 20; n++) expect((await register(desk, { id: guess(n) }, '10.0.0.2')).status).toBe(503);
    const unknown = await register(desk, { id: guess(20) }, '10.0.0.2');
    expect(unknown).toMatchObject({ status: 429, problem: { type: 'urn:claimstamp:problem:lookups-throttled' } });
    expect(await register(desk, { id }, '10.0.0.2')).toEqual(unknown);
    expect((await register(desk, { id }, '10.0.0.1')).status).toBe(503);
    clock += 3000;
    expect((await register(desk, { id }, '10.0.0.2')).status).toBe(503);
  });

  it('that repeats one unknown ID for ever makes nobody wait', async () => {
    const desk = await openTwo();
    for (let n = 0; n < 60; n++) expect((await register(desk, { id: guess(1) }, '10.0.0.2')).status).toBe(503);
  });

  it('of a device that names its own identity does not wait for others at its source', async () => {
    const desk = await openTwo();
    const { id } = (await desk.agent(DEVICE, '10.0.0.2')).body;
    for (let n = 0; n < 25; n++) await register(desk, { id: guess(n) }, '10.0.0.2');
    expect((await register(desk, { id, mac: 'm-2' }, '10.0.0.2')).status).toBe(429);
    expect((await register(desk, { id, mac: 'm-1' }, '10.0.0.2')).status).toBe(503);
  });

  it('that is refused does not say why to the device', async () => {
    const desk = await openTwo({ CLAIMSTAMP_REPORT_ALARMS: 'refuse' });
    const { id } = (await desk.agent(DEVICE, '10.0.0.1')).body;
    const detail = async (body: { id: string }) =>
      (await register(desk, body, '10.0.0.2')).problem.detail?.replace(body.id.slice(-2), '');
    await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'label-damaged' });
    expect(await detail({ id })).toBe(await detail({ id: guess(1) }));
  });

  it('takes a multiple of one step, whatever was found', async () => {
    const waits: number[] = [];
    const wait = async (ms: number): Promise<void> => void waits.push(ms);
    for (const duration of [0.3, 7, 24.9, 26]) {
      const act = async (): Promise<void> => void (clock += duration);
      await inSteps(act, wait);
      const steps = (duration + (waits.at(-1) ?? 0)) / 25;
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
    }
    const fails = inSteps(() => Promise.reject(new Error('no')), wait);
    await expect(fails).rejects.toThrow('no');
    expect(waits).toHaveLength(5);
  });
});
