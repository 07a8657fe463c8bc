import { beforeEach, describe, expect, it } from 'vitest';
import { kiosk, token, type Headers } from '../support/askers.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

interface Station {
  product?: string;
  printer?: string;
  workOrders: Record<string, string>;
}

describe('a change-over', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/products/A', { name: 'Thermostat', orderRequired: true, label: 'device-62x40' });
    await desk.ask('PUT', '/v1/products/B', { name: 'Pump', orderRequired: true, label: 'device-50x25' });
    for (const id of ['A', 'B']) await desk.ask('PUT', `/v1/work-orders/WO-${id}`, { product: id, planned: 9 });
    for (const name of ['P1', 'P2'])
      await desk.ask('PUT', `/v1/printers/${name}`, { kind: 'file', folder: `/nowhere/${name}`, format: 'zpl' });
    await desk.ask('PUT', '/v1/stations/one', { mode: 'slot', sources: ['10.0.0.1'], workOrders: { A: 'WO-A' } });
  });
  const over = (body: object, name = 'one') =>
    desk.ask<Problem & { needed?: string }>('POST', `/v1/stations/${name}/change-over`, body);
  const station = async (): Promise<Station> => (await desk.ask<Station>('GET', '/v1/stations/one')).body;
  const asks = async (product: string): Promise<number> =>
    (await desk.agent({ product, mac: `A4:C1:38:AA:00:0${product === 'A' ? 1 : 2}` }, '10.0.0.1')).status;

  it('makes the station run this order only, with its product and printer, by one event of each', async () => {
    const before = await desk.size();
    const { status, body } = await over({ workOrder: 'WO-B', printer: 'P1', loaded: '50x25' });
    expect({ status, body }).toMatchObject({ status: 200, body: { product: 'B', loaded: '50x25', needed: '50x25' } });
    expect(await desk.size()).toBe(before + 2);
    expect(await station()).toMatchObject({ product: 'B', printer: 'P1', workOrders: { B: 'WO-B' } });
    expect([await asks('A'), await asks('B')]).toEqual([409, 200]);
  });

  it('keeps the printer if none is named, and takes it away for null', async () => {
    await over({ workOrder: 'WO-B', printer: 'P2' });
    await over({ workOrder: 'WO-A' });
    expect((await station()).printer).toBe('P2');
    await over({ workOrder: 'WO-A', printer: null });
    expect((await station()).printer).toBeUndefined();
  });

  it('says that the labels do not fit before anything is saved', async () => {
    const before = await desk.size();
    const wrong = await over({ workOrder: 'WO-B', printer: 'P1', loaded: '62x40' });
    expect(wrong.status).toBe(409);
    expect(wrong.body.detail).toMatch(/P1 has labels of 62x40 mm, and the product needs 50x25 mm/);
    expect(await desk.size()).toBe(before);
    expect((await over({ workOrder: 'WO-B', printer: 'P1', loaded: '62x40', despiteLabels: true })).status).toBe(200);
    expect((await over({ workOrder: 'WO-A' })).status).toBe(200);
    expect((await over({ workOrder: 'WO-B' })).body.type).toMatch(/labels-differ/);
  });

  it('reads the size of the labels from the media name of an IPP printer', async () => {
    const printer = { kind: 'ipp', url: 'ipp://192.0.2.9/printers/labels', media: 'om_label_62x40mm' };
    await desk.ask('PUT', '/v1/printers/P3', printer);
    expect((await over({ workOrder: 'WO-B', printer: 'P3' })).body.type).toMatch(/labels-differ/);
    expect((await over({ workOrder: 'WO-A', printer: 'P3' })).status).toBe(200);
  });

  it('is refused while a unit is open, for a closed order, and for what does not exist', async () => {
    await asks('A');
    expect((await over({ workOrder: 'WO-B' })).body.type).toMatch(/station-busy/);
    await desk.ask('POST', '/v1/stations/one/next', {});
    await desk.ask('POST', '/v1/work-orders/WO-B/close', {});
    expect((await over({ workOrder: 'WO-B' })).body.type).toMatch(/work-order-closed/);
    for (const [body, name] of [
      [{ workOrder: 'NONE' }, 'one'],
      [{ workOrder: 'WO-A' }, 'nowhere'],
      [{ workOrder: 'WO-A', printer: 'NONE' }, 'one'],
    ] as const)
      expect((await over(body, name)).status).toBe(404);
    expect((await over({ workOrder: 'WO-A', printer: null, loaded: '62x40' })).body.type).toMatch(/no-printer/);
  });

  describe('at a screen without a signed-in person', () => {
    let here: Headers;
    beforeEach(async () => {
      await desk.ask('PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-4711' });
      await desk.ask('PUT', '/v1/people/lena', { role: 'lead', badge: 'LE-4712' });
      await desk.ask('PUT', '/v1/stations/two', {});
      here = await kiosk(desk, 'one');
    });
    const post = (path: string, fields: Record<string, string>) =>
      desk.app.request(path, {
        method: 'POST',
        headers: { cookie: here['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ csrf: here['x-csrf-token'] ?? '', ...fields }).toString(),
      });
    const badge = async (code: string): Promise<string> =>
      (await post('/stations/one/scan', { code, intent: 'badge' })).text();
    const page = async (): Promise<string> =>
      (await desk.app.request('/stations/one/change-over', { headers: { cookie: here['cookie'] ?? '' } })).text();
    const call = async (path: string, method = 'POST'): Promise<number> =>
      (await desk.app.request(path, { method, headers: here, body: JSON.stringify({ workOrder: 'WO-B' }) })).status;

    it('needs the badge of a lead', async () => {
      expect(await page()).toContain('Scan a lead');
      expect(await call('/v1/stations/one/change-over')).toBe(403);
      expect(await badge('OP-4711')).toContain('olga');
      expect(await page()).toContain('olga does not have permission to change the station over');
      expect(await call('/v1/stations/one/change-over')).toBe(403);
      await badge('LE-4712');
      expect(await page()).toContain('WO-B');
      const answer = await post('/stations/one/change-over', { workOrder: 'WO-B', printer: '', loaded: '' });
      expect(answer.headers.get('hx-redirect')).toBe('/stations/one');
      expect((await station()).workOrders).toEqual({ B: 'WO-B' });
    });

    it('lets the badge do nothing else', async () => {
      await badge('LE-4712');
      expect(await call('/v1/stations/two/change-over')).toBe(403);
      expect(await call('/v1/stations/one', 'PATCH')).toBe(403);
      expect(await call('/v1/units/JT08FFQXWQ/void')).toBe(403);
    });

    it('takes no label for a badge', async () => {
      await asks('A');
      const before = await desk.size();
      const { uci } = (await desk.ask<{ slot: { uci: string } }>('GET', '/v1/stations/one')).body.slot;
      expect(await badge(uci)).toContain('not a badge');
      expect(await desk.size()).toBe(before);
    });

    it('offers to go on if the labels do not fit, and finds orders by a search', async () => {
      await badge('LE-4712');
      const fields = { workOrder: 'WO-B', printer: 'P1', loaded: '62x40' };
      expect(await (await post('/stations/one/change-over', fields)).text()).toContain('despiteLabels');
      const sure = await post('/stations/one/change-over', { ...fields, despiteLabels: 'yes' });
      expect(sure.headers.get('hx-redirect')).toBe('/stations/one');
      const cookie = { cookie: here['cookie'] ?? '' };
      const found = await (await desk.app.request('/stations/one/change-over?find=pump', { headers: cookie })).text();
      expect([found.includes('WO-B'), found.includes('WO-A')]).toEqual([true, false]);
    });
  });

  it('by an operator is refused, also with a token', async () => {
    const headers = await token(desk, 'operator', 'operator');
    const init = { method: 'POST', headers, body: JSON.stringify({ workOrder: 'WO-B' }) };
    expect((await desk.app.request('/v1/stations/one/change-over', init)).status).toBe(403);
  });
});
