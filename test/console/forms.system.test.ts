import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import { PASSWORD } from '../support/form-client.ts';
import {
  comeIn,
  expectAccessible,
  expectQuietPage,
  forgetComplaints,
  goAhead,
  openAt,
  openPage,
  PATIENCE,
} from '../support/chromium.ts';

/** The forms of the desk in a real browser: fields for what was chosen, and problems at their fields. */

let service: Service;
let page: Page;
const go = (path: string): Promise<void> => openAt(page, service.url + path);
const button = (name: string) => page.getByRole('button', { name, exact: true });
const field = (name: string) => page.getByRole('textbox', { name, exact: true });

beforeAll(async () => {
  service = await startService(tempFolder(), { CLAIMSTAMP_SITE: 'P2' });
  page = await openPage(service);
  await comeIn(page, service, 'ada', 'admin');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('a wrong value is named at its field, what was typed stays, and the focus is there', async () => {
  await go('/product-settings');
  await field('Product id').fill('DEMO');
  await field('Name').fill('Thermostat');
  await field('Short code').fill('much too long');
  await page.getByText('All settings', { exact: true }).click();
  await page.getByLabel('Claim ID length').fill('99');
  await button('Save').click();
  const error = page.locator('.field:has([name=code]) .error');
  await error.getByText('Must be 1 to 8 letters or digits').waitFor(PATIENCE);
  expect(await field('Name').inputValue()).toBe('Thermostat');
  expect(await page.evaluate('document.activeElement.name')).toBe('code');
  const described = await page.evaluate<string>(
    `document.activeElement.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).innerText).join(' | ')`,
  );
  expect(described).toMatch(/Short code .*\| Must be 1 to 8 letters or digits$/);
  await page.getByText('2 fields need a change. Nothing was saved.').waitFor(PATIENCE);
  await expectAccessible(page);
  await field('Short code').fill('TH');
  await page.getByLabel('Claim ID length').fill('12');
  await button('Save').click();
  await page.getByRole('link', { name: 'Thermostat' }).waitFor(PATIENCE);
  forgetComplaints();
});

test('fields are there for the chosen kind only, each with its unit', async () => {
  await go('/printer-settings');
  const seen = async (): Promise<string[]> =>
    (await page.locator('.field:visible label').allInnerTexts()).filter((one) =>
      ['Host', 'Address', 'Folder'].includes(one),
    );
  expect(await seen()).toEqual(['Host']);
  expect(await page.locator('.field:has([name=offsetX]) .with > span').innerText()).toBe('mm');
  for (const [kind, name] of Object.entries({ ipp: 'Address', file: 'Folder' })) {
    await page.getByLabel('Kind').selectOption(kind);
    expect(await seen()).toEqual([name]);
  }
  await page.getByLabel('Kind').selectOption('agent');
  expect(await seen()).toEqual([]);
  await expectAccessible(page);
  await go('/people');
  await page.getByLabel('Role').selectOption('auditor');
  expect(await field('Badge').isVisible()).toBe(false);
  expect(await page.getByLabel('Last day').isVisible()).toBe(true);
});

test('without scripts, all fields are shown, and only those of the kind are saved', async () => {
  await page.route(/\.js(\?|$)/, (route) => route.fulfill({ body: '', contentType: 'text/javascript' }));
  await go('/printer-settings');
  await field('Printer name').fill('P');
  await page.getByLabel('Kind').selectOption('file');
  await field('Folder').fill('');
  await button('Save').click();
  await page.locator('.field:has([name=folder]) .error').getByText('is missing').waitFor(PATIENCE);
  expect(await field('Printer name').inputValue()).toBe('P');
  await field('Folder').fill(tempFolder());
  await button('Save').click();
  await page.getByRole('link', { name: 'P', exact: true }).waitFor(PATIENCE);
  await page.unrouteAll();
  forgetComplaints();
});

test('a product is duplicated, edited and removed, and the question says what happens', async () => {
  await go('/products');
  await page.getByRole('link', { name: 'Thermostat' }).click();
  await page.getByRole('link', { name: 'Duplicate' }).click();
  await field('Product id').fill('COPY');
  expect(await field('Name').inputValue()).toBe('Copy of Thermostat');
  await button('Save').click();
  await page.getByRole('link', { name: 'Copy of Thermostat' }).click();
  await button('Remove product').click();
  await page
    .getByRole('dialog')
    .getByText('If a device names this product later, the product counts as new.')
    .waitFor(PATIENCE);
  await goAhead(page);
  await page.waitForURL(`${service.url}/products`, PATIENCE);
  const { products } = (
    await api<{ products: { id: string; claimIdLength: number }[] }>(service, 'GET', '/v1/products')
  ).body;
  expect(products).toMatchObject([{ id: 'DEMO', claimIdLength: 12 }]);
});

test('after a corrected name, the error goes, the link stays, and the list shows the new person', async () => {
  await go('/people');
  await field('Name').fill('Maria Lopez');
  await button('Save and make a sign-in link').click();
  const error = page.locator('.field:has([name=name]) .error');
  await error.getByText('without spaces: for example maria.lopez').waitFor(PATIENCE);
  expect(await error.innerText()).toMatch(/^Must be /);
  await field('Name').fill('maria.lopez');
  await button('Save and make a sign-in link').click();
  await page.getByRole('link', { name: 'maria.lopez' }).waitFor(PATIENCE);
  const link = page.locator('.secret pre');
  expect(await link.innerText()).toContain('/sign-in/');
  expect(await page.getByText('Nothing was saved').count()).toBe(0);
  expect(await page.locator('.error:visible').count()).toBe(0);
  expect(await field('Name').inputValue()).toBe('');
  await page.locator('.secret').getByRole('button', { name: 'Copy' }).click();
  await page.locator('.secret').getByRole('button', { name: 'Copied' }).waitFor(PATIENCE);
  await field('Name').click();
  await page.keyboard.press('ControlOrMeta+V');
  expect(await field('Name').inputValue()).toBe((await link.innerText()).slice(0, 64));
  await expectAccessible(page);
  forgetComplaints();
});

test('the page after a change says once that it is saved', async () => {
  await go('/station-settings');
  await field('Station name').fill('nest-1');
  await button('Save').click();
  const said = page.getByText('The change is saved.');
  await said.waitFor(PATIENCE);
  await page.reload();
  expect(await said.count()).toBe(0);
});

test('a page with typed values is left only after a question', async () => {
  await go('/station-settings?name=nest-1');
  await field('Device addresses').fill('10.0.0.7');
  const asked = page.waitForEvent('dialog', PATIENCE);
  const left = page.getByRole('link', { name: 'Units', exact: true }).click({ noWaitAfter: true });
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();
  await left;
  expect(await field('Device addresses').inputValue()).toBe('10.0.0.7');
  await button('Save').click();
  await page.getByText('The change is saved.').waitFor(PATIENCE);
});

test('an action that needs the password again is carried out after the dialog, with what was typed', async () => {
  await go('/people');
  await field('Name').fill('olga');
  await page.getByLabel('Role').selectOption('qa');
  const answer = { status: 403, headers: { 'hx-trigger': 'confirm-password', 'hx-reswap': 'none' }, body: '' };
  await page.route('**/people', (route) => route.fulfill(answer), { times: 1 });
  await button('Save and make a sign-in link').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password').fill('not it');
  await dialog.getByRole('button', { name: 'Confirm your password' }).click();
  await dialog.getByText('password is wrong').waitFor(PATIENCE);
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Confirm your password' }).click();
  await page.getByRole('link', { name: 'olga' }).waitFor(PATIENCE);
  expect(await page.getByRole('row', { name: 'olga' }).innerText()).toContain('QA');
  forgetComplaints();
});
