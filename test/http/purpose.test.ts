import { beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

interface Unit {
  purpose?: string;
  releasedSample?: { reason: string };
  reference?: { note?: string };
  repeats: { count: number };
}
interface Figures {
  issued: { units: number }[];
  firstScans: { units: number; passed: number }[];
  stations: { issued: number; passed: number }[];
  leftOut: { engineering: number; sample: number; reference: number };
}

describe('units that are not for sale', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/products/DEMO', {});
    for (const purpose of ['production', 'engineering', 'sample'])
      await desk.ask('PUT', `/v1/work-orders/${purpose}`, { product: 'DEMO', planned: 9, purpose });
  });
  let macs = 0;
  const nextMac = (): string => `A4:C1:38:AA:01:${String(++macs % 100).padStart(2, '0')}`;
  const made = async (order: string, mac = nextMac()): Promise<string> => {
    await desk.ask('PATCH', '/v1/stations/default', { workOrders: { DEMO: order } });
    const { id } = (await desk.agent({ product: 'DEMO', mac })).body;
    await desk.ask('POST', '/v1/stations/default/verify', { label: id });
    return id;
  };
  const unit = async (uci: string): Promise<Unit> => (await desk.ask<Unit>('GET', `/v1/units/${uci}`)).body;
  const saysNotForSale = async (uci: string): Promise<boolean> =>
    JSON.stringify((await desk.ask('GET', `/v1/units/${uci}/label.json`)).body).includes('NOT FOR SALE');

  it('do not count in the figures of the line, which say how many they are', async () => {
    for (const order of ['production', 'engineering', 'sample', 'production', 'sample']) await made(order);
    const golden = await made('production');
    await desk.ask('PUT', `/v1/units/${golden}/reference`, { reference: true, note: 'golden 1' });
    const day = new Date().toISOString().slice(0, 10);
    const { body } = await desk.ask<Figures>('GET', `/v1/figures?from=${day}&to=${day}`);
    expect(body.issued.map(({ units }) => units)).toEqual([2]);
    expect(body.firstScans).toMatchObject([{ units: 2, passed: 2 }]);
    expect(body.stations).toMatchObject([{ issued: 2, passed: 2 }]);
    expect(body.leftOut).toEqual({ engineering: 1, sample: 2, reference: 1 });
  });

  it('are in the reconciliation of their own work order', async () => {
    await made('sample');
    const path = '/v1/work-orders/sample/reconciliation';
    const { body } = await desk.ask<{ figures: { issued: number } }>('GET', path);
    expect(body.figures.issued).toBe(1);
  });

  it('are a figure of their own in the reconciliation of a day and of a work order, as returned units are', async () => {
    for (const order of ['production', 'engineering', 'sample', 'sample']) await made(order);
    const [golden, back] = [await made('production'), await made('production')];
    await desk.ask('PUT', `/v1/units/${golden}/reference`, { reference: true });
    const rma = { rma: 'RMA-1', reason: 'no light', disposition: 'rework' };
    expect((await desk.ask('POST', `/v1/units/${back}/return`, rma)).status).toBe(200);
    const day = new Date().toISOString().slice(0, 10);
    const ofDay = await desk.ask('GET', `/v1/reconciliation?day=${day}`);
    const notForSale = { engineering: 1, sample: 2, reference: 1 };
    expect(ofDay.body).toMatchObject({ figures: { issued: 6, notForSale, returned: 1 } });
    const ofOrder = await desk.ask<{ figures: object }>('GET', '/v1/work-orders/production/reconciliation');
    expect(ofOrder.body).toMatchObject({ figures: { issued: 3, notForSale: { reference: 1 }, returned: 1 } });
    await desk.ask('POST', '/v1/work-orders/production/close', { signOff: { all: 'test' } });
    const closed = await desk.ask('GET', '/v1/work-orders/production/reconciliation');
    expect(closed.body).toMatchObject({ figures: ofOrder.body.figures });
  });

  it('say NOT FOR SALE on their label, until a lead releases the sample', async () => {
    const [sold, engineering, sample] = [await made('production'), await made('engineering'), await made('sample')];
    expect([await saysNotForSale(sold), await saysNotForSale(engineering), await saysNotForSale(sample)]).toEqual([
      false,
      true,
      true,
    ]);
    const path = `/v1/units/${sample}/release-sample`;
    expect((await desk.ask<Problem>('POST', path, { reason: '' })).status).toBe(400);
    expect((await desk.ask('POST', path, { reason: 'the museum keeps it' })).status).toBe(200);
    expect(await saysNotForSale(sample)).toBe(false);
    expect(await unit(sample)).toMatchObject({
      purpose: 'sample',
      releasedSample: { reason: 'the museum keeps it' },
    });
    const other = await desk.ask<Problem>('POST', `/v1/units/${engineering}/release-sample`, { reason: 'why not' });
    expect(other.body.type).toMatch(/not-a-sample/);
  });

  it('include reference devices, whose repeats are not counted', async () => {
    const mac = nextMac();
    const golden = await made('production', mac);
    await desk.ask('PUT', `/v1/units/${golden}/reference`, { reference: true, note: 'golden 1' });
    for (let i = 0; i < 3; i++) expect((await desk.agent({ product: 'DEMO', mac })).body.id).toBe(golden);
    expect(await unit(golden)).toMatchObject({ reference: { note: 'golden 1' }, repeats: { count: 0 } });
    await desk.ask('PUT', `/v1/units/${golden}/reference`, { reference: false });
    expect((await unit(golden)).reference).toBeUndefined();
  });

  it('are refused without a work order, with both products in three languages', async () => {
    await desk.ask('PUT', '/v1/products/PUMP', { name: 'Pump', orderRequired: true });
    await made('production');
    const device = { product: 'PUMP', mac: nextMac() };
    for (const [language, said] of [
      ['en', /station default runs production \(DEMO\), and this device is of product Pump/],
      ['es', /la estación default fabrica production \(DEMO\) y este dispositivo es del producto Pump/],
      ['zh', /工位 default 正在生产 production \(DEMO\)，而这台设备属于产品 Pump/],
    ] as const) {
      const headers = { 'content-type': 'application/json', 'accept-language': language };
      const answer = await desk.app.request('/ioto/serialize', {
        method: 'POST',
        headers,
        body: JSON.stringify(device),
      });
      expect(answer.status).toBe(409);
      expect(((await answer.json()) as Problem).detail).toMatch(said);
    }
  });
});
