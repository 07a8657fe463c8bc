import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, openDesk, type Desk } from '../support/service.ts';
import { person, type Headers } from '../support/askers.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Listed {
  forecasts: { code: string; subject: string; level: string; text: string; snoozed?: { until: string; by: string } }[];
}

let desk: Desk;
let look: () => Promise<void>;
let lead: Headers;

async function listed(headers?: Headers): Promise<Listed['forecasts']> {
  const answer = await desk.app.request('/v1/forecasts', {
    headers: headers ?? { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  return ((await answer.json()) as Listed).forecasts;
}

const metrics = async (): Promise<string> =>
  (await desk.app.request('/metrics', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).text();

beforeAll(async () => {
  desk = await openDesk();
  look = () => desk.house.startForecasts(() => ({ names: 'DNS:factory', chainEnds: Date.now() + 5 * DAY_MS }));
  await desk.ask('PUT', '/v1/products/P', { serialPattern: 'SN-{seq:1}' });
  for (const mac of ['1', '2', '3', '4', '5']) await desk.agent({ product: 'P', mac });
  await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'P', planned: 1 });
  await desk.ask('PUT', '/v1/stations/line-1', { workOrders: { P: 'WO-1' } });
  await desk.ask('POST', '/v1/units', { product: 'P', workOrder: 'WO-1' });
  // Units that are not for sale are left out of forecasts: these full orders are in no list below.
  await desk.ask('PUT', '/v1/products/Q', {});
  for (const purpose of ['engineering', 'sample']) {
    await desk.ask('PUT', `/v1/work-orders/${purpose}`, { product: 'Q', planned: 1, purpose });
    await desk.ask('PUT', `/v1/stations/${purpose}`, { workOrders: { Q: purpose } });
    await desk.ask('POST', '/v1/units', { product: 'Q', workOrder: purpose });
  }
  await desk.ask('POST', '/v1/tokens', { name: 'mes', role: 'qa', expiresInDays: 10 });
  await desk.ask('POST', '/v1/stations/line-1/key', {});
  lead = await person(desk, 'lena', 'lead');
  await look();
});
afterAll(() => desk.close());

describe('the list of forecasts', () => {
  it('says what will run out, when, and what to do', async () => {
    expect((await listed()).map(({ code, subject, level }) => `${level} ${code} ${subject}`)).toEqual([
      'warning certificate ',
      'warning token mes',
      'warning work-order WO-1',
      'notice serial-counter P SN-#',
      'notice backup-age ',
    ]);
    expect((await listed())[1]?.text).toBe(
      'The token mes will expire. Make a new token for the program that uses this one, then revoke the old token.',
    );
  });

  it('has for a lead only what a lead can act on', async () => {
    expect((await listed(lead)).map(({ code }) => code)).toEqual(['work-order']);
  });

  it('is in the language of the caller', async () => {
    const texts = await Promise.all(
      ['es', 'zh'].map(async (language) => (await listed({ ...lead, 'accept-language': language }))[0]?.text),
    );
    expect(texts).toEqual([
      'Orden de trabajo WO-1: hechas todas las unidades previstas, 1 (1). Ponga la siguiente orden en sus estaciones.',
      '工单 WO-1：计划的 1 台已全部完成（1）。请在相关工位设置下一个工单。',
    ]);
  });

  it('is in the log once', () => {
    const lines = desk.log().split('\n');
    expect(lines.filter((line) => line.includes('forecasts: something will run out'))).toHaveLength(1);
  });
});

describe('a snooze', () => {
  const snoozed = async (): Promise<Listed['forecasts'][number]['snoozed']> =>
    (await listed()).find(({ code }) => code === 'serial-counter')?.snoozed;

  it('hides a forecast until its level rises, and says who did it', async () => {
    const body = { code: 'serial-counter', subject: 'P SN-#', days: 7 };
    expect((await desk.ask('POST', '/v1/forecasts/snooze', body)).status).toBe(200);
    expect(await snoozed()).toMatchObject({ by: 'admin' });
    await desk.agent({ product: 'P', mac: '7' });
    await desk.agent({ product: 'P', mac: '8' });
    await look();
    expect(await snoozed()).toBeUndefined();
  });

  it('ends when a person shows the forecast again', async () => {
    const about = { code: 'token', subject: 'mes' };
    const isHidden = async (): Promise<boolean> =>
      (await listed()).find(({ code }) => code === 'token')?.snoozed !== undefined;
    await desk.ask('POST', '/v1/forecasts/snooze', { ...about, days: 7 });
    expect(await isHidden()).toBe(true);
    await desk.ask('POST', '/v1/forecasts/snooze', { ...about, days: 0 });
    expect(await isHidden()).toBe(false);
  });

  it('of a forecast on which the person cannot act is refused', async () => {
    const init = { method: 'POST', headers: lead, body: JSON.stringify({ code: 'token', subject: 'mes', days: 1 }) };
    expect((await desk.app.request('/v1/forecasts/snooze', init)).status).toBe(404);
  });

  it('changes nothing in /metrics', async () => {
    await desk.ask('POST', '/v1/forecasts/snooze', { code: 'token', subject: 'mes', days: 7 });
    expect(await metrics()).toContain('claimstamp_forecasts{code="token",level="warning"} 1');
  });
});

describe('/readyz', () => {
  it('counts forecasts without a token, is still ready, and names nothing', async () => {
    const answer = await desk.app.request('/readyz');
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ status: 'ready', problems: [] });
    expect(text).toContain('{"code":"token","level":"warning","count":1}');
    expect(text).not.toMatch(/mes|WO-1|SN-/);
  });
});

describe('/metrics', () => {
  it('has what is left, and the ends as timestamps', async () => {
    const text = await metrics();
    for (const line of [
      /^claimstamp_serial_counter_remaining\{product="P",prefix="SN-#"\} \d$/m,
      /^claimstamp_work_order_remaining\{work_order="WO-1"\} 0$/m,
      /^claimstamp_products_remaining 99\d$/m,
      /^claimstamp_token_expires_timestamp_seconds\{token="mes"\} 1\d{9}$/m,
      /^claimstamp_certificate_expires_timestamp_seconds 1\d{9}$/m,
      /^claimstamp_disk_free_bytes \d+$/m,
      /^claimstamp_build_info\{version="[^"]+",node="[^"]+"\} 1$/m,
      /^claimstamp_time_zone_info\{zone="[^"]+"\} 1$/m,
    ])
      expect(text).toMatch(line);
  });

  it('never has two samples with the same name and labels', async () => {
    const names = (await metrics()).split('\n').flatMap((line) => /^([a-z_]+(?:\{.*\})?) \S+$/.exec(line)?.[1] ?? []);
    expect(names.length).toBe(new Set(names).size);
  });
});

describe('a former station key', () => {
  it('is forecast with the addresses that still use it', async () => {
    const first = await desk.ask<{ key: string }>('POST', '/v1/stations/line-1/key', {});
    const second = await desk.ask<{ key: string }>('POST', '/v1/stations/line-1/key', {});
    const use = (key: string, source: string, mac: string) =>
      desk.agent({ product: 'DEMO', mac }, source, `/ioto/serialize/${key}`);
    for (const source of ['10.0.8.11', '10.0.8.12']) await use(first.body.key, source, source);
    await use(second.body.key, '10.0.8.12', '10.0.8.12');
    await look();
    const keys = (await listed()).filter(({ code }) => code === 'station-key');
    expect(keys.map(({ text }) => /these addresses still use it: ([^P]*)\. Put/.exec(text)?.[1])).toContain(
      '10.0.8.11',
    );
    expect(await metrics()).toContain('claimstamp_former_key_users{station="line-1"} 1');
  });
});
