import { beforeEach, describe, expect, it } from 'vitest';
import { invited, type Browser } from '../support/form-client.ts';
import { openDesk, type Desk } from '../support/service.ts';

describe('the page of a unit, for a lead', () => {
  let desk: Desk;
  let lead: Browser;
  beforeEach(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.ask('PUT', '/v1/work-orders/S', { product: 'DEMO', planned: 9, purpose: 'sample' });
    lead = await invited(desk, 'lena', 'lead');
  });
  const made = async (order = {}): Promise<string> => {
    const body = { product: 'DEMO', count: 1, ...order };
    const reply = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', body);
    return reply.body.units[0]!.uci;
  };
  const unit = async (uci: string) => (await desk.ask<Record<string, unknown>>('GET', `/v1/units/${uci}`)).body;

  it('releases a sample, and only with a reason; a released sample cannot be released again', async () => {
    const uci = await made({ workOrder: 'S' });
    const page = await lead.get(`/units/${uci}`);
    expect(page.text).toContain(`action="/units/${uci}/release-sample"`);
    await lead.send(`/units/${uci}/release-sample`, { reason: '' });
    expect(await unit(uci)).not.toHaveProperty('releasedSample');
    const done = await lead.send(`/units/${uci}/release-sample`, { reason: 'the museum keeps it' });
    expect(done.text).toContain('Done');
    expect(await unit(uci)).toMatchObject({ releasedSample: { reason: 'the museum keeps it' } });
    expect((await lead.get(`/units/${uci}`)).text).not.toContain(`action="/units/${uci}/release-sample"`);
  });

  it('has no release for a unit that is no sample', async () => {
    const uci = await made();
    expect((await lead.get(`/units/${uci}`)).text).not.toContain('release-sample');
  });

  it('marks a reference device with a note, and ends that', async () => {
    const uci = await made();
    await lead.get(`/units/${uci}`);
    await lead.send(`/units/${uci}/reference`, { reference: 'yes', note: 'golden 1' });
    expect(await unit(uci)).toMatchObject({ reference: { note: 'golden 1' } });
    const marked = await lead.get(`/units/${uci}`);
    expect(marked.text).toContain('name="reference" value="no"');
    await lead.send(`/units/${uci}/reference`, { reference: 'no' });
    expect(await unit(uci)).not.toHaveProperty('reference');
  });

  it('offers neither to an operator', async () => {
    const uci = await made({ workOrder: 'S' });
    const operator = await invited(desk, 'olga', 'operator');
    const { text } = await operator.get(`/units/${uci}`);
    expect(text).not.toContain('release-sample');
    expect(text).not.toContain(`/units/${uci}/reference`);
    expect((await operator.send(`/units/${uci}/reference`, { reference: 'yes' })).status).toBe(403);
  });
});
