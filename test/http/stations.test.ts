import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { expectQuiet, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

interface StationBody {
  name: string;
  mode: string;
  slot: { state: string; uci?: string };
  armed?: { uci: string; reason: string };
  refusals: { code: string; count: number; detail: string }[];
}
interface Key {
  key: string;
  url: string;
}
interface Verified {
  result: string;
  reason?: string;
}

const NEST = '10.0.8.11';

describe('a station by API', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.ask('PUT', '/v1/stations/NEST', { mode: 'slot', sources: [NEST] });
  });
  const at = <T>(verb: string, body?: unknown) => desk.ask<T>('POST', `/v1/stations/NEST/${verb}`, body ?? {});
  const shown = async (): Promise<StationBody> => (await desk.ask<StationBody>('GET', '/v1/stations/NEST')).body;
  const device = (body: object = {}) => desk.agent({ product: 'DEMO', ...body }, NEST);

  it('in slot mode opens one unit, passes its label, and waits for Next', async () => {
    const { id } = (await device()).body;
    expect((await device()).body.id).toBe(id);
    expect((await shown()).slot).toMatchObject({ state: 'open', uci: id });
    const other = (await desk.agent({ product: 'DEMO' })).body.id;
    expect((await at<Verified>('verify', { label: other })).body).toEqual({
      result: 'FAIL',
      read: other,
      reason: 'label belongs to another unit',
    });
    expect((await at<Verified>('verify', { label: 'ZZZZZZZZZZ' })).body.result).toBe('FAIL');
    expect((await at<Verified>('verify', { label: id.toLowerCase() })).body.result).toBe('PASS');
    expect((await device()).status).toBe(409);
    expect((await at('next')).status).toBe(200);
    expect((await device()).body.id).not.toBe(id);
  });

  it('keeps the unit for the same device after a PASS, when told so', async () => {
    const { id } = (await device()).body;
    await at('verify', { label: id });
    expect((await at('same-device')).body).toEqual({ station: 'NEST', uci: id });
    expect((await device()).body.id).toBe(id);
  });

  it('refuses a second device while one is open, shows it, and writes nothing', async () => {
    await device({ mac: 'm-1' });
    const before = await desk.size();
    for (let i = 0; i < 5; i++) expect((await device({ mac: 'm-2' })).status).toBe(409);
    expect(await desk.size()).toBe(before);
    expect((await shown()).refusals).toMatchObject([{ code: 'slot-held', count: 5 }]);
  });

  it('armed with a label gives that unit, once; cancelled, it gives another', async () => {
    const roll = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/reservations', {
      name: 'ROLL',
      product: 'DEMO',
      count: 2,
    });
    const [first, second] = roll.body.units.map(({ uci }) => uci) as [string, string];
    expect((await at('arm', { code: first })).status).toBe(200);
    expect((await shown()).armed).toEqual({ uci: first, reason: 'label' });
    expect((await at<Problem>('arm', { code: second })).body.type).toMatch(/station-armed/);
    expect((await device()).body.id).toBe(first);
    await at('verify', { label: first });
    await at('next');
    await at('arm', { code: second });
    await at('cancel');
    expect((await shown()).armed).toBeUndefined();
    expect((await device()).body.id).not.toBe(second);
    expect((await at<Problem>('arm', { code: first })).status).toBe(409);
  });

  it('armed for rework gives the unit its device had', async () => {
    const { id } = (await device({ mac: 'm-1' })).body;
    await at('verify', { label: id });
    await at('next');
    expect((await at('arm', { code: id, reason: 'rework' })).status).toBe(200);
    expect((await device({ mac: 'm-1' })).body.id).toBe(id);
    expect((await desk.ask<{ status: string }>('GET', `/v1/units/${id}`)).body.status).toBe('issued');
  });

  it.each([
    ['arm', {}, 400],
    ['arm', { code: '' }, 400],
    ['arm', { code: 'ZZZZZZZZZZ' }, 404],
    ['arm', { code: 'ZZZZZZZZZZ', reason: 'fun' }, 400],
    ['verify', {}, 400],
    ['verify', { label: 'x'.repeat(5000) }, 400],
    ['verify', { label: 'ZZZZZZZZZZ' }, 409],
    ['same-device', {}, 409],
    ['dance', {}, 404],
  ])('refuses %s with %j, and writes nothing', async (verb, body, status) => {
    const before = await desk.size();
    expect((await at(verb, body)).status).toBe(status);
    expect(await desk.size()).toBe(before);
  });

  it('that is not there is 404, whatever is asked of it', async () => {
    for (const verb of ['arm', 'cancel', 'next', 'same-device', 'verify', 'key']) {
      const answer = await desk.ask('POST', `/v1/stations/NONE/${verb}`, { code: 'A', label: 'A' });
      expect([400, 404], verb).toContain(answer.status);
    }
    expect((await desk.ask('GET', '/v1/stations/NONE')).status).toBe(404);
  });

  it('has a key for its URL, shown once; a new one replaces it after the overlap, and a wrong one is refused', async () => {
    const first = (await at<Key>('key')).body;
    expect(first.key).toMatch(/^[A-Za-z0-9_-]{22,}$/);
    expect(first.url.endsWith(`/ioto/serialize/${first.key}`)).toBe(true);
    const by = (key: string) => desk.agent({ product: 'DEMO', mac: 'm-1' }, '192.0.2.1', `/ioto/serialize/${key}`);
    const { id } = (await by(first.key)).body;
    expect((await desk.ask<{ station: string }>('GET', `/v1/units/${id}`)).body.station).toBe('NEST');
    const between = (await at<Key>('key', { overlapHours: 1 })).body;
    expect((await by(first.key)).body.id).toBe(id);
    const second = (await at<Key>('key', { overlapHours: 0 })).body;
    const size = await desk.size();
    expect((await by(first.key)).status).toBe(404);
    expect((await by(between.key)).status).toBe(404);
    expect((await by('A'.repeat(27))).status).toBe(404);
    expect((await by(second.key)).body.id).toBe(id);
    expect(await desk.size()).toBe(size);
    expect(audit(desk.data).lines.join('\n')).not.toContain(second.key);
    expectQuiet(desk.log(), [id], [first.key, second.key]);
  });
});

describe('who may ask for Claim IDs', () => {
  it('with allowlist: the addresses on it and those of the stations', async () => {
    const desk = await openDesk({
      CLAIMSTAMP_AGENT_ACCESS: 'allowlist',
      CLAIMSTAMP_AGENT_ALLOW: '10.0.8.0/24, 2001:db8::/64',
    });
    const from = async (source: string): Promise<number> => (await desk.agent({ product: 'DEMO' }, source)).status;
    expect(await from('10.0.8.1')).toBe(200);
    expect(await from('::ffff:10.0.8.2')).toBe(200);
    expect(await from('2001:db8::7')).toBe(200);
    const before = await desk.size();
    for (const source of ['10.0.9.1', '::ffff:10.0.9.1', '2001:db8:0:1::7', '127.0.0.1', '192.0.2.1']) {
      expect(await from(source), source).toBe(403);
    }
    expect(await desk.size()).toBe(before);
    await desk.ask('PUT', '/v1/stations/FAR', { sources: ['192.0.2.1'] });
    expect(await from('192.0.2.1')).toBe(200);
  });

  it('with key: whoever has a key of a station, and nobody else', async () => {
    const desk = await openDesk({ CLAIMSTAMP_AGENT_ACCESS: 'key' });
    const { key } = (await desk.ask<Key>('POST', '/v1/stations/default/key')).body;
    const before = await desk.size();
    expect((await desk.agent({ product: 'DEMO' })).status).toBe(403);
    expect((await desk.agent({ product: 'DEMO' }, '10.0.0.1', '/ioto/serialize/A')).status).toBe(404);
    expect(await desk.size()).toBe(before);
    expect((await desk.agent({ product: 'DEMO' }, '10.0.0.1', `/ioto/serialize/${key}`)).status).toBe(200);
  });

  it('on other addresses than loopback it must be said', async () => {
    await expect(openDesk({ HOST: '0.0.0.0' })).rejects.toThrow(
      /set CLAIMSTAMP_AGENT_ACCESS to open, allowlist or key/,
    );
  });
});

describe('products, stations and work orders', () => {
  it('are set by name and listed; setting what is set already writes nothing', async () => {
    const desk = await openDesk();
    const settings = { name: 'Demo', code: 'D1', serialPattern: '{code}{yy}{ww}-{seq:5}' };
    expect((await desk.ask('PUT', '/v1/products/DEMO', settings)).body).toMatchObject({ id: 'DEMO', ...settings });
    expect(
      (await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 2, overIssue: 'refuse' })).status,
    ).toBe(200);
    const station = { sources: [NEST], workOrders: { DEMO: 'WO-1' } };
    expect((await desk.ask('PUT', '/v1/stations/NEST', station)).status).toBe(200);
    const size = await desk.size();
    await desk.ask('PUT', '/v1/products/DEMO', settings);
    await desk.ask('PUT', '/v1/stations/NEST', station);
    expect(await desk.size()).toBe(size);

    for (let i = 0; i < 2; i++) expect((await desk.agent({ product: 'DEMO' }, NEST)).status).toBe(200);
    const over = await desk.agent({ product: 'DEMO' }, NEST);
    expect(over.status).toBe(409);
    expect(over.body.type).toMatch(/over-issue/);
    const { workOrders } = (await desk.ask<{ workOrders: { units: number }[] }>('GET', '/v1/work-orders')).body;
    expect(workOrders).toMatchObject([{ id: 'WO-1', units: 2 }]);
    const serials = audit(desk.data).lines.flatMap((line) => /"serial":"(D1\d{4}-\d{5})"/.exec(line)?.[1] ?? []);
    expect(serials.map((serial) => serial.slice(-5))).toEqual(['00001', '00002']);
  });

  it.each([
    ['products/DEMO', { serialPattern: '{yy}{seq:8}' }, /can be mistaken for a Claim ID of 10 characters/],
    ['products/DEMO', { serialPattern: 'fixed' }, /exactly one \{seq:N\}/],
    ['products/DEMO', { claimIdLength: 9 }, /claimIdLength/],
    ['products/DEMO', { claimIdLength: 21 }, /claimIdLength/],
    ['products/DEMO', { colour: 'red' }, /colour/],
    ['products/no%20spaces', {}, /1 to 64 letters/],
    ['stations/NEST', { sources: ['nowhere'] }, /IP address/],
    ['stations/NEST', { workOrders: { DEMO: 'NONE' } }, /no work order NONE/],
    ['work-orders/WO-1', { product: 'NONE', planned: 1 }, /no product NONE/],
    ['work-orders/WO-1', { product: 'DEMO', planned: 0 }, /planned/],
  ])('PUT %s with %j is refused and writes nothing', async (path, body, detail) => {
    const desk = await openDesk();
    const before = await desk.size();
    const answer = await desk.ask<Problem>('PUT', `/v1/${path}`, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body.detail).toMatch(detail);
    expect(await desk.size()).toBe(before);
  });

  it('that stand in the configuration file are read-only elsewhere', async () => {
    const file = join(tempFolder(), 'claimstamp.json5');
    const key = 'a-key-of-a-station-0123456789';
    writeFileSync(
      file,
      `{ catalog: {
        products: [{ id: 'FILED', name: 'From the file' }],
        workOrders: [{ id: 'WO-F', product: 'FILED', planned: 5 }],
        stations: [{ name: 'FIXED', sources: ['10.0.8.0/24'], key: '${key}', workOrders: { FILED: 'WO-F' } }],
      } }`,
    );
    const desk = await openDesk({ CLAIMSTAMP_CONFIG: file });
    const before = await desk.size();
    for (const [method, path, body] of [
      ['PUT', 'products/FILED', { name: 'Other' }],
      ['PUT', 'work-orders/WO-F', { product: 'FILED', planned: 9 }],
      ['PUT', 'stations/FIXED', {}],
      ['POST', 'stations/FIXED/key', {}],
    ] as const) {
      const answer = await desk.ask<Problem>(method, `/v1/${path}`, body);
      expect(answer.status, path).toBe(409);
      expect(answer.body.detail).toMatch(/is set in the configuration file: change it there and restart/);
    }
    expect(await desk.size()).toBe(before);
    const { id } = (await desk.agent({ product: 'FILED' }, '192.0.2.9', `/ioto/serialize/${key}`)).body;
    expect((await desk.ask('GET', `/v1/units/${id}`)).body).toMatchObject({ station: 'FIXED', workOrder: 'WO-F' });
    expectQuiet(desk.log(), [id], [key]);

    const size = await desk.size();
    await desk.close();
    const again = await openDesk({ CLAIMSTAMP_CONFIG: file }, desk.data);
    expect(await again.size()).toBe(size);
  });
});
