import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import {
  comeIn,
  expectAccessible,
  expectForEveryone,
  expectQuietPage,
  openPage,
  scan,
  PATIENCE,
} from '../support/chromium.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/* The screen of a gate, and the pages of shipping lists. */

const PRODUCT = 'DEMO';
const SHOTS = process.env['CLAIMSTAMP_SHOTS'];

let service: Service;
let page: Page;

const shoot = async (name: string): Promise<void> => {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
};
const verdict = async (): Promise<string> => {
  await page.locator('#verdict:not([hidden]) .verdict').waitFor(PATIENCE);
  return (await page.locator('#verdict').innerText()).replaceAll(/\s+/g, ' ').trim();
};
const open = async (): Promise<void> => {
  await page.goto(`${service.url}/stations/gate`);
  await page.locator('#station[data-live]').waitFor(PATIENCE);
};
const shown = async (text: RegExp): Promise<void> => page.locator('#station').getByText(text).first().waitFor(PATIENCE);
/** A unit that passed at the station `default`. */
const passed = async (): Promise<string> => {
  const uci = idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT })));
  const { body } = await api<{ result: string }>(service, 'POST', '/v1/stations/default/verify', { label: uci });
  expect(body.result).toBe('PASS');
  return uci;
};

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat' });
  await api(service, 'PUT', '/v1/stations/default', { mode: 'slot', next: 'auto' });
  await api(service, 'PUT', '/v1/shipping-lists/PALLET-1', { target: 2 });
  await api(service, 'PUT', '/v1/stations/gate', { mode: 'gate', shippingList: 'PALLET-1' });
  page = await openPage(service);
  await comeIn(page, service, 'lin', 'operator');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('a scan says SHIP in green and counts, or STOP in red with the reason; the next scan needs no key', async () => {
  const [good, other] = [await passed(), await passed()];
  const bad = idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT })));
  await open();
  await shown(/Scan the label of the unit/);
  await shown(/0 of 2/);
  await expectAccessible(page);
  await shoot('gate-ready');
  await scan(page, good);
  expect(await verdict()).toMatch(/^SHIP .*PALLET-1: 1 of 2/);
  await expectAccessible(page);
  await shoot('gate-ship');
  await scan(page, bad.toLowerCase());
  await expect.poll(verdict, PATIENCE).toMatch(/^STOP .*Label not verified/);
  await expectAccessible(page);
  await shoot('gate-stop');
  await scan(page, '0123456789');
  await expect.poll(verdict, PATIENCE).toMatch(/^STOP .*Not in this ledger.*Read: 0123456789/);
  await page.keyboard.press('Escape');
  await shown(/1 of 2/);
  await expect.poll(() => page.locator('.gate-scans li').count(), PATIENCE).toBe(3);
  await expectAccessible(page);
  await shoot('gate-scans');
  await scan(page, other);
  await expect.poll(verdict, PATIENCE).toMatch(/^SHIP .*2 of 2/);
  await scan(page, await passed());
  await expect.poll(verdict, PATIENCE).toMatch(/^STOP .*list is full/);
  await page.keyboard.press('Escape');
  await shown(/List PALLET-1 is full/);
  await shoot('gate-full');
});

test('a unit that is on its list already is neither SHIP nor STOP', async () => {
  await api(service, 'PUT', '/v1/shipping-lists/PALLET-1', { target: 5 });
  const uci = await passed();
  await open();
  await scan(page, uci);
  await expect.poll(verdict, PATIENCE).toMatch(/^SHIP/);
  await expect
    .poll(
      async () => {
        await scan(page, uci);
        return verdict();
      },
      { ...PATIENCE, interval: 1000 },
    )
    .toMatch(/^ON LIST .*PALLET-1/);
  await expectAccessible(page);
  await shoot('gate-already');
});

test('works on a phone, in three languages, light and dark', async () => {
  await expectForEveryone(page, service, ['/stations/gate']);
  await shoot('gate-phone');
  await page.setViewportSize({ width: 1024, height: 600 });
});

test('QA makes a list, sees its units, and closes it; a lead takes a unit off', async () => {
  await page.goto('about:blank');
  await page.context().clearCookies();
  await comeIn(page, service, 'quinn', 'qa');
  await page.goto(`${service.url}/shipping-lists`);
  await page.locator('[name=id]').fill('PALLET-2');
  await page.locator('[name=target]').fill('4');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/shipping-lists\/PALLET-2$/);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Close the list' }).click();
  await page.getByText(/Closed by/).waitFor(PATIENCE);
  await page.goto(`${service.url}/shipping-lists/PALLET-1`);
  await expectAccessible(page);
  await shoot('list-qa');
  await expectForEveryone(page, service, ['/shipping-lists', '/shipping-lists/PALLET-1']);
  await page.setViewportSize({ width: 1024, height: 600 });
  await page.goto('about:blank');
  await page.context().clearCookies();
  await comeIn(page, service, 'lea', 'lead');
  await page.goto(`${service.url}/shipping-lists/PALLET-1`);
  const { body } = await api<{ units: { uci: string }[] }>(service, 'GET', '/v1/shipping-lists/PALLET-1/units');
  await page.locator('[name=uci]').fill(body.units[0]!.uci);
  await page.locator('[name=reason]').fill('carton damaged');
  await page.getByRole('button', { name: 'Remove a unit from the list' }).click();
  await page.getByText(/2 of 5/).waitFor(PATIENCE);
});
