import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { firstLinkFile } from '../../src/jobs/first-link.ts';
import { PASSWORD } from '../support/form-client.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import {
  expectAccessible,
  expectForEveryone,
  expectQuietPage,
  forgetComplaints,
  goAhead,
  openAt,
  openPage,
  PATIENCE,
} from '../support/chromium.ts';
import { decode } from '../support/label-files.ts';

/** From an empty data folder to the first printed label, in a real browser, by who comes first. */

let service: Service;
let page: Page;
let labels: string;
const go = (path: string): Promise<void> => openAt(page, service.url + path);
const button = (name: string) => page.getByRole('button', { name, exact: true });
/** The page leads to itself once it was saved. */
const saveAndReload = (): Promise<unknown> => Promise.all([page.waitForEvent('load'), button('Save').click()]);
const field = (name: string | RegExp) => page.getByRole('textbox', { name, exact: true });

beforeAll(async () => {
  labels = join(tempFolder(), 'labels');
  service = await startService(tempFolder());
  page = await openPage(service);
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('who comes first is led from the link to the first printed label', async () => {
  await page.goto(readFileSync(firstLinkFile(service.data), 'utf8').trim());
  await expectAccessible(page);
  await page.locator('[name=name]').fill('Ada Lopez');
  for (const name of ['password', 'again']) await page.locator(`[name=${name}]`).fill(PASSWORD);
  await page.locator('form button').click();
  // The browser says the rule of names, and the passwords stay.
  expect(await page.evaluate(`[...document.querySelectorAll(':invalid:not(form)')].map(({ name }) => name)`)).toEqual([
    'name',
  ]);
  expect(await page.locator('[name=again]').inputValue()).toBe(PASSWORD);
  await page.locator('[name=name]').fill('ada');
  await page.locator('form button').click();
  await page.getByRole('heading', { name: 'Setup' }).waitFor(PATIENCE);
  await expectAccessible(page);
  expect(await page.locator('.todo .done').count()).toBe(0);
  expect(await page.locator('main > .copyable pre').first().innerText()).toBe(
    `services: { serialize: 'factory' },\napi: { serialize: '${service.url}/ioto/serialize' },`,
  );

  // The name of the site needs no restart.
  const named = page.locator('.todo li', { hasText: 'Give the site its name' });
  await named.locator('summary').click();
  await named.getByLabel('Name of the site').fill('Works 2');
  await Promise.all([page.waitForEvent('load'), named.getByRole('button', { name: 'Save' }).click()]);
  await page.locator('.todo .done', { hasText: 'Give the site its name' }).waitFor(PATIENCE);
  expect(await page.content()).toContain('Works 2');

  await page.getByRole('link', { name: /Add a product/ }).click();
  await page.getByRole('link', { name: 'New product' }).click();
  await page.locator('#preview img').waitFor(PATIENCE);
  await expectAccessible(page);
  const drawn = (): Promise<string | null> => page.locator('#preview img').getAttribute('src');
  const before = await drawn();
  await field('Product id').fill('DEMO');
  await field('Name').fill('Thermostat');
  await expect.poll(drawn, PATIENCE).not.toBe(before);
  await field('S/N pattern').fill('{seq}');
  await page.locator('#preview .refused').getByText('serialPattern').waitFor(PATIENCE);
  await button('Save').click();
  await page.locator('.field:has([name=serialPattern]) .error').waitFor(PATIENCE);
  await expect.poll(() => page.evaluate('document.activeElement.name'), PATIENCE).toBe('serialPattern');
  await expectAccessible(page);
  forgetComplaints();
  await field('S/N pattern').fill('{yy}{ww}{seq:5}');
  await page.locator('#preview img').waitFor(PATIENCE);
  // One field is required, and Save is not under those that nobody needs to fill in.
  expect(await page.getByLabel('Claim ID length').isVisible()).toBe(false);
  await button('Save').click();
  await page.getByRole('link', { name: 'Thermostat' }).waitFor(PATIENCE);
  await expectAccessible(page);

  await go('/printers');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Add a printer' }).click();
  await field('Folder').waitFor({ state: 'hidden' });
  await page.getByLabel('Kind').selectOption('file');
  await field('Host').waitFor({ state: 'hidden' });
  await field('Printer name').fill('P');
  await field('Folder').fill('/proc');
  await expectAccessible(page);
  const seen = async (name: string): Promise<boolean> => page.getByText(name, { exact: true }).isVisible();
  expect([await seen('Time limits'), await seen('Darkness')]).toEqual([false, false]);
  const format = page.locator('[name="file.format"]');
  await format.selectOption('zpl');
  expect(await seen('Darkness')).toBe(true);
  await format.selectOption('pdf');
  await field('Folder').fill(labels);
  await button('Save').click();
  await page.getByText('The change is saved.').waitFor(PATIENCE);
  await button('Test label').click();
  await page.getByText('Test label printed').waitFor(PATIENCE);
  await expectAccessible(page);
  expect(readdirSync(labels)).toHaveLength(1);

  await go('/stations');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Printer').selectOption('P');
  await page.getByLabel('Print the label').selectOption('yes');
  await expectAccessible(page);
  await saveAndReload();
  await go('/set-up');
  await expect.poll(() => page.locator('.todo .done').count(), PATIENCE).toBe(4);
  idOf(await attempt(service.port, JSON.stringify({ product: 'DEMO', serial: 'TEST-1' })));
  await expect.poll(() => page.locator('.todo .done').count(), PATIENCE).toBe(6);
  await expectAccessible(page);
  expect(readdirSync(labels)).toHaveLength(2);
  await page.goto(service.url);
  await page.waitForURL(`${service.url}/now`);
});

test('settings that somebody changed meanwhile are not overwritten', async () => {
  await go('/product-settings?id=DEMO');
  await api(service, 'PUT', '/v1/products/DEMO', { name: 'Thermostat 2' });
  await field('Name').fill('Thermostat 3');
  await button('Save').click();
  await page.locator('#saved .refused').getByText('another user changed this in the meantime').waitFor(PATIENCE);
  forgetComplaints();
  const { products } = (await api<{ products: { name: string }[] }>(service, 'GET', '/v1/products')).body;
  expect(products.map(({ name }) => name)).toEqual(['Thermostat 2']);
});

test('a product saved on its page keeps what the form does not show, and an empty field is its default', async () => {
  await api(service, 'PATCH', '/v1/products/DEMO', { code: 'TH', release: 'both', serialPattern: 'none' });
  await go('/product-settings?id=DEMO');
  expect(await field('S/N pattern').inputValue()).toBe('none');
  await page.locator('.field:has([name=release])').evaluate('(field) => field.remove()');
  await field('Name').fill('Thermostat 3');
  await field('Short code').fill('');
  await button('Save').click();
  await page.getByRole('link', { name: 'Thermostat 3' }).waitFor(PATIENCE);
  const { products } = (await api<{ products: object[] }>(service, 'GET', '/v1/products')).body;
  expect(products).toMatchObject([
    { id: 'DEMO', name: 'Thermostat 3', claimIdLength: 10, release: 'both', repeat: 'same', serialPattern: null },
  ]);
});

test('a printer saved on its page keeps its certificate and its time limits', async () => {
  const printer = { name: 'office', kind: 'ipp', url: 'ipps://h/q', dpi: 300, certificate: 'ab'.repeat(32) };
  const limits = { connectMs: 4000, answerMs: 8000, doneMs: 9000 };
  await api(service, 'PATCH', '/v1/printers/office', { ...printer, ...limits, name: undefined });
  const saved = async (name: string): Promise<object | undefined> => {
    await button('Save').click();
    await page.getByRole('link', { name, exact: true }).waitFor(PATIENCE);
    const { printers } = (await api<{ printers: { name: string }[] }>(service, 'GET', '/v1/printers')).body;
    return printers.find((one) => one.name === name);
  };
  await go('/printer-settings?name=office');
  await field('Address').fill('ipps://h2/q');
  expect(await saved('office')).toMatchObject({ ...printer, ...limits, url: 'ipps://h2/q' });

  await go('/printer-settings?kind=raw9100');
  await field('Printer name').fill('six');
  await field('Host').fill('fd00::1');
  expect(await saved('six')).toMatchObject({ host: 'fd00::1', port: 9100 });
  await go('/printer-settings?name=six');
  await field('Host').fill('[fd00::2]:9101');
  expect(await saved('six')).toMatchObject({ host: 'fd00::2', port: 9101 });
  // As another kind it keeps what both have.
  await go('/printer-settings?name=six');
  await page.getByLabel('Kind').selectOption('ipp');
  await field('Address').fill('ipp://h/q');
  expect({ ...(await saved('six')), trouble: undefined }).toEqual({
    name: 'six',
    kind: 'ipp',
    url: 'ipp://h/q',
    dpi: 203,
    connectMs: 5000,
    answerMs: 30000,
    doneMs: 120000,
    stationName: false,
  });
});

test('every template stands in the gallery with its picture and what its check says', async () => {
  await go('/labels');
  const { templates } = (await api<{ templates: string[] }>(service, 'GET', '/v1/label-templates')).body;
  // The labels of the products are above the templates.
  const gallery = page.locator('.gallery').last();
  expect(await gallery.locator('img').count()).toBe(templates.length);
  expect(await gallery.locator('.good').count()).toBe(templates.length);
  await expectAccessible(page);
});

test('a key and a screen for a station are shown once, and work', async () => {
  await go('/station-settings');
  await field('Station name').fill('line-1');
  await saveAndReload();
  expect(await page.getByLabel('Badge at its screen').locator('option').first().innerText()).toBe('Default: optional');
  await button('Make a key').click();
  await page.getByText('works only on the machine of the service').waitFor(PATIENCE);
  const line = await page.locator('#made-key pre').innerText();
  const path = /\/ioto\/serialize\/[\w-]+/.exec(line)?.[0] as string;
  const uci = idOf(await attempt(service.port, JSON.stringify({ product: 'DEMO', serial: 'TEST-2' }), path));
  const { station } = (await api<{ station: string }>(service, 'GET', `/v1/units/${uci}`)).body;
  expect(station).toBe('line-1');
  await button('Make a link').click();
  await page.locator('#made-kiosk img').waitFor(PATIENCE);
  await expectAccessible(page);
  expect(await page.locator('#made-kiosk pre').innerText()).toMatch(/\/sign-in\/[\w-]/);
});

test('badges print dark on white, also where the screen is dark, and scanners read them', async () => {
  const badges = { ann: 'OP-4711', bo: '8800123', 'maria.hernandez-gonzalez': 'A/B+C=D%E' };
  for (const [name, badge] of Object.entries(badges))
    await api(service, 'PUT', `/v1/people/${name}`, { role: 'operator', badge });
  await page.emulateMedia({ colorScheme: 'dark' });
  await go('/badges');
  await expectAccessible(page);
  await page.emulateMedia({ media: 'print' });
  const { ink, paper } = await page.evaluate<{ ink: string; paper: string }>(
    `(({ color, backgroundColor }) => ({ ink: color, paper: backgroundColor }))(getComputedStyle(document.body))`,
  );
  expect([ink, paper]).toEqual(['rgb(27, 30, 35)', 'rgb(255, 255, 255)']);
  expect(await page.locator('nav:visible').allInnerTexts()).toEqual([]);
  for (const [name, badge] of Object.entries(badges)) {
    const codes = await decode(await page.locator('figure', { has: page.getByAltText(name) }).screenshot());
    expect(codes.map(({ text }) => text)).toEqual([badge]);
  }
  await page.emulateMedia({ media: null, colorScheme: null });
});

test('people and tokens are made and withdrawn', async () => {
  await go('/people');
  await field('Name').fill('olga');
  await field('Badge').fill('OP-0001');
  await button('Save and make a sign-in link').click();
  await page.locator('#new pre').getByText('/sign-in/').waitFor(PATIENCE);
  const isSeen = `(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.querySelector('#new .own-badge a').getBoundingClientRect())`;
  await expect.poll(() => page.evaluate(isSeen), PATIENCE).toBe(true);
  await expectAccessible(page);
  await go('/people');
  await page.getByRole('link', { name: 'olga' }).click();
  await page.getByLabel('Role').selectOption('qa');
  await button('Save').click();
  await page.getByRole('row', { name: /olga QA/ }).waitFor(PATIENCE);
  await expectAccessible(page);
  await page.getByRole('row', { name: /olga/ }).getByRole('button', { name: 'Remove' }).click();
  await goAhead(page);
  await page.getByRole('row', { name: /olga QA removed/ }).waitFor(PATIENCE);

  await go('/tokens');
  await field('Name').fill('erp');
  await page.getByLabel('Role').selectOption('service/units:read');
  await button('Make a token').click();
  const token = await page.locator('#new pre').innerText();
  const asked = () => fetch(`${service.url}/v1/units/ZZZZZZZZZZ`, { headers: { authorization: `Bearer ${token}` } });
  expect((await asked()).status).toBe(404);
  await expectAccessible(page);
  await go('/tokens');
  await page.getByRole('row', { name: /erp/ }).getByRole('button', { name: 'Revoke' }).click();
  await goAhead(page);
  await page.getByRole('row', { name: /erp.*revoked/ }).waitFor(PATIENCE);
  expect((await asked()).status).toBe(401);
});

test('every page speaks the three languages, and fits a phone and 200 % text', () =>
  expectForEveryone(page, service, [
    '/set-up',
    '/products',
    '/product-settings?id=DEMO',
    '/labels',
    '/station-settings?name=line-1',
    '/printers',
    '/printer-settings?name=office',
    '/people',
    '/tokens',
  ]));

test('the door, the account and the API page are as readable as the rest', async () => {
  await go('/account');
  await expectAccessible(page);
  await go('/docs');
  await expectAccessible(page);
  await page.context().clearCookies();
  for (const [language, words] of Object.entries({ en: 'Sign in', es: 'Iniciar sesión', zh: '登录' })) {
    await page.goto(`${service.url}/sign-in?language=${language}`);
    await page.getByRole('heading', { name: words }).waitFor(PATIENCE);
    await expectAccessible(page);
  }
});
