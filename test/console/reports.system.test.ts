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
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/** The page of the reports in a real browser: a day, its shifts, and its reports as PDF. */

let service: Service;
let page: Page;

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', '/v1/products/DEMO', { name: 'Thermostat' });
  await api(service, 'PUT', '/v1/stations/line-1', {});
  const { url } = (await api<{ url: string }>(service, 'POST', '/v1/stations/line-1/key')).body;
  for (const serial of ['A-1', 'A-2'])
    idOf(await attempt(service.port, JSON.stringify({ product: 'DEMO', serial }), new URL(url).pathname));
  page = await openPage(service);
  await comeIn(page, service, 'quinn', 'qa');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

const go = (query = ''): Promise<void> => openAt(page, `${service.url}/reports${query}`);

test('today has its shifts with the figures of each station', async () => {
  await go();
  await expectAccessible(page);
  const row = page.getByRole('row', { name: /line-1/ }).filter({ hasText: '2' });
  await row.first().waitFor(PATIENCE);
  expect(await row.first().getByRole('cell').first().innerText()).toBe('2');
  await page.getByRole('link', { name: 'line-1' }).first().waitFor();
});

test('another day is chosen by its date, and has no figures', async () => {
  await go();
  await page.getByLabel('Day').fill('2020-02-03');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('heading', { level: 1, name: /2020-02-03/ }).waitFor(PATIENCE);
  expect(new URL(page.url()).searchParams.get('day')).toBe('2020-02-03');
  expect(await page.getByRole('link', { name: 'line-1' }).count()).toBe(0);
  await expectAccessible(page);
});

test('both reports of the day are PDF files', async () => {
  await go();
  const links = page.locator('main .page-head a[download]');
  expect(await links.count()).toBe(2);
  for (const link of await links.all()) {
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).subarray(0, 5).toString()).toBe('%PDF-');
    expect(download.suggestedFilename()).toMatch(/^(production|reconciliation)-[\d-]+\.pdf$/);
  }
});

test('the page fits everyone', () => expectForEveryone(page, service, ['/reports']));
