import { beforeAll, describe, expect, it } from 'vitest';
import { invited, openBrowser, PASSWORD, type Browser } from '../support/form-client.ts';
import { openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

/* Auditors: people who look, at named products, until a day. */

const DAY_MS = 24 * 60 * 60 * 1000;

/** A day in the time zone of the service, `later` days after today. */
function day(later: number): string {
  const date = new Date();
  date.setDate(date.getDate() + later);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

async function products(desk: Desk): Promise<void> {
  for (const id of ['THERMO', 'PUMP']) await desk.ask('PUT', `/v1/products/${id}`, {});
}

describe('the settings of an auditor', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    await products(desk);
  });
  const set = (name: string, body: object) => desk.ask<Problem>('PATCH', `/v1/people/${name}`, body);
  const auditor = { role: 'auditor', ends: day(7), products: ['THERMO'] };

  it('are a last day and products, which are listed and recorded', async () => {
    expect((await set('aud', auditor)).status).toBe(200);
    const { body } = await desk.ask<{ people: object[] }>('GET', '/v1/people');
    expect(body.people).toMatchObject([{ name: 'aud', ...auditor }]);
  });

  it.each([
    ['no last day', { role: 'auditor', products: ['THERMO'] }, /without a last day/],
    ['no products', { role: 'auditor', ends: day(7) }, /without products/],
    ['an empty list of products', { ...auditor, products: [] }, /products/],
    ['a last day that is over', { ...auditor, ends: day(-1) }, /is over/],
    ['a day that no calendar has', { ...auditor, ends: '2099-02-30' }, /ends/],
    ['a badge', { ...auditor, badge: 'OP-4711' }, /badge/],
    ['another role and a last day', { role: 'qa', ends: day(7) }, /no auditor/],
    ['another role and products', { role: 'operator', products: ['THERMO'] }, /no auditor/],
  ])('are refused with %s', async (_, body, why) => {
    const { status, body: said } = await set('new', body);
    expect({ status, why: why.test(said.detail) }, said.detail).toEqual({ status: 400, why: true });
  });

  it('name only products that are there', async () => {
    expect(await set('new', { ...auditor, products: ['NONE'] })).toMatchObject({ status: 422 });
  });

  it('go away with the role', async () => {
    await set('former', auditor);
    expect((await set('former', { role: 'qa' })).status).toBe(200);
    expect(await desk.house.ledger.person('former')).not.toHaveProperty('ends');
    expect(await desk.house.ledger.person('former')).not.toHaveProperty('products');
  });

  it('are given by who may write access, and by no lead', async () => {
    const scopes = ['access:operators', 'units:read', 'units:list', 'ledger:export', 'catalog:read', 'ledger:read'];
    const { body } = await desk.ask<{ token: string }>('POST', '/v1/tokens', { name: 'hr', role: 'service', scopes });
    const headers = { authorization: `Bearer ${body.token}` };
    const init = { method: 'PATCH', headers, body: JSON.stringify(auditor) };
    expect((await desk.app.request('/v1/people/late', init)).status).toBe(403);
    // Nor does who may not give the role prolong it.
    expect((await desk.app.request('/v1/people/aud', { ...init, body: JSON.stringify({ ends: day(9) }) })).status).toBe(
      403,
    );
  });

  it('are not for tokens', async () => {
    expect((await desk.ask('POST', '/v1/tokens', { name: 'audit', role: 'auditor' })).status).toBe(400);
  });
});

describe('the last day', () => {
  async function openOffice(): Promise<{ desk: Desk; later: (ms: number) => void; browser: Browser }> {
    let ahead = 0;
    const desk = await openDesk({}, tempFolder(), () => Date.now() + ahead);
    await products(desk);
    await desk.ask('PUT', '/v1/people/aud', { role: 'auditor', ends: day(0), products: ['THERMO'] });
    const browser = await invited(desk, 'aud', 'auditor');
    return { desk, later: (ms) => void (ahead += ms), browser };
  }

  it('ends sessions, and none comes back when an admin sets a later day', async () => {
    const { desk, later, browser } = await openOffice();
    const account = async (): Promise<number> => (await browser.get('/v1/account')).status;
    expect(await account()).toBe(200);
    const [session] = await desk.house.ledger.credentials('session');
    expect(session?.expiresAt).toBe(new Date(`${day(1)}T00:00`).getTime());
    later(DAY_MS);
    expect(await account()).toBe(401);
    await desk.ask('PATCH', '/v1/people/aud', { ends: day(3) });
    expect(await account()).toBe(401);
  });

  it('ends an unused link', async () => {
    const { desk, later } = await openOffice();
    const { link } = (await desk.ask<{ link: string }>('POST', '/v1/people/aud/link')).body;
    const { pathname } = new URL(link);
    const browser = openBrowser(desk.app);
    expect((await browser.get(pathname)).status).toBe(200);
    later(DAY_MS);
    expect((await browser.get(pathname)).status).toBe(403);
    expect((await browser.send(pathname, { password: PASSWORD, again: PASSWORD })).status).toBe(403);
  });
});
