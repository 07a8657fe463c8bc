import { beforeEach, describe, expect, it } from 'vitest';
import { invited, type Browser, type Shown } from '../support/form-client.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

/** The forms of the console in a browser without scripts. The same page comes from htmx with scripts. */
describe('a form that is refused', () => {
  let desk: Desk;
  let admin: Browser;
  beforeEach(async () => {
    desk = await openDesk();
    admin = await invited(desk, 'ada', 'admin');
  });
  const hidden = ({ text }: Shown, name: string): string =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';
  /** What a browser sends: the hidden fields of the form, and the values. */
  const sent = async (page: string, action: string, fields: Record<string, string>, headers = {}): Promise<Shown> => {
    const shown = await admin.get(page);
    const form = { ...shown, text: shown.text.slice(shown.text.indexOf(`action="${action}"`)) };
    const own = { stamp: hidden(form, 'stamp'), 'shown-in': hidden(form, 'shown-in') };
    return admin.send(action, { ...own, ...fields }, { referer: `http://localhost${page}`, ...headers });
  };

  it('is shown again with the entered values, and the problem at its field', async () => {
    const answer = await sent('/product-settings', '/product-settings', {
      id: 'DEMO',
      name: 'Thermostat',
      code: 'much too long',
      claimIdLength: '99',
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('<!doctype html>');
    expect(answer.text).toContain('value="Thermostat"');
    expect(answer.text).toContain('value="much too long"');
    const field = (name: string): string => new RegExp(`<input[^>]* name="${name}"[^>]*>`).exec(answer.text)?.[0] ?? '';
    expect(field('code')).toMatch(/aria-describedby="[^"]*-code-help [^"]*-code-error"/);
    expect(field('code')).toContain('aria-invalid="true"');
    expect(field('claimIdLength')).toContain('aria-invalid="true"');
    expect(field('name')).not.toContain('aria-invalid');
    // The first field with a problem gets the focus.
    expect(answer.text.match(/autofocus/g)).toHaveLength(2);
    expect(answer.text).toContain('2 fields need a change');
    expect(answer.text).toMatch(/-code-error"[^]*Must be 1 to 8 letters or digits/);
  });

  it('gives htmx the form alone', async () => {
    const fields = { id: 'DEMO', code: 'much too long' };
    const headers = { 'hx-request': 'true', 'hx-current-url': 'http://localhost/product-settings' };
    const { status, headers: answered } = await sent('/product-settings', '/product-settings', fields, headers);
    expect(status).toBe(400);
    expect(answered.get('hx-retarget')).toBe('this');
    expect(answered.get('hx-reselect')).toBe('#act-product-settings-saved');
  });

  it('says what is wrong on a page, if no field is wrong', async () => {
    const answer = await sent('/product-settings', '/product-settings', { id: 'DEMO', stamp: 'old' });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('Another user changed this in the meantime');
    expect(answer.text).not.toContain('aria-invalid');
  });

  it('leads to the page that the act names, if it is not refused', async () => {
    const answer = await sent('/product-settings', '/product-settings', { id: 'DEMO', name: 'Thermostat' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/products']);
    const order = { id: 'W-1', product: 'DEMO', planned: '9' };
    const made = await sent('/work-orders', '/work-orders', order);
    expect([made.status, made.headers.get('location')]).toEqual([303, '/work-orders/W-1']);
    const reopened = await sent('/work-orders/W-1', '/work-orders/W-1/set', { planned: '8' });
    expect([reopened.status, reopened.headers.get('location')]).toEqual([303, '/work-orders/W-1']);
  });

  it('takes only the fields of the chosen kind from a browser that shows all', async () => {
    const fields = {
      name: 'P',
      kind: 'file',
      host: 'zebra',
      url: '',
      folder: '/tmp/labels',
      'file.format': 'zpl',
      'raw9100.format': '',
    };
    const answer = await sent('/printer-settings', '/printer-settings', fields);
    expect(answer.status).toBe(303);
    const { printers } = (await desk.ask<{ printers: object[] }>('GET', '/v1/printers')).body;
    expect(printers).toMatchObject([{ name: 'P', kind: 'file', folder: '/tmp/labels', format: 'zpl' }]);
    const refused = await sent('/printer-settings', '/printer-settings', { name: 'Q', kind: 'file' });
    expect(refused.text).toMatch(/-folder-error"/);
  });

  it('shows a refusal about one setting beside its field, and names the folders that are allowed', async () => {
    const allowed = tempFolder();
    desk = await openDesk({ CLAIMSTAMP_PRINT_FOLDERS: allowed });
    admin = await invited(desk, 'ada', 'admin');
    const form = await admin.get('/printer-settings');
    expect(form.text).toContain(`value="${allowed}"`);
    expect(form.text).toContain(`Allowed: ${allowed}`);
    const folder = await sent('/printer-settings', '/printer-settings', { name: 'F', kind: 'file', folder: '/etc' });
    expect(folder.text).toMatch(/-folder-error">[^]*\/etc is outside the folders for print files/);
    const host = { name: 'H', kind: 'raw9100', host: '169.254.169.254' };
    expect((await sent('/printer-settings', '/printer-settings', host)).text).toMatch(/-host-error"/);
  });

  it('gives a person a badge without another role', async () => {
    await desk.ask('PUT', '/v1/people/lena', { role: 'lead' });
    const answer = await sent('/people?name=lena', '/people', { name: 'lena', badge: 'OP-4711' });
    expect(answer.status).toBe(303);
    const { people } = (await desk.ask<{ people: { name: string }[] }>('GET', '/v1/people')).body;
    expect(people.find(({ name }) => name === 'lena')).toMatchObject({ role: 'lead', hasBadge: true });
  });
});

describe('a thing that is duplicated', () => {
  it('begins as a copy without what belongs to one thing', async () => {
    const desk = await openDesk();
    const admin = await invited(desk, 'ada', 'admin');
    await desk.ask('PUT', '/v1/products/DEMO', { name: 'Thermostat', code: 'TH', company: 'Müller' });
    await desk.ask('PUT', '/v1/stations/line-1', { sources: ['10.0.0.1'], scanPrefix: '~' });
    const product = await admin.get('/product-settings?from=DEMO');
    expect(product.text).toContain('value="Müller"');
    expect(product.text).toContain('value="Copy of Thermostat"');
    expect(product.text).not.toContain('value="TH"');
    const station = await admin.get('/station-settings?from=line-1');
    expect(station.text).toContain('value="~"');
    expect(station.text).not.toContain('10.0.0.1');
  });

  it('says what keeps a product from being removed', async () => {
    const desk = await openDesk();
    const admin = await invited(desk, 'ada', 'admin');
    await desk.ask('PUT', '/v1/products/DEMO', {});
    expect((await admin.get('/product-settings?id=DEMO')).text).toContain('/products/DEMO/remove');
    await desk.ask('PUT', '/v1/work-orders/W-1', { product: 'DEMO', planned: 9 });
    const { text } = await admin.get('/product-settings?id=DEMO');
    expect(text).toContain('first remove it from: W-1');
    expect(text).not.toContain('/products/DEMO/remove');
  });
});
