import { expect, it } from 'vitest';
import { invited } from '../support/form-client.ts';
import { openDesk } from '../support/service.ts';

const GATE = '/v1/stations/gate/verify';

it('the units of a work order that are on no shipping list are found, and each list counts its units', async () => {
  const desk = await openDesk();
  await desk.ask('PUT', '/v1/products/DEMO', { name: 'Demo' });
  for (const id of ['WO-1', 'WO-2']) await desk.ask('PUT', `/v1/work-orders/${id}`, { product: 'DEMO', planned: 3 });
  await desk.ask('PUT', '/v1/shipping-lists/PALLET', { target: 9 });
  await desk.ask('PUT', '/v1/stations/gate', { mode: 'gate', shippingList: 'PALLET' });
  const made = async (order: string, mac: string, isVerified = true): Promise<string> => {
    await desk.ask('PATCH', '/v1/stations/default', { workOrders: { DEMO: order } });
    const { id } = (await desk.agent({ product: 'DEMO', mac })).body;
    if (isVerified) await desk.ask('POST', '/v1/stations/default/verify', { label: id });
    return id;
  };
  const sent = [await made('WO-1', '02:00:00:00:00:01'), await made('WO-2', '02:00:00:00:00:02')];
  const [kept, unproven] = [await made('WO-1', '02:00:00:00:00:03'), await made('WO-1', '02:00:00:00:00:04', false)];
  for (const label of sent) expect((await desk.ask('POST', GATE, { label })).body).toMatchObject({ result: 'SHIP' });

  const found = async (shipped: boolean): Promise<string[]> =>
    (await desk.ask<{ units: { uci: string }[] }>('GET', `/v1/units?workOrder=WO-1&shipped=${shipped}`)).body.units.map(
      ({ uci }) => uci,
    );
  expect(await found(true)).toEqual([sent[0]]);
  expect(await found(false)).toEqual([kept, unproven]);
  const lists = await desk.ask('GET', '/v1/shipping-lists?workOrder=WO-1');
  expect(lists.body).toMatchObject({ lists: [{ id: 'PALLET', units: 2, ofOrder: 1 }] });

  await desk.ask('POST', '/v1/work-orders/WO-1/close', { signOff: { all: 'lost' } });
  const { body } = await desk.ask<{ workOrders: object[] }>('GET', '/v1/work-orders');
  expect(body.workOrders).toMatchObject([
    { id: 'WO-1', atClosing: { released: 2, unaccounted: 1, void: 0, scrapped: 0 } },
    { id: 'WO-2' },
  ]);
  expect(body.workOrders[1]).not.toHaveProperty('atClosing');
  expect((await desk.ask('GET', `/v1/units/${unproven}`)).body).toMatchObject({ signedOff: { reason: 'lost' } });
  expect((await desk.ask('GET', `/v1/units/${kept}`)).body).not.toHaveProperty('signedOff');
  const quinn = await invited(desk, 'quinn', 'qa');
  const page = (await quinn.get(`/units/${unproven}`)).text;
  expect(page).toContain('this unit was signed off though unaccounted for: lost');
});
