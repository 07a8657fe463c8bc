import { beforeAll, describe, expect, it } from 'vitest';
import { CHANGE_OVER } from '../../src/decide/catalog.ts';
import { StationSettings } from '../../src/model/station.ts';
import { person, token, type Headers } from '../support/askers.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

/* What a lead may do beyond an operator, and where that ends. */

let desk: Desk;
let lead: Headers;
const send = async (method: string, path: string, body?: object, headers = lead) => {
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await desk.app.request(path, init);
  return { status: answer.status, body: (await answer.json()) as Problem & Record<string, unknown> };
};

beforeAll(async () => {
  desk = await openDesk();
  for (const id of ['DEMO', 'NEXT']) await desk.ask('PUT', `/v1/products/${id}`, { name: id });
  await desk.ask('PUT', '/v1/work-orders/WO-2', { product: 'NEXT', planned: 5 });
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'zpl' });
  await desk.ask('PUT', '/v1/stations/line-1', { mode: 'slot', sources: ['10.0.8.11'] });
  lead = await person(desk, 'Lena', 'lead');
});

describe('a lead', () => {
  it('changes a station over to the next order, product and printer', async () => {
    const change = { workOrders: { NEXT: 'WO-2' }, product: 'NEXT', printer: 'P' };
    const changed = await send('PATCH', '/v1/stations/line-1', change);
    expect([changed.status, changed.body]).toMatchObject([200, { ...change, mode: 'slot', sources: ['10.0.8.11'] }]);
    expect((await send('PATCH', '/v1/stations/line-1', { printer: null })).body).not.toHaveProperty('printer');
  });

  it('changes no other setting of a station, and is told which; nothing is half done', async () => {
    const before = await desk.size();
    const others = Object.keys(StationSettings.shape).filter(
      (name) => !(CHANGE_OVER as readonly string[]).includes(name),
    );
    const screens = ['screen', 'theme', 'badge', 'scanner', 'linkAddress', 'fixtureAdapters', 'size'];
    const line = ['mode', 'next', 'sources', 'printers', 'scanPrefix', 'nests', 'autoPrint', 'tests'];
    expect(others).toEqual([...line, ...screens]);
    for (const name of others) {
      const refused = await send('PATCH', '/v1/stations/line-1', { product: 'DEMO', [name]: null });
      expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining(`Not allowed: ${name}.`)]);
    }
    expect((await send('PUT', '/v1/stations/line-1', {})).status).toBe(403);
    expect((await send('PATCH', '/v1/stations/line-9', { product: 'DEMO' })).status).toBe(404);
    expect((await send('POST', '/v1/stations/line-1/key')).status).toBe(403);
    expect(await desk.size()).toBe(before);
  });

  it('voids a unit, and scraps none', async () => {
    const { body } = await desk.agent({ product: 'DEMO', mac: 'm-1' });
    expect((await send('POST', `/v1/units/${body.id}/scrap`, { reason: 'device-damaged' })).status).toBe(403);
    expect((await send('POST', `/v1/units/${body.id}/void`, { reason: 'label-damaged' })).status).toBe(200);
  });

  it('adds operators with badges and links, and removes them', async () => {
    expect((await send('PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-4711' })).status).toBe(200);
    expect((await send('PATCH', '/v1/people/olga', { badge: null })).status).toBe(200);
    expect((await send('POST', '/v1/people/olga/link')).status).toBe(201);
    expect((await send('DELETE', '/v1/people/olga')).status).toBe(200);
  });

  it('makes no one more than an operator, and touches no one who is more: not itself either', async () => {
    await desk.ask('PUT', '/v1/people/quinn', { role: 'qa' });
    await desk.ask('PUT', '/v1/people/gone', { role: 'admin' });
    await desk.ask('DELETE', '/v1/people/gone');
    const size = await desk.size();
    for (const role of ['lead', 'qa', 'admin']) {
      expect((await send('PUT', '/v1/people/olga', { role })).status, role).toBe(403);
      expect((await send('PATCH', '/v1/people/Lena', { role })).status, role).toBe(403);
    }
    for (const name of ['Lena', 'quinn', 'gone'])
      expect((await send('PUT', `/v1/people/${name}`, { role: 'operator' })).status, name).toBe(403);
    for (const name of ['Lena', 'quinn']) {
      expect((await send('PATCH', `/v1/people/${name}`, { badge: 'OP-9999' })).status, name).toBe(403);
      expect((await send('POST', `/v1/people/${name}/link`)).status, name).toBe(403);
      const refused = await send('DELETE', `/v1/people/${name}`);
      expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('ask an admin')]);
    }
    expect((await send('POST', '/v1/tokens', { name: 'mine', role: 'operator' })).status).toBe(403);
    expect((await send('POST', '/v1/stations/line-1/kiosk')).status).toBe(403);
    expect(await desk.size()).toBe(size);
  });

  it('makes no link for a person who became an admin in the same moment', async () => {
    await desk.ask('PUT', '/v1/people/mo', { role: 'operator' });
    const [, link] = await Promise.all([
      desk.ask('PUT', '/v1/people/mo', { role: 'admin' }),
      send('POST', '/v1/people/mo/link'),
    ]);
    const { body } = await desk.ask<{ people: { name: string; linkUntil?: string }[] }>('GET', '/v1/people');
    expect(body.people.find(({ name }) => name === 'mo')).not.toHaveProperty('linkUntil');
    expect([201, 403]).toContain(link.status);
  });

  it('makes and withdraws no hold code', async () => {
    expect((await send('POST', '/v1/hold-codes', { name: 'mine' })).status).toBe(403);
    expect((await send('DELETE', '/v1/hold-codes/mine')).status).toBe(403);
  });

  it('finds in the console what it may change, and no more', async () => {
    await desk.ask('PUT', '/v1/people/otto', { role: 'operator' });
    const page = async (path: string) => {
      const answer = await desk.app.request(path, { headers: lead });
      return { status: answer.status, text: await answer.text() };
    };
    const { text } = await page('/stations');
    for (const path of ['/people', '/hold', '/station-settings?name=line-1']) expect(text).toContain(`href="${path}"`);
    expect((await page('/returns')).text).toContain('href="/units/end"');
    expect(text).not.toContain('href="/set-up"');
    const settings = (await page('/station-settings?name=line-1')).text;
    for (const name of ['printer', 'product', 'workOrders.NEXT']) expect(settings).toContain(`name="${name}"`);
    for (const name of ['mode', 'sources', 'autoPrint']) expect(settings).not.toContain(`name="${name}"`);
    expect((await page('/station-settings')).status).toBe(403);
    const people = (await page('/people')).text;
    expect(people).toContain('action="/people/otto/remove"');
    expect(people).not.toContain('action="/people/quinn/remove"');
    expect(people).not.toContain('<select name="role"');
    const end = (await page('/units/end')).text;
    expect(end).toContain('value="void:label-damaged"');
    expect(end).not.toContain('value="scrap:');
    const csrf = lead['x-csrf-token'] as string;
    const form = { ...lead, 'content-type': 'application/x-www-form-urlencoded' };
    const sent = (fields: Record<string, string>) => new URLSearchParams({ csrf, ...fields }).toString();
    const guesses = Array.from({ length: 30 }, (_, i) => `ZZZZZZZZ${10 + i}`).join('\n');
    const checked = { method: 'POST', headers: form, body: sent({ units: guesses, why: 'void:label-damaged' }) };
    expect((await desk.app.request('/units/end', checked)).status).toBe(429);
  });
});

it('a service with only the permission to change a station over changes no more than a lead', async () => {
  const service = await token(desk, 'mes', 'service', ['stations:changeover']);
  expect((await send('PATCH', '/v1/stations/line-1', { product: 'DEMO' }, service)).status).toBe(200);
  expect((await send('PATCH', '/v1/stations/line-1', { mode: 'open' }, service)).status).toBe(403);
});
