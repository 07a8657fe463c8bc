import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { permissionsOf } from '../../src/model/role.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';
import { invited, openBrowser, type Browser } from '../support/form-client.ts';

interface PersonBody {
  name: string;
  role: string;
  hasPassword: boolean;
  linkUntil?: string;
  removedAt?: string;
}
interface Link {
  link: string;
  expiresAt: string;
}

describe('people', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });
  const listed = async (name: string): Promise<PersonBody | undefined> =>
    (await desk.ask<{ people: PersonBody[] }>('GET', '/v1/people')).body.people.find((one) => one.name === name);

  it('have badges that can be drawn and printed; who has none is told', async () => {
    const folder = tempFolder();
    await desk.ask('PUT', '/v1/printers/BADGES', { kind: 'file', folder, format: 'zpl' });
    await desk.ask('PUT', '/v1/people/berta', { role: 'operator', badge: 'OP-7001' });
    await desk.ask('PUT', '/v1/people/carl', { role: 'operator' });
    const svg = await desk.app.request('/v1/people/berta/badge.svg', {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect([svg.status, svg.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    // The longest names and badges fit, also in the widest letters.
    for (const name of ['W'.repeat(64), 'maria-jose.fernandez-de-la-vega']) {
      await desk.ask('PUT', `/v1/people/${name}`, { role: 'operator', badge: name.toUpperCase().padEnd(64, 'W') });
      const long = await desk.app.request(`/v1/people/${name}/badge.svg`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      expect([long.status, name]).toEqual([200, name]);
    }
    const printed = await desk.ask('POST', '/v1/people/berta/badge', { printer: 'BADGES' });
    expect([printed.status, printed.body]).toEqual([200, { state: 'done' }]);
    expect(readdirSync(folder)).toHaveLength(1);
    expect((await desk.ask('POST', '/v1/people/carl/badge', { printer: 'BADGES' })).status).toBe(404);
  });

  it('are set, listed and removed; the list holds no hash', async () => {
    const set = await desk.ask('PUT', '/v1/people/lin', { role: 'operator' });
    expect([set.status, set.body]).toEqual([200, { name: 'lin', role: 'operator' }]);
    expect(await listed('lin')).toMatchObject({ role: 'operator', hasPassword: false });
    await desk.ask('POST', '/v1/people/lin/link');
    expect((await listed('lin'))?.linkUntil).toMatch(/Z$/);
    await invited(desk, 'lin', 'qa');
    const { body } = await desk.ask<object>('GET', '/v1/people');
    expect(JSON.stringify(body)).not.toMatch(/scrypt|"password"|hash"/);
    expect(await listed('lin')).toMatchObject({ role: 'qa', hasPassword: true });
    expect((await desk.ask('DELETE', '/v1/people/lin')).status).toBe(200);
    expect((await listed('lin'))?.removedAt).toMatch(/Z$/);
    expect((await desk.ask('DELETE', '/v1/people/lin')).status).toBe(404);
    expect((await desk.ask('POST', '/v1/people/lin/link')).status).toBe(404);
  });

  it('are changed by a merge: a badge changes no role, null takes it away, a new person needs a role', async () => {
    const change = (body: object) => desk.ask<object>('PATCH', '/v1/people/olga', body);
    expect(await change({ badge: 'OP-1000' })).toMatchObject({ status: 400, body: { detail: '"role": is missing' } });
    expect(await change({ role: 'qa' })).toMatchObject({ status: 200, body: { name: 'olga', role: 'qa' } });
    expect(await change({ badge: 'OP-1000' })).toMatchObject({ status: 200, body: { name: 'olga', role: 'qa' } });
    await change({ role: 'admin' });
    expect(await listed('olga')).toMatchObject({ role: 'admin', hasBadge: true });
    await change({ badge: null });
    expect(await listed('olga')).toMatchObject({ role: 'admin', hasBadge: false });
    expect((await change({ role: null })).status).toBe(400);
    await desk.ask('DELETE', '/v1/people/olga');
    expect((await change({ badge: 'OP-1000' })).status).toBe(400);
  });

  it('who come back after they were removed need a new password', async () => {
    await invited(desk, 'mo');
    await desk.ask('DELETE', '/v1/people/mo');
    await desk.ask('PUT', '/v1/people/mo', { role: 'operator' });
    expect(await listed('mo')).toMatchObject({ hasPassword: false });
  });

  it('have roles, and names of letters and digits', async () => {
    for (const [name, body] of [
      ['lin', { role: 'service' }],
      ['lin', {}],
      ['l%20n', { role: 'qa' }],
      ['x'.repeat(65), { role: 'qa' }],
    ] as const) {
      expect((await desk.ask('PUT', `/v1/people/${name}`, body)).status, name).toBe(400);
    }
  });

  it('who may more than a service are neither made less by it nor invited', async () => {
    const scopes = [...permissionsOf('operator'), 'access:write'] as const;
    const { body } = await desk.ask<{ token: string }>('POST', '/v1/tokens', { name: 'hr', role: 'service', scopes });
    const asService = async (method: string, path: string, sent?: object): Promise<number> => {
      const headers = { authorization: `Bearer ${body.token}` };
      const init = sent === undefined ? { method, headers } : { method, headers, body: JSON.stringify(sent) };
      return (await desk.app.request(path, init)).status;
    };
    await desk.ask('PUT', '/v1/people/boss', { role: 'admin' });
    expect(await asService('PUT', '/v1/people/boss', { role: 'operator' })).toBe(403);
    expect(await asService('PATCH', '/v1/people/boss', { badge: 'OP-2000' })).toBe(403);
    expect(await asService('PATCH', '/v1/people/next', { role: 'admin' })).toBe(403);
    expect(await asService('POST', '/v1/people/boss/link')).toBe(403);
    expect(await listed('boss')).toMatchObject({ role: 'admin' });
    await desk.ask('DELETE', '/v1/people/boss');
    expect(await asService('PUT', '/v1/people/boss', { role: 'operator' })).toBe(403);
    expect(await asService('PUT', '/v1/people/new', { role: 'operator' })).toBe(200);
    expect(await asService('POST', '/v1/people/new/link')).toBe(201);
  });

  it('are known to the ledger by what they do', async () => {
    const browser = await invited(desk, 'kim', 'qa');
    const { id } = (await desk.agent({ product: 'DEMO' })).body;
    expect((await browser.call('POST', `/v1/units/${id}/void`, { reason: 'label-damaged' })).status).toBe(200);
    expect(audit(desk.data).lines.at(-1)).toContain('"actor":"person:kim"');
  });
});

describe("a station's screen", () => {
  let desk: Desk;
  let late = 0;
  beforeAll(async () => {
    desk = await openDesk({}, undefined, () => Date.now() + late);
    await desk.ask('PUT', '/v1/products/DEMO', {});
    for (const [name, source] of [
      ['line-1', '10.0.8.11'],
      ['line-2', '10.0.8.12'],
    ]) {
      await desk.ask('PUT', `/v1/stations/${name}`, { sources: [source] });
    }
  });
  const linkFor = async (station: string): Promise<string> => {
    const { status, body } = await desk.ask<Link>('POST', `/v1/stations/${station}/kiosk`);
    expect(status).toBe(201);
    return new URL(body.link).pathname;
  };
  const opened = async (station: string): Promise<Browser> => {
    const browser = openBrowser(desk.app);
    const path = await linkFor(station);
    expect((await browser.get(path)).text).toContain(`Open this screen for station ${station}`);
    expect((await browser.send(path)).status).toBe(303);
    expect((await browser.get('/account')).text).toContain(`Station ${station}`);
    // This page has the form token.
    await browser.get(`/stations/${station}`);
    return browser;
  };

  it('is opened with a link that works once, for an hour', async () => {
    const path = await linkFor('line-1');
    late = 60 * 60 * 1000 + 1000;
    expect((await openBrowser(desk.app).get(path)).status).toBe(403);
    late = 0;
    const browser = openBrowser(desk.app);
    await browser.get(path);
    expect((await browser.send(path)).status).toBe(303);
    expect((await openBrowser(desk.app).get(path)).status).toBe(403);
    expect((await desk.ask('POST', '/v1/stations/none/kiosk')).status).toBe(404);
  });

  it('sees and moves its own station, and no other', async () => {
    const screen = await opened('line-1');
    expect((await screen.call('GET', '/v1/stations/line-1')).status).toBe(200);
    expect((await screen.call('POST', '/v1/stations/line-1/cancel')).status).toBe(200);
    for (const path of ['/v1/stations/line-2', '/v1/stations', '/v1/tokens', '/v1/people', '/v1/units']) {
      expect((await screen.call('GET', path)).status, path).toBe(403);
    }
    expect((await screen.call('POST', '/v1/stations/line-2/cancel')).status).toBe(403);
    expect((await screen.call('POST', '/v1/stations/line-1/kiosk')).status).toBe(403);
  });

  it("gets of another station's unit exactly what it gets of an ID that nobody has", async () => {
    const screen = await opened('line-1');
    const own = (await desk.agent({ product: 'DEMO' }, '10.0.8.11')).body.id;
    const other = (await desk.agent({ product: 'DEMO' }, '10.0.8.12')).body.id;
    expect((await screen.call('GET', `/v1/units/${own}`)).status).toBe(200);
    const answers = await Promise.all(
      [other, 'ZZZZZZZZZZ'].map(async (uci) => {
        const answer = await screen.call('GET', `/v1/units/${uci}`);
        const { requestId: _id, ...body } = (await answer.json()) as Problem & { requestId: string };
        return { status: answer.status, body, headers: [...answer.headers] };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.status).toBe(404);
  });

  it('stays through the night, and goes dark when it is closed', async () => {
    const screen = await opened('line-1');
    late = 30 * 24 * 60 * 60 * 1000;
    expect((await screen.get('/account')).status).toBe(200);
    late = 0;
    const unused = await linkFor('line-1');
    expect((await desk.ask('DELETE', '/v1/stations/line-1/kiosk')).status).toBe(200);
    expect((await screen.get('/account')).status).toBe(303);
    expect((await screen.call('GET', '/v1/stations/line-1')).status).toBe(401);
    expect((await openBrowser(desk.app).get(unused)).status).toBe(403);
  });

  it('and a person of the same name are two', async () => {
    const screen = await opened('line-1');
    const person = await invited(desk, 'line-1', 'qa');
    await desk.ask('DELETE', '/v1/people/line-1');
    expect((await person.get('/account')).status).toBe(303);
    expect((await screen.get('/account')).status).toBe(200);
  });

  it('is in the ledger as what it does', async () => {
    const screen = await opened('line-2');
    const { id } = (await desk.agent({ product: 'DEMO' }, '10.0.8.12')).body;
    await screen.call('POST', '/v1/stations/line-2/arm', { code: id, reason: 'rework' });
    expect(audit(desk.data).lines.at(-1)).toContain('"actor":"kiosk:line-2"');
  });
});
