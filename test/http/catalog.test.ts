import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

const PRODUCT = {
  name: 'Thermostat',
  code: 'TH',
  claimIdLength: 12,
  company: 'Acme',
  logo: 'claimstamp.svg',
  label: 'device-62x40',
  qr: 'https://example.com/{uci}',
  serialPattern: '{code}{yy}{ww}U{seq:5}',
  claiming: 'pre',
  account: '01ACCOUNT',
  cloud: '01CLOUD',
  release: 'both',
  repeat: 'refuse',
};

describe('a change of settings', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });

  it('of a product leaves what it does not name, and null restores the default', async () => {
    await desk.ask('PUT', '/v1/products/P', PRODUCT);
    const renamed = await desk.ask('PATCH', '/v1/products/P', { name: 'Thermostat 2' });
    expect(renamed).toMatchObject({ status: 200, body: { ...PRODUCT, id: 'P', name: 'Thermostat 2' } });
    const { repeat: _repeat, qr: _qr, ...rest } = PRODUCT;
    expect((await desk.ask('PATCH', '/v1/products/P', { name: 'Thermostat', repeat: null, qr: null })).body).toEqual({
      ...rest,
      id: 'P',
      repeat: 'same',
    });
  });

  it('of a product writes no S/N as "none", and the ledger keeps null', async () => {
    expect((await desk.ask('PATCH', '/v1/products/N', { serialPattern: 'none' })).body).toMatchObject({
      serialPattern: null,
    });
    expect(audit(desk.data).lines.at(-1)).toContain('"serialPattern":null');
    expect((await desk.ask('PATCH', '/v1/products/N', { name: 'N' })).body).toMatchObject({ serialPattern: null });
    expect((await desk.ask('PUT', '/v1/products/N', { serialPattern: 'none' })).body).toMatchObject({
      serialPattern: null,
    });
    const restored = await desk.ask<{ serialPattern: string }>('PATCH', '/v1/products/N', { serialPattern: null });
    expect(restored.body.serialPattern).toContain('{seq:');
  });

  it('of a station changes one of its work orders and leaves the others', async () => {
    for (const product of ['A', 'B']) {
      await desk.ask('PUT', `/v1/products/${product}`, { serialPattern: 'none' });
      await desk.ask('PUT', `/v1/work-orders/WO-${product}`, { product, planned: 5, lot: 'L1', overIssue: 'refuse' });
    }
    const sources = ['10.0.8.11'];
    await desk.ask('PUT', '/v1/stations/nest', { sources, mode: 'slot', workOrders: { A: 'WO-A' } });
    const more = await desk.ask('PATCH', '/v1/stations/nest', { workOrders: { B: 'WO-B' } });
    expect(more.body).toMatchObject({ mode: 'slot', sources, workOrders: { A: 'WO-A', B: 'WO-B' } });
    const fewer = await desk.ask<{ workOrders: object }>('PATCH', '/v1/stations/nest', { workOrders: { A: null } });
    expect(fewer.body).toMatchObject({ mode: 'slot', sources, workOrders: { B: 'WO-B' } });
    expect(fewer.body.workOrders).toEqual({ B: 'WO-B' });
  });

  it('of a work order leaves its lot, and a new one needs its product', async () => {
    expect((await desk.ask('PATCH', '/v1/work-orders/WO-A', { planned: 9 })).body).toEqual({
      id: 'WO-A',
      product: 'A',
      planned: 9,
      lot: 'L1',
      overIssue: 'refuse',
    });
    const missing = await desk.ask<Problem>('PATCH', '/v1/work-orders/WO-C', { planned: 9 });
    expect(missing).toMatchObject({ status: 400, body: { detail: '"product": must be a string' } });
  });

  it('of a printer leaves its certificate and its time limits', async () => {
    const certificate = 'ab'.repeat(32);
    const printer = { kind: 'ipp', url: 'ipps://h/q', certificate, answerMs: 8000, doneMs: 9000, media: 'om_62x40mm' };
    await desk.ask('PUT', '/v1/printers/office', printer);
    const moved = await desk.ask('PATCH', '/v1/printers/office', { url: 'ipps://h2/q' });
    expect(moved).toMatchObject({ status: 200, body: { ...printer, name: 'office', url: 'ipps://h2/q' } });
    const open = await desk.ask<Problem>('PATCH', '/v1/printers/office', { url: 'ipp://h2/q' });
    expect(open).toMatchObject({
      status: 400,
      body: { detail: '"certificate": is only for ipps:// and https:// addresses' },
    });
  });

  it('of a printer takes a host with its port, IPv6 too, as PUT does', async () => {
    for (const method of ['PUT', 'PATCH']) {
      const printer = { kind: 'raw9100', host: '[fd00::1]:9101' };
      const set = await desk.ask(method, `/v1/printers/${method}`, printer);
      expect(set).toMatchObject({ status: 200, body: { host: 'fd00::1', port: 9101 } });
      const moved = await desk.ask('PATCH', `/v1/printers/${method}`, { host: 'fd00::2' });
      expect(moved.body).toMatchObject({ host: 'fd00::2', port: 9101 });
    }
  });

  it('is refused by the name of the setting, and changes nothing then', async () => {
    const before = audit(desk.data).lines.length;
    for (const [patch, detail] of [
      [{ claimIdLength: 9 }, /"claimIdLength"/],
      [{ colour: 'red' }, /"colour" is not known here/],
      [{ serialPattern: '{seq}' }, /"serialPattern"/],
    ] as const) {
      const refused = await desk.ask<Problem>('PATCH', '/v1/products/P', patch);
      expect(refused.status).toBe(400);
      expect(refused.body.detail).toMatch(detail);
    }
    expect(audit(desk.data).lines).toHaveLength(before);
  });

  it('of a product is refused where the logo or the template is missing, and changes nothing then', async () => {
    const before = audit(desk.data).lines.length;
    for (const [settings, detail] of [
      [{ logo: 'none.svg' }, 'there is no picture "none.svg"'],
      [{ label: 'none' }, 'there is no label template none: use one of'],
    ] as const)
      for (const [method, body] of [
        ['PATCH', settings],
        ['PUT', { ...PRODUCT, ...settings }],
      ] as const) {
        const refused = await desk.ask<Problem>(method, '/v1/products/P', body);
        expect(refused.status).toBe(422);
        expect(refused.body.detail).toContain(detail);
      }
    expect(audit(desk.data).lines).toHaveLength(before);
  });
});
