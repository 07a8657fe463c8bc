import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import {
  comeIn,
  expectAccessible,
  expectForEveryone,
  expectQuietPage,
  openPage,
  PATIENCE,
} from '../support/chromium.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/** The search box, its suggestions and its results in a real browser. */

let service: Service;
let page: Page;
const made: { uci: string; serial: string }[] = [];

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', '/v1/products/METER', { name: 'Water meter', serialPattern: 'WMU{yy}{ww}-{seq:6}' });
  await api(service, 'PUT', '/v1/work-orders/WO-118', { product: 'METER', planned: 90 });
  for (let n = 0; n < 60; n++) {
    const mac = `A4:C1:38:00:1F:${n.toString(16).padStart(2, '0').toUpperCase()}`;
    const uci = idOf(await attempt(service.port, JSON.stringify({ product: 'METER', mac })));
    made.push({ uci, serial: (await api<{ serial: string }>(service, 'GET', `/v1/units/${uci}`)).body.serial });
  }
  await until(async () => {
    const { body } = await api<{ state: string; done: number; total: number }>(service, 'GET', '/v1/search');
    return body.state === 'ready' && body.done === body.total && body.total > made.length;
  });
  page = await openPage(service, 1440, 900);
  await comeIn(page, service, 'quinn', 'qa');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

const type = async (text: string): Promise<void> => {
  await page.keyboard.press('/');
  await page.locator('#find').fill('');
  await page.keyboard.type(text);
};
const first = () => made[6] ?? { uci: '', serial: '' };

test('suggestions follow what is typed, and the keyboard leads to a unit', async () => {
  await page.goto(`${service.url}/now`);
  const { uci, serial } = first();
  await type(serial.slice(-6));
  const option = page.getByRole('option', { name: serial });
  await option.waitFor(PATIENCE);
  expect(await page.locator('#suggest').innerText(), 'the Claim ID is masked').not.toContain(uci);
  expect(await page.locator('#suggest mark').first().innerText()).toBe(serial.slice(-6));
  expect(await page.locator('#find').getAttribute('aria-expanded')).toBe('true');
  await expectAccessible(page);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await option.getAttribute('aria-selected')).toBe('true');
  const active = await page.locator('#find').getAttribute('aria-activedescendant');
  expect(await page.locator(`#${active}`).innerText()).toContain(serial);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/units\//);
  await page.locator('.unit-name').waitFor(PATIENCE);
  expect((await page.locator('.unit-name').innerText()).replaceAll(/\s/g, '')).toBe(uci);
});

test('Escape closes the suggestions first and leaves the box then', async () => {
  await page.goto(`${service.url}/now`);
  await type('wo-1');
  await page.getByRole('option', { name: 'Work order WO-118' }).waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  expect(await page.locator('#suggest').isHidden()).toBe(true);
  expect(await page.evaluate('document.activeElement.id')).toBe('find');
  await page.keyboard.press('Escape');
  expect(await page.evaluate('document.activeElement.id')).not.toBe('find');
});

test('a press on a suggestion opens it', async () => {
  await page.goto(`${service.url}/now`);
  await type('WO118');
  await page.getByRole('option', { name: 'Work order WO-118' }).click();
  await page.waitForURL(/\/work-orders\/WO-118/);
});

test('the complete name of an order opens it, and a part of it is offered beside the results', async () => {
  await page.goto(`${service.url}/now`);
  await type('wo-118');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/work-orders\/WO-118/);
  await type('wo-1');
  await page.keyboard.press('Enter');
  await page.locator('main').getByRole('link', { name: 'Work order WO-118' }).waitFor(PATIENCE);
  expect(await page.getByText('Claim IDs that begin with').count()).toBe(0);
  await expectAccessible(page);
  await page.locator('h1').click();
  await page.locator('#find').click();
  await page.getByRole('option', { name: 'Work order WO-118' }).waitFor(PATIENCE);
});

test('suggestions say why they found nothing', async () => {
  await page.goto(`${service.url}/now`);
  await type('q');
  await page.getByText('To find parts, type at least 3 letters or digits.').waitFor(PATIENCE);
  await type('9919 9919');
  await page.getByText('No name and no unit contains “9919 9919”.').waitFor(PATIENCE);
});

test('results are paged, sorted and exported as they are shown', async () => {
  await page.goto(`${service.url}/now`);
  await type('38-00-1f');
  await page.keyboard.press('Enter');
  await page.getByText('Found as a part of the S/N or of an identity value.').waitFor(PATIENCE);
  expect(await page.locator('#found tbody tr').count()).toBe(50);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Next page' }).click();
  await page.getByRole('link', { name: 'First page' }).waitFor(PATIENCE);
  expect(await page.locator('#found tbody tr').count()).toBe(10);

  await page.getByRole('link', { name: 'First page' }).click();
  await page.getByRole('link', { name: 'S/N' }).click();
  await page.locator('th[aria-sort=ascending]').waitFor(PATIENCE);
  const shown = await page.locator('#found tbody tr td:nth-child(2)').allInnerTexts();
  // Below the S/N stands the identity value that matched.
  expect(shown.map((cell) => cell.split('\n')[0])).toEqual(made.map(({ serial }) => serial));
  await page.getByRole('link', { name: /^S\/N/ }).click();
  await page.locator('th[aria-sort=descending]').waitFor(PATIENCE);
  await expectAccessible(page);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  const stream = await (await download).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks).toString('utf8').trim().split('\r\n');
  expect(lines).toHaveLength(made.length + 1);
});

test('a page without a result says why', async () => {
  await page.goto(`${service.url}/units?find=991199119911&newest=true`);
  await page.getByText('The search covers all units').waitFor(PATIENCE);
  await page.goto(`${service.url}/units?find=991199119911&product=METER&newest=true`);
  await page.getByText('Other filters are set.').waitFor(PATIENCE);
});

test('the last letters of a Claim ID lead to its unit', async () => {
  const { uci } = first();
  await page.goto(`${service.url}/units?ending=${uci.slice(-5)}`);
  await page.locator('#found a.row').first().waitFor(PATIENCE);
  expect(await page.locator('#found tbody tr').count()).toBe(1);
  await page.getByText('Found as the end of a Claim ID.').waitFor(PATIENCE);
});

test('the pages of the search fit everyone, and the suggestions fit a phone', async () => {
  await expectForEveryone(page, service, ['/units?contains=38001F&newest=true', '/units?find=991199119911']);
  await page.goto(`${service.url}/now`);
  await type(first().serial.slice(-6));
  await page.getByRole('option', { name: first().serial }).waitFor(PATIENCE);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  await expectAccessible(page);
  const heights = await page
    .getByRole('option')
    .evaluateAll((options) => options.map((option) => option.getBoundingClientRect().height));
  for (const height of heights) expect(height).toBeGreaterThanOrEqual(44);
});
