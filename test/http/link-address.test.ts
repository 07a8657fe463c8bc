import { beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Desk } from '../support/service.ts';

/* What the routes do with link addresses. torture/swaps.ts has devices on a real segment. */

interface Shown {
  alarms: { code: string; detail: string }[];
}

describe('a station with link addresses', () => {
  let desk: Desk;
  const alarms = async (): Promise<Shown['alarms']> =>
    (await desk.ask<Shown>('GET', '/v1/stations/default')).body.alarms;
  beforeEach(async () => {
    desk = await openDesk({ CLAIMSTAMP_TRUSTED_PROXIES: '10.9.9.9' });
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.ask('PATCH', '/v1/stations/default', { linkAddress: true, fixtureAdapters: ['00:0A:CD:12:34:56'] });
  });

  it.runIf(process.platform === 'linux')('says why a link address is unknown, and answers', async () => {
    expect((await desk.agent({ product: 'DEMO' }, '198.51.100.7')).status).toBe(200);
    expect(await alarms()).toMatchObject([
      {
        code: 'link-unknown',
        detail: expect.stringMatching(/198\.51\.100\.7 is unknown: .*not on a network segment/) as string,
      },
    ]);
    expect(desk.log()).toMatch(/not on a network segment of this machine/);
  });

  it('looks up no address that a proxy names', async () => {
    expect((await desk.agent({ product: 'DEMO' }, '10.9.9.9')).status).toBe(200);
    expect(await alarms()).toMatchObject([{ detail: expect.stringMatching(/through a proxy/) as string }]);
  });

  it('says nothing of requests from this machine, and of stations without the setting', async () => {
    await desk.agent({ product: 'DEMO' }, '127.0.0.1');
    await desk.agent({ product: 'DEMO' }, '::1');
    await desk.ask('PATCH', '/v1/stations/default', { linkAddress: null });
    await desk.agent({ product: 'DEMO' }, '198.51.100.7');
    expect(await alarms()).toEqual([]);
    await desk.ask('PATCH', '/v1/products/DEMO', { linkAddress: true });
    await desk.agent({ product: 'DEMO' }, '10.9.9.9');
    expect(await alarms()).toHaveLength(1);
  });

  it.each([[['no-mac']], [['00:0A:CD:12:34']], [['00:0A:CD:FF:FE:12:34:56']]])(
    'refuses the adapter %j',
    async (macs) => {
      expect((await desk.ask('PATCH', '/v1/stations/default', { fixtureAdapters: macs })).status).toBe(400);
    },
  );

  it('shows the link address of a unit, finds the unit by it, and reads it from an export', async () => {
    const { ledger } = desk.house;
    const attributes = '{"product":"DEMO"}';
    const asked = { product: 'DEMO', identity: [], attributes, strict: false };
    const body = {
      ...asked,
      kind: 'issue' as const,
      station: 'default',
      source: '10.0.8.11',
      link: 'a4:c1:38:aa:00:01',
    };
    const { uci } = await ledger.record(body);
    expect((await desk.ask('GET', `/v1/units/${uci}`)).body).toMatchObject({ identity: { link: 'a4:c1:38:aa:00:01' } });
    const found = await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units?identity=A4C138AA0001');
    expect(found.body.units.map((unit) => unit.uci)).toEqual([uci]);
    const other = await openDesk();
    await other.ask('PUT', '/v1/products/DEMO', {});
    await other.ask('PATCH', '/v1/stations/default', { linkAddress: true });
    const unit = {
      place: 'line 2',
      uci,
      identifiedBy: ['link'],
      device: { product: 'DEMO', link: 'a4:c1:38:aa:00:01' },
    };
    const imported = await other.ask('POST', '/v1/units/import', { as: 'issued', units: [unit] });
    expect(imported.status).toBe(201);
    const again = await other.house.ledger.record(body);
    expect(again).toMatchObject({ uci, repeat: true });
  });
});
