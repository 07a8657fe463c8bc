import { beforeEach, describe, expect, it } from 'vitest';
import { invited, type Browser } from '../support/form-client.ts';
import { openDesk, type Desk } from '../support/service.ts';

/* The pages show the ERP's name for a work order beside its ID. */

describe('the reference of an ERP', () => {
  let desk: Desk;
  let lead: Browser;
  let qa: Browser;
  beforeEach(async () => {
    desk = await openDesk();
    lead = await invited(desk, 'rosa', 'lead');
    qa = await invited(desk, 'mei', 'qa');
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 3, reference: 'WH/MO/1' });
    await desk.ask('PUT', '/v1/work-orders/WO-2', { product: 'DEMO', planned: 3, reference: 'WO-2' });
    await desk.ask('PUT', '/v1/stations/line-1', { mode: 'slot', workOrders: { DEMO: 'WO-1' } });
  });

  it('is in the list of work orders and on the page of the work order', async () => {
    for (const path of ['/work-orders', '/work-orders/WO-1'])
      expect((await qa.get(path)).text, path).toContain('WH/MO/1');
  });

  it('is in the change-over, which also finds it', async () => {
    for (const query of ['', '?find=h/mo'])
      expect((await lead.get(`/stations/line-1/change-over${query}`)).text, query).toContain('WH/MO/1');
  });

  it('is not shown if it is the ID', async () => {
    expect((await lead.get('/work-orders')).text).not.toContain('other-name">WO-2');
  });
});
