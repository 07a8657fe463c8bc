import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import { comeIn, expectAccessible, expectQuietPage, openPage, scan, PATIENCE } from '../support/chromium.ts';

/** The screen at a station: nobody signs in, a badge says who works there. Registrations are answered in test mode. */

const PRODUCT = 'DEMO';

let service: Service;
let page: Page;
const device = async (): Promise<string> => idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT })));
const register = (id: string, path = '/api/device/register') =>
  attempt(service.port, JSON.stringify({ id, product: PRODUCT, name: 'Thermostat' }), path);
const says = async (text: RegExp, on = page): Promise<void> => {
  await on.locator('#station').getByText(text).first().waitFor(PATIENCE);
};
const actors = async (uci: string): Promise<string[]> => {
  const { body } = await api<{ events: { type: string; actor: string }[] }>(service, 'GET', `/v1/units/${uci}/events`);
  return body.events.filter(({ type }) => type === 'verified').map(({ actor }) => actor);
};

beforeAll(async () => {
  service = await startService(tempFolder(), { CLAIMSTAMP_BUILDER_LOCAL: 'accept' });
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat' });
  await api(service, 'PUT', '/v1/stations/default', { mode: 'slot', next: 'auto' });
  await api(service, 'PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-0001' });
  await api(service, 'PUT', '/v1/people/pavel', { role: 'operator', badge: 'OP-0002' });
  page = await openPage(service);
  const { link } = (await api<{ link: string }>(service, 'POST', '/v1/stations/default/kiosk')).body;
  await page.goto(link);
  await page.locator('form button').click();
  await page.locator('#station[data-live]').waitFor(PATIENCE);
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('a badge names who works at the screen, until the next one; removed people are nobody', async () => {
  await says(/Scan your badge/);
  await expectAccessible(page);
  const passed = async (): Promise<string[]> => {
    const uci = await device();
    await says(/Apply the label/);
    await scan(page, uci);
    await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
    return actors(uci);
  };
  expect(await passed()).toEqual(['kiosk:default']);
  await scan(page, 'OP-0001');
  await page.locator('#toast').getByText('Operator: olga').waitFor(PATIENCE);
  await page.locator('#who').getByText('olga').waitFor(PATIENCE);
  expect(await passed()).toEqual(['kiosk:default/olga']);
  await scan(page, 'OP-0002');
  await page.locator('#who').getByText('pavel').waitFor(PATIENCE);
  expect(await passed()).toEqual(['kiosk:default/pavel']);
  await api(service, 'DELETE', '/v1/people/pavel');
  expect(await passed()).toEqual(['kiosk:default']);
});

test('a device that holds a wrong Claim ID is on the screen, with the test mode that answered it', async () => {
  await says(/TEST MODE/);
  const here = await device();
  await says(/Apply the label/);
  const { units } = (await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', { product: PRODUCT })).body;
  expect((await register(units[0]?.uci as string)).status).toBe(200);
  await says(/Alarm at/);
  await says(/Not the Claim ID of the unit at this station/);
  await expectAccessible(page);
  await page.keyboard.press('F2');
  await page.locator('#list').getByText('Not the Claim ID of the unit at this station').waitFor(PATIENCE);
  await expectAccessible(page);
  await scan(page, here);
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
});

test('two operators at one station see the same unit; the second scan is told that it is done', async () => {
  const other = await openPage(service);
  // Cookies belong to the browser, not to the page: somebody who signs in here takes the kiosk's place.
  const uci = await device();
  await says(/Apply the label/);
  await other.goto(`${service.url}/stations/default`);
  await says(/Apply the label/, other);
  await scan(page, uci);
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await says(/Ready: power the device/, other);
  await scan(other, uci);
  // Within two seconds, this is a double read. It adds no event.
  await other.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  expect(await actors(uci)).toHaveLength(1);
  await other.close();
});

test('where a badge is required, a scan or a key is held until the badge is scanned, and the hand-over can be looked at', async () => {
  await api(service, 'PUT', '/v1/stations/default', { mode: 'slot', next: 'auto', badge: 'required' });
  const uci = await device();
  await says(/Apply the label/);
  await page.keyboard.press('F8');
  await page.locator('#ask').getByText('Scan your badge').waitFor(PATIENCE);
  expect((await api<{ slot: object }>(service, 'GET', '/v1/stations/default')).body.slot).toMatchObject({
    state: 'open',
  });
  await page.keyboard.press('Escape');
  await scan(page, uci);
  await page.locator('#ask').getByText('Scan your badge').waitFor(PATIENCE);
  expect(await actors(uci)).toEqual([]);
  await expectAccessible(page);
  // Caps Lock changes the spelling of a badge, and its person is the same.
  await scan(page, 'op-0001');
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  expect(await actors(uci)).toEqual(['kiosk:default/olga']);
  await page.keyboard.press('Escape');
  await page.locator('.more summary').click();
  await page.getByRole('button', { name: 'Hand-over' }).click();
  const passed = page.locator('#list tr').filter({ hasText: 'Passed' }).locator('td').first();
  await passed.getByText('1', { exact: true }).waitFor(PATIENCE);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.locator('#list').waitFor({ state: 'hidden', ...PATIENCE });
});

test('nothing is cut off at 200 % text, in the dark and on a phone', async () => {
  await device();
  await says(/Apply the label/);
  for (const [width, height] of [
    [1024, 600],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const size of ['100%', '200%']) {
        await page.evaluate(`document.documentElement.style.fontSize = '${size}'`);
        await expectAccessible(page);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect({ width, scheme, size, overflow }).toEqual({ width, scheme, size, overflow: 0 });
      }
    }
  }
});

test('who signs in here takes the place of the screen', async () => {
  await comeIn(page, service, 'lin', 'operator');
  await page.goto(`${service.url}/stations/default`);
  await page.locator('#station[data-live]').waitFor(PATIENCE);
  expect(await page.locator('#who').innerText()).toContain('lin');
});
