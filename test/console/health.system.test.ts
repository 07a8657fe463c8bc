import { readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  comeIn,
  expectAccessible,
  expectForEveryone,
  expectQuietPage,
  forgetComplaints,
  openPage,
  PATIENCE,
} from '../support/chromium.ts';
import { ADMIN_TOKEN, api, startService, tempFolder, type Service } from '../support/service.ts';

/** The pages Health and Settings in a real browser. */

const folder = tempFolder();

let service: Service;
let page: Page;

beforeAll(async () => {
  service = await startService(tempFolder(), { CLAIMSTAMP_BACKUP_FOLDER: folder, CLAIMSTAMP_SITE_NAME: 'Works 2' });
  // The start page of a service without products is its first steps.
  await api(service, 'PUT', '/v1/products/DEMO', {});
  page = await openPage(service, 1440, 900);
  await comeIn(page, service, 'ada', 'admin');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('the foot of the navigation says how the service is, and leads to the page Health', async () => {
  await page.goto(`${service.url}/stations`);
  await page.getByRole('link', { name: 'Service is healthy' }).click();
  await page.getByRole('heading', { level: 1, name: 'Service is healthy' }).waitFor(PATIENCE);
  await page.getByText(`Claimstamp`).first().waitFor(PATIENCE);
  await expectAccessible(page);
});

test('an admin makes a backup now, and sees when it was made', async () => {
  await page.goto(`${service.url}/health`);
  const card = page.locator('#backups');
  await expect.poll(() => readdirSync(folder).filter((name) => name.endsWith('.db')).length, PATIENCE).toBe(1);
  await page.reload();
  await card.getByRole('button', { name: 'Make one now' }).click();
  await expect.poll(() => readdirSync(folder).filter((name) => name.endsWith('.db')).length, PATIENCE).toBe(2);
  await card.getByRole('button', { name: 'Make one now' }).waitFor(PATIENCE);
  expect(await card.innerText()).not.toContain('none yet');
  await expectAccessible(page);
});

test('the page Settings shows what was set first, and no secret', async () => {
  await page.goto(`${service.url}/settings`);
  const row = page.getByRole('row', { name: /CLAIMSTAMP_SITE_NAME/ });
  expect(await row.innerText()).toMatch(/Works 2[^]*environment/);
  const token = page.getByRole('row', { name: /CLAIMSTAMP_ADMIN_TOKEN/ });
  expect(await token.innerText()).toContain('set, not shown');
  expect(await page.content()).not.toContain(ADMIN_TOKEN);
  await expectAccessible(page);
});

test('both pages speak the three languages, and fit a phone and 200 % text', () =>
  expectForEveryone(page, service, ['/health', '/settings']));

test('a lead sees how the service is, without settings and without a button for backups', async () => {
  await comeIn(page, service, 'lena', 'lead');
  await page.goto(`${service.url}/health`);
  await page.getByRole('heading', { level: 1, name: 'Service is healthy' }).waitFor(PATIENCE);
  expect(await page.getByRole('button', { name: 'Make one now' }).count()).toBe(0);
  expect((await page.goto(`${service.url}/settings`))?.status()).toBe(403);
  forgetComplaints();
});
