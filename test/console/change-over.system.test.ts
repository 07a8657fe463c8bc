import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import { expectAccessible, expectQuietPage, openPage, scan, PATIENCE } from '../support/chromium.ts';

/** A change-over at the screen of a station: nobody signs in, the badge of a lead opens the form. */

let service: Service;
let page: Page;
const put = (path: string, body: object) => api(service, 'PUT', path, body);
const ask = (product: string, mac: string) => attempt(service.port, JSON.stringify({ product, mac }));
const look = async (name: string): Promise<void> => {
  const folder = process.env['CLAIMSTAMP_TEST_SHOTS'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};

beforeAll(async () => {
  service = await startService(tempFolder(), { CLAIMSTAMP_PRINT_FOLDERS: tempFolder() });
  await put('/v1/products/THERMOSTAT', { name: 'Thermostat', orderRequired: true, label: 'device-62x40' });
  await put('/v1/products/PUMP', { name: 'Pump', orderRequired: true, label: 'device-50x25' });
  await put('/v1/work-orders/WO-1001', { product: 'THERMOSTAT', planned: 500, lot: 'A7' });
  await put('/v1/work-orders/WO-1002', { product: 'PUMP', planned: 200 });
  await put('/v1/work-orders/EVT-2', { product: 'PUMP', planned: 20, purpose: 'engineering' });
  for (const name of ['zebra-1', 'zebra-2'])
    await put(`/v1/printers/${name}`, { kind: 'raw9100', host: '127.0.0.1', port: 9, loaded: '62x40' });
  await put('/v1/stations/default', { mode: 'slot', printer: 'zebra-1', workOrders: { THERMOSTAT: 'WO-1001' } });
  await put('/v1/people/olga', { role: 'operator', badge: 'OP-0001' });
  await put('/v1/people/lena', { role: 'lead', badge: 'LE-0002' });
  page = await openPage(service);
  const { link } = (await api<{ link: string }>(service, 'POST', '/v1/stations/default/kiosk')).body;
  await page.goto(link);
  await page.locator('form button').click();
  await page.locator('#station[data-live]').waitFor(PATIENCE);
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('a device of another product is refused, and the screen names order and both products', async () => {
  await ask('PUMP', 'A4:C1:38:AA:00:01');
  const screen = page.locator('#station');
  await screen
    .getByText(/runs WO-1001 \(Thermostat\), and this device is of product Pump/)
    .first()
    .waitFor(PATIENCE);
  await look('refused');
});

test('a lead changes order, product, printer and labels in under a minute, and is told of labels that do not fit', async () => {
  const began = Date.now();
  await page.locator('#acts summary').click();
  await page.getByRole('button', { name: 'Change-over' }).click();
  await page.getByText("Scan a lead's badge").waitFor(PATIENCE);
  await expectAccessible(page);
  await page.keyboard.type('OP-0001\n');
  await page.getByText('olga does not have permission to change the station over').waitFor(PATIENCE);
  await page.keyboard.type('LE-0002\n');
  await page.getByText('WO-1002').waitFor(PATIENCE);
  await expectAccessible(page);
  await look('form');
  const [first] = await page.locator('.card b').allTextContents();
  expect(first).toBe('EVT-2');
  await page.locator('.card', { hasText: 'WO-1002' }).click();
  await page.locator('.card', { hasText: 'zebra-2' }).click();
  await page.getByRole('button', { name: 'Change over', exact: true }).click();
  await page.getByText('zebra-2 has labels of 62x40 mm, and the product needs 50x25 mm').waitFor(PATIENCE);
  await look('labels-differ');
  await page.locator('.card', { hasText: /^50 × 25 mm$/ }).click();
  await page.getByRole('button', { name: 'Change over', exact: true }).click();
  await page.locator('#station[data-live]').waitFor(PATIENCE);
  expect(Date.now() - began).toBeLessThan(60_000);
  await page.locator('#orders').getByText('WO-1002').waitFor(PATIENCE);
  // What was refused before is settled.
  await page.getByRole('heading', { name: 'Ready: power the device' }).waitFor(PATIENCE);
  const { body } = await api(service, 'GET', '/v1/stations/default');
  expect(body).toMatchObject({ product: 'PUMP', printer: 'zebra-2', workOrders: { PUMP: 'WO-1002' } });
  idOf(await ask('PUMP', 'A4:C1:38:AA:00:01'));
});

test('a reference device gets its own ID again, and the screen says what it is', async () => {
  const { body } = await api<{ slot: { uci: string } }>(service, 'GET', '/v1/stations/default');
  const { uci } = body.slot;
  await scan(page, uci);
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  await api(service, 'POST', '/v1/stations/default/next');
  await put(`/v1/units/${uci}/reference`, { reference: true, note: 'golden 1' });
  expect(idOf(await ask('PUMP', 'A4:C1:38:AA:00:01'))).toBe(uci);
  await page.locator('#note').getByText('Reference device golden 1').waitFor(PATIENCE);
  await look('reference');
});

test('the form fits a phone and speaks Spanish and Chinese', async () => {
  await page.goto(`${service.url}/language/zh?back=/stations/default/change-over`);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByText('打印机中的标签').waitFor(PATIENCE);
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(wide).toBeLessThanOrEqual(0);
  await look('phone');
  await page.goto(`${service.url}/language/es?back=/stations/default/change-over`);
  await page.getByText('Etiquetas en la impresora').waitFor(PATIENCE);
});
