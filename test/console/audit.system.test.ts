import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  comeIn,
  expectAccessible,
  expectForEveryone,
  expectQuietPage,
  openAt,
  openPage,
  PATIENCE,
} from '../support/chromium.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/** The page of the audit in a real browser. */

let service: Service;
let page: Page;

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', '/v1/products/DEMO', { name: 'Thermostat' });
  await api(service, 'POST', '/v1/units', { product: 'DEMO', count: 2 });
  page = await openPage(service);
  await comeIn(page, service, 'quinn', 'qa');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

const go = (query = ''): Promise<void> => openAt(page, `${service.url}/audit${query}`);

test('what a person did is listed with the person, and filters lead to it', async () => {
  await page.goto(`${service.url}/units?find=26&newest=true`);
  await page.goto(`${service.url}/units?product=DEMO`);
  await page.locator('#found a.row').first().waitFor(PATIENCE);
  await go();
  await page
    .getByRole('row', { name: /quinn.*List of Claim IDs read/ })
    .first()
    .waitFor(PATIENCE);
  await expectAccessible(page);
  await page.getByLabel('Kind').selectOption('changed');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('row', { name: /Product changed.*DEMO/ }).waitFor(PATIENCE);
  expect(await page.getByRole('row', { name: /List of Claim IDs read/ }).count()).toBe(0);
  await page.getByLabel('Person or program').fill('quinn');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('No entry matches.').waitFor(PATIENCE);
});

test('the export has what is shown', async () => {
  await go('?kind=changed');
  const shown = await page.locator('tbody tr').count();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  const stream = await (await download).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks).toString('utf8').trim().split('\r\n');
  expect(lines.length - 1).toBe(shown);
});

test('the page fits everyone', () => expectForEveryone(page, service, ['/audit', '/audit?kind=access']));
