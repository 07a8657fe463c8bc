import { beforeEach, describe, expect, it } from 'vitest';
import { kiosk, type Headers } from '../support/askers.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

/* The labels that are in a printer: an operator names them, and labels of other sizes are refused. */

let desk: Desk;
let screen: Headers;
let uci: string;
beforeEach(async () => {
  desk = await openDesk();
  await desk.ask('PUT', '/v1/products/A', { name: 'Thermostat', label: 'device-62x40' });
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere/P', format: 'zpl', loaded: '50x25' });
  await desk.ask('PUT', '/v1/printers/Q', { kind: 'file', folder: '/proc/nowhere/Q', format: 'zpl' });
  await desk.ask('PUT', '/v1/stations/one', { mode: 'slot', sources: ['10.0.0.1'], printer: 'P' });
  await desk.ask('PUT', '/v1/stations/two', { printer: 'Q' });
  await desk.ask('PUT', '/v1/stations/bare', {});
  uci = (await desk.agent({ product: 'A', mac: 'A4:C1:38:AA:00:01' }, '10.0.0.1')).body.id;
  screen = await kiosk(desk, 'one');
});

interface Answered {
  status: number;
  body: Problem & { printer?: string };
}
const ask = async (path: string, body: object, headers?: Headers, method = 'POST'): Promise<Answered> => {
  if (headers === undefined) return desk.ask(method, path, body);
  const answer = await desk.app.request(path, { method, headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Answered['body'] };
};
const printer = async (name = 'P') =>
  (await desk.ask<{ printers: { name: string; loaded?: string }[] }>('GET', '/v1/printers')).body.printers.find(
    (one) => one.name === name,
  );
const page = async (path: string, fields?: Record<string, string>): Promise<string> => {
  const headers = { cookie: screen['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' };
  const body = fields && new URLSearchParams({ csrf: screen['x-csrf-token'] ?? '', ...fields }).toString();
  const init = body === undefined ? { headers } : { headers, method: 'POST', body };
  return (await desk.app.request(path, init)).text();
};

describe('a label for other media', () => {
  it.each([
    ['by its printer', () => ask(`/v1/units/${uci}/print`, { printer: 'P' })],
    ['by its station', () => ask(`/v1/units/${uci}/print`, { station: 'one' })],
    ['at the screen of its station', () => ask(`/v1/units/${uci}/print`, {}, screen)],
  ])('is refused before it is queued, %s', async (_, print) => {
    const size = await desk.size();
    const { status, body } = await print();
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('P has labels of 50x25 mm, and the product needs 62x40 mm') as string },
    });
    expect(await desk.size()).toBe(size);
  });

  it('prints where the size is not known, and after the right labels were loaded', async () => {
    expect((await ask(`/v1/units/${uci}/print`, { printer: 'Q' })).status).toBe(202);
    await desk.ask(
      'POST',
      '/v1/print-jobs/' +
        String((await desk.ask<{ jobs: { id: number }[] }>('GET', '/v1/print-jobs')).body.jobs[0]?.id) +
        '/cancel',
    );
    expect((await ask('/v1/stations/one/loaded', { loaded: '62x40' })).body).toEqual({ printer: 'P', loaded: '62x40' });
    expect((await ask(`/v1/units/${uci}/print`, { printer: 'P' })).status).toBe(202);
  });

  it('is not moved to a printer with other labels', async () => {
    await ask(`/v1/units/${uci}/print`, { printer: 'Q' });
    const { jobs } = (await desk.ask<{ jobs: { id: number }[] }>('GET', '/v1/print-jobs')).body;
    const moved = await ask(`/v1/print-jobs/${jobs[0]?.id}/elsewhere`, { printer: 'P' });
    expect(moved).toMatchObject({ status: 409, body: { type: expect.stringContaining('printer-unfit') as string } });
    expect(moved.body.detail).toContain('50x25');
  });
});

describe('an operator at the screen of the station', () => {
  it('is told which labels are needed, and says with one touch that they are loaded', async () => {
    const before = await page('/stations/one/now');
    expect(before).toContain('50 × 25 mm');
    expect(before).toMatch(/data-do="loaded"[^>]*data-size="62x40"|data-size="62x40"[^>]*data-do="loaded"/);
    await page('/stations/one/do', { what: 'loaded', size: '62x40' });
    expect(await printer()).toMatchObject({ loaded: '62x40' });
    expect(await page('/stations/one/now')).not.toContain('data-do="loaded"');
  });

  it('chooses among the sizes that products need and printers have', async () => {
    const list = await page('/stations/one/loaded');
    for (const size of ['62x40', '50x25']) expect(list).toContain(`data-size="${size}"`);
  });

  it('changes only the printer of the own station, and nothing else of it', async () => {
    expect((await ask('/v1/stations/one/loaded', { loaded: '62x40' }, screen)).status).toBe(200);
    expect((await ask('/v1/stations/two/loaded', { loaded: '62x40' }, screen)).status).toBe(403);
    expect((await ask('/v1/stations/one/loaded', { loaded: '62x40', dpi: 300 }, screen)).status).toBe(400);
    expect((await ask('/v1/printers/P', { loaded: '62x40' }, screen, 'PATCH')).status).toBe(403);
    expect(await printer('Q')).not.toHaveProperty('loaded');
  });

  it('hears what is wrong', async () => {
    expect((await ask('/v1/stations/one/loaded', { loaded: '62 by 40' })).status).toBe(400);
    expect((await ask('/v1/stations/bare/loaded', { loaded: '62x40' })).body.type).toContain('no-printer');
    expect((await ask('/v1/stations/none/loaded', { loaded: '62x40' })).status).toBe(404);
  });
});

it.each([
  [{ rotation: 45 }, 'rotation'],
  [{ darkness: 31 }, 'darkness'],
  [{ offsetX: 5.1 }, 'offsetX'],
  [{ across: 5, acrossGap: 2 }, 'across'],
  [{ across: 2 }, 'acrossGap'],
  [{ tracking: 'magic' }, 'tracking'],
])('a printer with %j is refused, naming %s', async (settings, property) => {
  const { status, body } = await ask('/v1/printers/P', settings, undefined, 'PATCH');
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining(property) as string },
  });
});

it('keeps the settings of a printer as data, and gives each back', async () => {
  const settings = {
    rotation: 180,
    offsetX: -0.5,
    offsetY: 1,
    across: 2,
    acrossGap: 2.5,
    darkness: 12,
    speed: 4,
    tracking: 'mark',
    finish: 'cut',
    tearOff: -1,
  };
  expect((await ask('/v1/printers/P', settings, undefined, 'PATCH')).status).toBe(200);
  expect(await printer()).toMatchObject({ ...settings, loaded: '50x25' });
  await ask('/v1/printers/P', { darkness: null, rotation: null }, undefined, 'PATCH');
  expect(await printer()).not.toHaveProperty('darkness');
});
