import { beforeEach, describe, expect, it } from 'vitest';
import { person, type Headers } from '../support/askers.ts';
import { openDesk, secrets, type Desk } from '../support/service.ts';

/* The pages for webhooks. */

let desk: Desk;
let admin: Headers;
beforeEach(async () => {
  desk = await openDesk({ CLAIMSTAMP_WEBHOOK_ALLOW: 'erp.example.com' });
  admin = await person(desk, 'ann', 'admin');
});

const submit = async (path: string, fields: Record<string, string> = {}, by = admin): Promise<string> => {
  const body = new URLSearchParams({ csrf: by['x-csrf-token'] ?? '', ...fields }).toString();
  const headers = { cookie: by['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' };
  return (await desk.app.request(path, { method: 'POST', headers, body })).text();
};
const show = async (path: string, headers = admin): Promise<string> =>
  (await desk.app.request(path, { headers })).text();
const secretIn = (text: string): string => {
  const [secret = ''] = /whsec_[A-Za-z0-9+/]{43}=/.exec(text) ?? [];
  secrets.add(secret);
  return secret;
};
const URL_OF_ERP = 'https://erp.example.com/in/a-token-of-the-erp';
const add = async (fields: Record<string, string> = {}): Promise<string> =>
  secretIn(
    await submit('/webhooks', { name: 'erp', url: URL_OF_ERP, types: 'issued, void', reveal: 'false', ...fields }),
  );

interface Shown {
  webhooks: { name: string; types?: string[]; state: string; station?: string; reveal: boolean; delivered: number }[];
}
const one = async (): Promise<Shown['webhooks'][number] | undefined> =>
  (await desk.ask<Shown>('GET', '/v1/webhooks')).body.webhooks[0];

describe('the pages for webhooks', () => {
  it('add a webhook, and show its secret once and its address never', async () => {
    expect(await show('/webhooks')).toContain('There are no webhooks');
    const secret = await add();
    expect(secret).not.toBe('');
    for (const page of [await show('/webhooks'), await show('/webhooks/erp')]) {
      expect(page).toContain('https://erp.example.com');
      expect(page).not.toContain(secret);
      expect(page).not.toContain('a-token-of-the-erp');
    }
    expect(await one()).toMatchObject({ name: 'erp', types: ['issued', 'void'], reveal: false });
  });

  it('say what is wrong with an address that is not allowed', async () => {
    const said = await submit('/webhooks', { name: 'erp', url: 'https://elsewhere.example/', reveal: 'false' });
    expect(said).toContain('CLAIMSTAMP_WEBHOOK_ALLOW');
    expect(await one()).toBeUndefined();
  });

  it('change, pause, replay and remove it, and make a new secret', async () => {
    const former = await add();
    await submit('/webhooks/erp', { types: '', station: '', product: '', url: '', reveal: 'true' });
    expect(await one()).toMatchObject({ reveal: true });
    expect((await one())?.types).toBeUndefined();
    await submit('/webhooks/erp/pause');
    expect(await show('/webhooks/erp')).toContain('Paused: by a person');
    await submit('/webhooks/erp/resume', { after: '1' });
    expect(await one()).toMatchObject({ state: 'running', delivered: 1 });
    expect(secretIn(await submit('/webhooks/erp/secret', { keepHours: '24' }))).not.toBe(former);
    expect(await show('/webhooks/erp')).toContain('The former secret also signs until');
    await submit('/webhooks/erp/remove');
    expect(await one()).toBeUndefined();
  });

  it('show QA how webhooks are doing, without forms', async () => {
    await add();
    const qa = await person(desk, 'lin', 'qa');
    expect(await show('/webhooks', qa)).toContain('erp');
    expect(await show('/webhooks', qa)).not.toContain('<form id="-webhooks');
    const page = await show('/webhooks/erp', qa);
    expect(page).toContain('Last deliveries');
    expect(page).not.toContain('/webhooks/erp/pause');
  });

  it('say that no address is allowed yet', async () => {
    const other = await openDesk();
    const headers = await person(other, 'ann', 'admin');
    const page = await (await other.app.request('/webhooks', { headers })).text();
    expect(page).toContain('CLAIMSTAMP_WEBHOOK_ALLOW');
  });
});
