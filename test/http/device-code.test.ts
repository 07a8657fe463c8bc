import { beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

describe("a product's device code", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  const product = (settings: object) => desk.ask<Problem>('PUT', '/v1/products/DEMO', settings);

  it('is an identity property that its label does not print', async () => {
    expect((await product({ deviceCode: 'mac' })).status).toBe(200);
    expect((await product({ deviceCode: 'serial' })).body.detail).toMatch(/prints "serial"/);
    expect((await product({ deviceCode: 'colour' })).body.detail).toMatch(/not an identity property/);
  });

  it('is needed where a station has several nests in open mode', async () => {
    await product({});
    const nests = () => desk.ask<Problem>('PUT', '/v1/stations/PANEL', { nests: 4, product: 'DEMO' });
    expect((await nests()).body.type).toMatch(/device-code-needed/);
    await product({ deviceCode: 'mac' });
    expect((await nests()).status).toBe(200);
    expect((await product({})).body.type).toMatch(/device-code-needed/);
    expect((await desk.ask('PATCH', '/v1/stations/PANEL', { mode: 'slot' })).status).toBe(200);
    expect((await product({})).status).toBe(200);
  });

  it('and the QR, as scanners send them, find the unit', async () => {
    await product({ qr: `https://claim.example.com/c/{uci}?k=${'7f'.repeat(500)}`, deviceCode: 'mac' });
    const { id } = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01' })).body;
    const qr = `]Q1HTTPS://CLAIM.example.com/c/${id}?k=${'7f'.repeat(500)}`;
    for (const find of [qr, 'a4c1.38aa.0001', `\u0002${id}\u0003`, `]d2010952000002121421${id}`]) {
      const path = `/v1/units?find=${encodeURIComponent(find)}`;
      expect((await desk.ask<{ units: { uci: string }[] }>('GET', path)).body.units, find).toMatchObject([{ uci: id }]);
    }
    const verified = await desk.ask('POST', '/v1/stations/default/verify', { label: qr });
    expect(verified.body).toMatchObject({ result: 'PASS', uci: id });
  });
});
