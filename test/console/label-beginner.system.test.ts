import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { comeIn, expectQuietPage, forgetComplaints, openPage } from '../support/chromium.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/** The first label of a person who knows only the pages: real keys and clicks, and the mistakes that beginners make. */

const PATIENCE = { timeout: 60_000 };

let service: Service;
let page: Page;
const data = tempFolder();
const button = (name: string) => page.getByRole('button', { name, exact: true });
const property = (key: string) => page.locator(`#properties [data-key="${key}"]`);
const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor(PATIENCE);
const boxes = async (): Promise<Record<string, unknown>[]> =>
  page.evaluate(`import(document.querySelector('script[src*="label-editor.js"]').src.replace('label-editor', 'label-source'))
    .then(({ read }) => read(document.getElementById('source').value).boxes.map(({ value }) => value))`);
const newLabel = async (): Promise<void> => {
  await page.goto(`${service.url}/labels-new`);
  await heading('Add a first box');
};
/** Types as a person does: the field has the focus before the next one gets it. */
const type = async (key: string, text: string): Promise<void> => {
  await property(key).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
};

beforeAll(async () => {
  // As a person starts it: without folders for print files.
  service = await startService(data, { CLAIMSTAMP_PRINT_FOLDERS: '' });
  page = await openPage(service, 1440, 900);
  page.on('dialog', (dialog) => void dialog.accept());
  await comeIn(page, service, 'ana', 'admin');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('a new text, QR code and bars fit as they are added', async () => {
  await newLabel();
  for (const kind of ['Text', 'QR', 'Code 128']) {
    await button(kind).click();
    await page.locator('#boxes [aria-pressed=true]').waitFor();
    await heading('Everything fits');
  }
});

test('a value is inserted into the text that was typed', async () => {
  await newLabel();
  await button('Text').click();
  await type('holds', 'Claim ID ');
  await page.keyboard.press('Tab');
  await property('insert').selectOption('uci:5');
  await expect.poll(async () => (await boxes())[0]?.['text'], PATIENCE).toBe('Claim ID {uci:5}');
  expect(await property('holds').inputValue()).toBe('Claim ID {uci:5}');
  await type('holds', '#');
  await property('insert').selectOption('serial');
  await expect.poll(async () => (await boxes())[0]?.['text'], PATIENCE).toBe('#{serial}');
});

test('each value in the list has a name', async () => {
  await newLabel();
  await button('Text').click();
  const names = await property('insert').locator('option').allTextContents();
  expect(names.filter((name) => name.startsWith('field.'))).toEqual([]);
});

test('several boxes move to the place that was typed, not further', async () => {
  await newLabel();
  await button('QR').click();
  await button('Frame').click();
  await page.locator('#boxes [data-box="0"]').click();
  await page.locator('#boxes [data-box="1"]').click({ modifiers: ['Shift'] });
  await property('y').waitFor();
  await type('y', '3');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const tops = (await boxes()).map(({ y }) => Number(y));
  expect(Math.min(...tops)).toBe(3);
  await property('y').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  expect(Math.min(...(await boxes()).map(({ y }) => Number(y)))).toBe(4);
});

test('the typical sample is not the longest one', async () => {
  await newLabel();
  await button('Text').click();
  const name = property('insert').locator('option[value=name]');
  await expect.poll(() => name.textContent(), PATIENCE).toBe('Product name – Thermostat');
});

test('after a name that is refused, what is drawn next is saved, and the test print works', async () => {
  await api(service, 'PUT', '/v1/printers/P', { kind: 'file', folder: join(data, 'print') });
  await newLabel();
  await button('QR').click();
  await page.getByRole('textbox', { name: 'Name' }).last().fill('my label');
  await button('Save label').click();
  await page.getByText('Nothing was saved').waitFor(PATIENCE);
  forgetComplaints();
  expect(await page.locator('#as-text').getAttribute('open')).toBeNull();
  await page.locator('#boxes [data-box="0"]').click();
  await type('w', '20');
  await page.keyboard.press('Enter');
  await button('Test print').click();
  await page.getByText(/^Test label (sent|printed)/).waitFor(PATIENCE);
  expect(readdirSync(join(data, 'print')).filter((name) => name.endsWith('.pdf'))).toHaveLength(1);
  await page.getByRole('textbox', { name: 'Name' }).last().fill('mine');
  await Promise.all([page.waitForURL('**/labels/mine/edit'), button('Save label').click()]);
  await page.locator('#stage').waitFor();
  expect((await boxes())[0]).toMatchObject({ type: 'qr', w: 20 });
});

test('after a note that is refused, another revision by someone else is still shown', async () => {
  await page.goto(`${service.url}/labels/mine/edit`);
  await heading('Everything fits');
  const { source } = (await api<{ source: string }>(service, 'GET', '/v1/label-templates/mine/source')).body;
  await page.evaluate(`document.querySelector('[name=note]').removeAttribute('maxlength')`);
  await page.locator('[name=note]').fill('x'.repeat(201));
  await page.locator('#boxes [data-box="0"]').click();
  await type('h', '19');
  await page.keyboard.press('Enter');
  await button('Save as next revision').click();
  await page.getByText('Nothing was saved').waitFor(PATIENCE);
  const theirs = source.replace('width: 62', 'width: 63');
  await api(service, 'PUT', '/v1/label-templates/mine', { source: theirs, revision: 1 });
  await page.locator('[name=note]').fill('short');
  await button('Save as next revision').click();
  await button('Keep both').click();
  await expect.poll(() => page.locator('#source').inputValue(), PATIENCE).toContain('width: 63');
  await Promise.all([page.getByText('Saved as revision 3').waitFor(PATIENCE), button('Save as next revision').click()]);
  forgetComplaints();
  expect((await boxes())[0]).toMatchObject({ h: 19 });
});

test('a folder printer is offered the folder that is allowed, and has no empty group of settings', async () => {
  await page.goto(`${service.url}/printer-settings`);
  await page.getByLabel('Kind').selectOption('file');
  expect(await page.getByLabel('Folder').inputValue()).toBe(join(data, 'print'));
  expect(await page.getByText('Time limits').isVisible()).toBe(false);
  await page.getByLabel('Printer name').fill('pdf');
  await Promise.all([page.waitForURL('**/printers'), button('Save').click()]);
  await page.goto(`${service.url}/printer-settings?name=P&kind=raw9100`);
  expect(await page.getByText('Time limits').isVisible()).toBe(true);
});

test('without a printer, the editor leads to the page that adds one', async () => {
  for (const name of ['P', 'pdf']) await api(service, 'DELETE', `/v1/printers/${name}`);
  await newLabel();
  await page.getByRole('link', { name: 'Add a printer' }).click();
  await page.waitForURL('**/printer-settings');
});
