import { describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, openDesk, type Desk } from './service.ts';

/* Numbers of pools, the same over every store. `settings` opens a service on a new, empty ledger each time. */

interface Answered {
  id: string;
  mac?: string;
}
interface MadeUnits {
  units: { uci: string; numbers: { mac: string } }[];
}
interface UnitAnswer {
  uci: string;
  identity: { [property: string]: string };
}

const POOLS = { pools: ['mac=A4C138000001-A4C138000050'], poolAnswers: ['mac'] };

async function openPool(settings: Record<string, string>, data?: string): Promise<Desk> {
  const desk = await openDesk(settings, data);
  expect((await desk.ask('PUT', '/v1/products/DEMO', POOLS)).status).toBe(200);
  return desk;
}

async function text({ app }: Desk, path: string): Promise<string> {
  return (await app.request(path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).text();
}

export function poolContract(store: string, settings: () => Promise<Record<string, string>>): void {
  describe(`pools over ${store}`, () => {
    it('two stations at once get different numbers, up to the last one, and no Claim ID after it', async () => {
      const desk = await openPool(await settings());
      await desk.ask('PUT', '/v1/stations/A', { sources: ['10.0.0.1'] });
      await desk.ask('PUT', '/v1/stations/B', { sources: ['10.0.0.2'] });
      const asked = Array.from({ length: 90 }, (_, n) => desk.agent({ product: 'DEMO' }, `10.0.0.${1 + (n % 2)}`));
      const answers = await Promise.all(asked);
      const given = answers.filter(({ status }) => status === 200).map(({ body }) => body as Answered);
      expect(given).toHaveLength(80);
      expect(new Set(given.map(({ mac }) => mac)).size).toBe(80);
      const refused = answers.find(({ status }) => status !== 200);
      expect(refused?.status).toBe(409);
      expect(refused?.body).toMatchObject({ detail: expect.stringContaining('has no number left') });
      expect((await desk.ask<{ units: object[] }>('GET', '/v1/units?limit=100')).body.units).toHaveLength(80);
    });

    it('a repeated request gets the same number, also after a restart, and the unit is found by it', async () => {
      const env = await settings();
      const desk = await openPool(env);
      const first = (await desk.agent({ product: 'DEMO', serial: 'S-1' })).body as Answered;
      expect(first.mac).toBe('A4:C1:38:00:00:01');
      await desk.close();
      const again = await openDesk(env, desk.data);
      expect((await again.agent({ product: 'DEMO', serial: 'S-1' })).body).toEqual(first);
      expect((await again.agent({ product: 'DEMO', mac: 'a4c138000001' })).body).toEqual(first);
      const found = await again.ask<{ units: UnitAnswer[] }>('GET', '/v1/units?find=a4-c1-38-00-00-01');
      expect(found.body.units).toMatchObject([{ uci: first.id }]);
      expect((await again.agent({ product: 'DEMO' })).body).toMatchObject({ mac: 'A4:C1:38:00:00:02' });
      expect((await again.ask<UnitAnswer>('GET', `/v1/units/${first.id}`)).body.identity).toEqual({
        serial: 'S-1',
        mac: 'A4:C1:38:00:00:01',
      });
    });

    it('numbers that imported and void units brought are skipped one by one, and do not count as left', async () => {
      const desk = await openDesk(await settings());
      const { id } = (await desk.agent({ product: 'DEMO', mac: 'a4c138000002' })).body;
      expect((await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'other', note: 'test' })).status).toBe(200);
      const licences = { ...POOLS, pools: [...POOLS.pools, 'uid=LIC-{seq:5}:1-3'] };
      expect((await desk.ask('PUT', '/v1/products/DEMO', licences)).status).toBe(200);
      const device = { product: 'DEMO', mac: '0xA4C138000050', uid: 'LIC-00003' };
      const units = [{ place: 'line 2', uci: '1111111111', device }];
      const checked = await desk.ask('POST', '/v1/units/import', { units, check: true });
      expect(checked.body).toEqual({ imported: 0, inPools: { count: 1, first: ['line 2'] } });
      expect((await desk.ask('POST', '/v1/units/import', { units })).status).toBe(201);
      const next = async (): Promise<object> => (await desk.agent({ product: 'DEMO' })).body;
      expect(await next()).toMatchObject({ mac: 'A4:C1:38:00:00:01' });
      expect(await next()).toMatchObject({ mac: 'A4:C1:38:00:00:03' });
      await desk.house.startForecasts(() => undefined);
      const forecasts = await desk.ask<{ forecasts: object[] }>('GET', '/v1/forecasts');
      expect(forecasts.body.forecasts).toContainEqual(
        expect.objectContaining({ code: 'number-pool', subject: 'DEMO uid', remaining: 0 }),
      );
      expect((await desk.agent({ product: 'DEMO', mac: 'A4-C1-38-00-00-02', uid: 'U-9' })).status).toBe(200);
      const made = await desk.ask<{ detail: string }>('POST', '/v1/units', { product: 'DEMO', count: 1 });
      expect([made.status, made.body.detail]).toEqual([409, expect.stringContaining('uid')]);
    });

    it('made and reserved units have numbers, which are in their files and on their labels', async () => {
      const desk = await openPool(await settings());
      const made = await desk.ask<MadeUnits>('POST', '/v1/units', { product: 'DEMO', count: 2 });
      expect(made.body.units.map(({ numbers }) => numbers.mac)).toEqual(['A4:C1:38:00:00:01', 'A4:C1:38:00:00:02']);
      const roll = { name: 'R', product: 'DEMO', count: 1 };
      const reserved = (await desk.ask<MadeUnits>('POST', '/v1/reservations', roll)).body.units[0];
      expect(reserved?.numbers).toEqual({ mac: 'A4:C1:38:00:00:03' });
      const file = await text(desk, `/v1/units/${reserved?.uci}/device.json5`);
      expect(JSON.parse(file)).toEqual({ id: reserved?.uci, product: 'DEMO', mac: 'A4:C1:38:00:00:03' });
      expect((await desk.ask('POST', '/v1/reservations', { ...roll, name: 'S', count: 78 })).status).toBe(409);
    });
  });
}
