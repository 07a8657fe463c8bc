import { beforeEach, describe, expect, it } from 'vitest';
import { invited, type Browser } from '../support/form-client.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

/* Removal of stations, printers and work orders by page. */

let desk: Desk;
let admin: Browser;
beforeEach(async () => {
  desk = await openDesk({}, tempFolder());
  admin = await invited(desk, 'ines', 'admin');
  await desk.ask('PUT', '/v1/products/DEMO', {});
  await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 3 });
  await desk.ask('PUT', '/v1/printers/zebra-1', { kind: 'raw9100', host: '127.0.0.1', port: 9 });
  await desk.ask('PUT', '/v1/stations/line-1', { printer: 'zebra-1', workOrders: { DEMO: 'WO-1' } });
});

const remove = (path: string) => admin.send(`${path}/remove`, {}, { 'hx-request': 'true' });

describe('what is in use', () => {
  it('says what uses it, instead of a button', async () => {
    const printer = await admin.get('/printer-settings?name=zebra-1');
    expect(printer.text).toContain('These stations print on this printer: line-1');
    expect(printer.text).not.toContain('action="/printers/zebra-1/remove"');
    expect((await admin.get('/work-orders/WO-1')).text).toContain('These stations work on this work order: line-1');
    const refused = await remove('/printers/zebra-1');
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('choose another printer')]);
  });
});

it('a station, then its printer and its work order are removed', async () => {
  expect((await admin.get('/station-settings?name=line-1')).text).toContain('Its key and its screens stop working');
  for (const [path, list] of [
    ['/stations/line-1', '/stations'],
    ['/printers/zebra-1', '/printers'],
    ['/work-orders/WO-1', '/work-orders'],
  ] as const) {
    const removed = await remove(path);
    expect([removed.status, removed.headers.get('hx-redirect')]).toEqual([200, list]);
    expect((await remove(path)).status).toBe(404);
  }
  const { entries } = (await desk.ask<{ entries: { type: string }[] }>('GET', '/v1/audit?kind=changed')).body;
  expect(entries.slice(0, 3).map(({ type }) => type)).toEqual([
    'work-order-removed',
    'printer-removed',
    'station-removed',
  ]);
  expect((await admin.get('/audit')).text).toContain('Name: line-1');
});

it('a person who may not change settings sees no button', async () => {
  const lead = await invited(desk, 'rosa', 'lead');
  expect((await lead.get('/station-settings?name=line-1')).text).not.toContain('Remove station');
});
