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
import { makeExceptions, type Excepted } from '../support/exceptions.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/** The page of exceptions in a real browser, on a ledger with each kind of exception. */

let service: Service;
let page: Page;
let made: Excepted;

beforeAll(async () => {
  const data = tempFolder();
  made = makeExceptions(data);
  service = await startService(data);
  await api(service, 'POST', '/v1/ledger/accept', { size: made.size });
  page = await openPage(service);
  await comeIn(page, service, 'quinn', 'qa');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

const go = (): Promise<void> => openAt(page, `${service.url}/exceptions`);
const serialOf = async (uci: string): Promise<string> =>
  (await api<{ serial: string }>(service, 'GET', `/v1/units/${uci}`)).body.serial;

test('counts come first, then each kind with its stations, its work orders and what to do', async () => {
  await go();
  await page.getByRole('heading', { name: '8 exceptions', level: 1 }).waitFor(PATIENCE);
  const counts = await page.locator('.counts li').allInnerTexts();
  expect(counts.map((text) => text.split('\n').slice(0, 2))).toEqual([
    ['1', 'with a wrong Claim ID'],
    ['3', 'without a label'],
    ['4', 'without a scan'],
  ]);
  const groups = await page.locator('#no-label .case-group').allInnerTexts();
  expect(groups.map((text) => text.replaceAll(/\s+/g, ' ').trim())).toEqual([
    'fixture-1 · WO-1000 2',
    'fixture-2 · WO-1001 1',
  ]);
  const quiet = await page.locator('.quiet a').allInnerTexts();
  expect(quiet).toEqual(['3 files made for firmware', '4 unused labels of roll-7']);
  await expectAccessible(page);
});

test('the page and its folded cases fit everyone', async () => {
  await go();
  await expectForEveryone(page, service, ['/exceptions']);
  await go();
  await page.locator('#not-scanned summary').first().click();
  await page.locator('#not-scanned textarea').first().waitFor(PATIENCE);
  await expectAccessible(page);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
});

test('a case is closed with a note, and leaves this page, the page Now and no trace but its event', async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await go();
  const serial = await serialOf(made.wrongId);
  const one = page.locator('#wrong-id details').filter({ hasText: serial });
  await one.locator('summary').click();
  await one.getByLabel('What was found, and what was done').fill('The flash was cloned. Erased and issued again.');
  await one.getByRole('button', { name: 'Close with this note' }).click();
  await page.getByRole('heading', { name: '7 exceptions', level: 1 }).waitFor(PATIENCE);
  expect(await page.locator('#wrong-id').count()).toBe(0);
  await page.locator('#closed').getByText('The flash was cloned. Erased and issued again.').waitFor(PATIENCE);
  expect(await page.locator('.rail .count').innerText()).toContain('7 open exceptions');
  await page.goto(`${service.url}/now`);
  await page.locator('main h1').waitFor(PATIENCE);
  await page.getByText('Units without a label: 3').waitFor(PATIENCE);
  expect(await page.getByText('Devices with the Claim ID of another device').count()).toBe(0);
  await page.goto(`${service.url}/units/${made.wrongId}`);
  await page.getByText('Exception closed').waitFor(PATIENCE);
  await page.getByText('The flash was cloned. Erased and issued again.', { exact: true }).waitFor(PATIENCE);
});

test('the open exceptions are exported', async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await go();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  expect((await download).suggestedFilename()).toBe('exceptions.csv');
});

test('the links of what waits lead to its units', async () => {
  for (const [link, count] of [
    ['3 files made for firmware', 3],
    ['4 unused labels of roll-7', 4],
  ] as const) {
    await go();
    await page.getByRole('link', { name: link }).click();
    await page.locator('#found').waitFor(PATIENCE);
    expect(await page.locator('#found a.row').count(), link).toBe(count);
  }
});
