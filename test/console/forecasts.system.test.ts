import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { comeIn, expectAccessible, expectQuietPage, openPage } from '../support/chromium.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/** The forecasts in a real browser. The lead can act on one of them: a work order has reached its plan. */

/** The service looks every 15 seconds. */
const PATIENCE_MS = 45_000;

let service: Service;
let page: Page;

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', '/v1/products/DEMO', {});
  await api(service, 'PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 1 });
  await api(service, 'PUT', '/v1/stations/line-1', { workOrders: { DEMO: 'WO-1' } });
  await api(service, 'POST', '/v1/units', { product: 'DEMO', workOrder: 'WO-1' });
  await until(listed, PATIENCE_MS);
  page = await openPage(service, 1280, 800);
  await comeIn(page, service, 'lena', 'lead');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

async function listed(): Promise<boolean> {
  const { body } = await api<{ forecasts: { code: string }[] }>(service, 'GET', '/v1/forecasts');
  return body.forecasts.some(({ code }) => code === 'work-order');
}

test.each([
  ['en', 'Forecasts to act on: 1', 'Snooze'],
  ['es', 'Previsiones que requieren su atención: 1', 'Posponer'],
  ['zh', '需要处理的预警：1', '暂缓'],
])('in %s, the start page leads to the forecast, and its button is in sight', async (language, line, button) => {
  await page.goto(`${service.url}/language/${language}?back=/stations`);
  await page.getByRole('link', { name: line }).click();
  await page.locator('td.sentence').waitFor();
  await expectAccessible(page);
  const box = await page.getByRole('button', { name: button }).boundingBox();
  const table = await page.locator('.scroll').boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((table?.x ?? 0) + (table?.width ?? 0));
});

test('a snoozed forecast leaves the start page, and a person can show it again', async () => {
  await page.goto(`${service.url}/language/en?back=/forecasts`);
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('heading', { name: 'Snoozed' }).waitFor();
  await page.getByText('person:lena').waitFor();
  await page.goto(`${service.url}/stations`);
  expect(await page.getByText('Forecasts to act on').count()).toBe(0);
  await page.goto(`${service.url}/forecasts`);
  await page.getByRole('button', { name: 'Show again' }).click();
  await page.getByRole('button', { name: 'Snooze' }).waitFor();
});

test('the screen of a station never shows forecasts', async () => {
  await page.goto(`${service.url}/stations/default`);
  await page.locator('h1').waitFor();
  expect(await page.getByText(/forecast/i).count()).toBe(0);
});
