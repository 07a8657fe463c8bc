import { beforeEach, describe, expect, it } from 'vitest';
import { orderIdOf } from '../../src/model/work-order.ts';
import { token } from '../support/askers.ts';
import { openDesk, type Desk } from '../support/service.ts';

interface Planned {
  orders: { reference: string; result: string; workOrder?: string; refused?: { code: string; detail: string } }[];
}

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  await desk.ask('PUT', '/v1/products/PRODUCT-1', { code: 'TH1' });
});

const plan = async (...orders: object[]): Promise<Planned['orders']> =>
  (await desk.ask<Planned>('POST', '/v1/work-orders/plan', { orders })).body.orders;

describe('work orders of an ERP', () => {
  it('are added, changed, and left alone when nothing has changed', async () => {
    const order = { reference: 'WO-1', product: 'TH1', planned: 500, due: '2026-12-31' };
    expect(await plan(order)).toEqual([{ reference: 'WO-1', workOrder: 'WO-1', result: 'added' }]);
    const size = await desk.size();
    expect(await plan(order, order)).toEqual([
      { reference: 'WO-1', workOrder: 'WO-1', result: 'unchanged' },
      { reference: 'WO-1', workOrder: 'WO-1', result: 'unchanged' },
    ]);
    expect(await desk.size()).toBe(size);
    expect(await plan({ ...order, planned: 501 })).toMatchObject([{ result: 'changed' }]);
  });

  it('are refused one by one', async () => {
    await desk.ask('PUT', '/v1/products/PRODUCT-2', { code: 'TW1' });
    await desk.ask('PUT', '/v1/products/PRODUCT-3', { code: 'TW1', serialPattern: 'none' });
    const results = await plan(
      { reference: 'WO-1', product: 'NONE', planned: 1 },
      { reference: 'WO-2', product: 'TW1', planned: 1 },
      { reference: 'WO-3', product: 'TH1', planned: 1 },
      { reference: 'WO-3', product: 'PRODUCT-2', planned: 1 },
    );
    expect(results.map(({ result, refused }) => refused?.code ?? result)).toEqual([
      'product-unknown',
      'product-unknown',
      'added',
      'wrong-product',
    ]);
    expect(results[1]?.refused?.detail).toContain('several products have the code TW1');
  });

  it('need only the scope of an ERP, which reads counts and nothing else', async () => {
    const headers = await token(desk, 'erp', 'service', ['orders:plan']);
    const ask = async (method: string, path: string, body?: object): Promise<Response> =>
      desk.app.request(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const orders = [{ reference: 'WO-1', product: 'TH1', planned: 5 }];
    expect((await ask('POST', '/v1/work-orders/plan', { orders })).status).toBe(200);
    await desk.ask('POST', '/v1/units', { product: 'PRODUCT-1', workOrder: 'WO-1' });
    const read = await (await ask('GET', '/v1/work-orders')).json();
    expect(read).toMatchObject({ workOrders: [{ id: 'WO-1', units: 1 }] });
    for (const [method, path] of [
      ['PUT', '/v1/work-orders/WO-1'],
      ['PUT', '/v1/products/PRODUCT-1'],
      ['GET', '/v1/products'],
      ['GET', '/v1/units'],
      ['GET', '/v1/work-orders/WO-1/reconciliation'],
      ['POST', '/v1/work-orders/WO-1/close'],
    ] as const)
      expect((await ask(method, path, method === 'GET' ? undefined : {})).status, path).toBe(403);
  });

  it('keep the lot of an order that has units', async () => {
    await plan({ reference: 'WO-1', product: 'TH1', planned: 1, lot: 'L1' });
    await desk.ask('POST', '/v1/units', { product: 'PRODUCT-1', workOrder: 'WO-1' });
    expect(await plan({ reference: 'WO-1', product: 'TH1', planned: 2, lot: 'L2' })).toMatchObject([
      { refused: { code: 'work-order-started' } },
    ]);
    expect(await plan({ reference: 'WO-1', product: 'TH1', planned: 2 })).toMatchObject([{ result: 'changed' }]);
  });

  it('have references of any kind, each with its own ID', () => {
    const references = [
      'WH/MO/00123',
      'WH-MO-00123',
      'WH MO 00123',
      'wh/mo/00123',
      '工单 7',
      '/',
      '  x'.trim(),
      'x'.repeat(64),
      '/'.repeat(64),
    ];
    const ids = references.map(orderIdOf);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
    expect(new Set(ids).size).toBe(references.length);
    expect(orderIdOf('WH-MO-00123')).toBe('WH-MO-00123');
  });
});
