import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { comeIn, expectAccessible, expectQuietPage, openPage, scan, PATIENCE } from '../support/chromium.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/* The label set of a product: its form, and a station where a PASS needs two labels. */

const SHOTS = process.env['CLAIMSTAMP_SHOTS'];

let service: Service;
let page: Page;

const shoot = async (name: string): Promise<void> => {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
};
const open = async (): Promise<void> => {
  await page.goto(`${service.url}/stations/default`);
  await page.locator('#station[data-live]').waitFor(PATIENCE);
};
const asks = async (text: RegExp): Promise<void> => page.locator('#ask').getByText(text).waitFor(PATIENCE);
const verdict = async (text: string): Promise<void> =>
  page.locator('#verdict').getByText(text).first().waitFor(PATIENCE);
const device = async (mac: string): Promise<{ uci: string; box: string }> => {
  const uci = idOf(await attempt(service.port, JSON.stringify({ product: 'TH1', mac })));
  const { body } = await api<{ serial: string }>(service, 'GET', `/v1/units/${uci}`);
  return { uci, box: `${body.serial} box` };
};

/** The nest is ready for the next device. */
const emptied = async (): Promise<void> => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('F8');
  await expect
    .poll(
      async () => (await api<{ slot: { state: string } }>(service, 'GET', '/v1/stations/default')).body.slot.state,
      PATIENCE,
    )
    .toBe('ready');
};

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', '/v1/products/TH1', { name: 'Thermostat' });
  await api(service, 'PUT', '/v1/printers/small', { kind: 'file', folder: tempFolder(), format: 'zpl' });
  await api(service, 'PUT', '/v1/printers/large', { kind: 'file', folder: tempFolder(), format: 'zpl' });
  page = await openPage(service);
  await comeIn(page, service, 'lin', 'admin');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('a person gives the product a box label, and the station a printer for it', async () => {
  await page.goto(`${service.url}/product-settings?id=TH1`);
  await page.getByText('New label', { exact: true }).click();
  await page.locator('[name="labels.1.role"]').fill('box');
  await page.locator('[name="labels.1.template"]').selectOption('box-100x50');
  await page.locator('[name="labels.1.release"]').selectOption('yes');
  await expectAccessible(page);
  await shoot('label-set-form');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/products$/, PATIENCE);
  const { body } = await api<{ products: { labels?: object }[] }>(service, 'GET', '/v1/products');
  expect(body.products[0]?.labels).toEqual({ box: { template: 'box-100x50', release: true } });

  await page.goto(`${service.url}/station-settings?name=default`);
  await page.locator('[name="mode"]').selectOption('slot');
  await page.locator('[name="printer"]').selectOption('small');
  await page.locator('[name="printers.box"]').selectOption('large');
  await page.locator('[name="autoPrint"]').selectOption('yes');
  await Promise.all([page.waitForEvent('load', PATIENCE), page.getByRole('button', { name: 'Save' }).click()]);
  await expect
    .poll(
      async () => (await api<{ printers?: object }>(service, 'GET', '/v1/stations/default')).body.printers,
      PATIENCE,
    )
    .toEqual({ box: 'large' });
});

test('a secret label that people may see from outside is warned of on the page of the product', async () => {
  const source = `{ media: { width: 40, height: 40 }, boxes: [{ type: 'qr', x: 2, y: 2, w: 30, h: 30 }] }`;
  await api(service, 'PUT', '/v1/label-templates/crate', { source, revision: 0 });
  await api(service, 'PUT', '/v1/products/TH2', { name: 'Pump' });
  await page.goto(`${service.url}/product-settings?id=TH2`);
  await page.getByText('New label', { exact: true }).click();
  await page.locator('[name="labels.1.role"]').fill('crate');
  await page.locator('[name="labels.1.template"]').selectOption('crate');
  await page.locator('[name="labels.1.secret"]').selectOption('yes');
  await Promise.all([page.waitForEvent('load', PATIENCE), page.getByRole('button', { name: 'Save' }).click()]);
  await page.getByText('The change is saved.').waitFor(PATIENCE);
  await page.getByText('nothing says that the label "crate" is on the device').waitFor(PATIENCE);
  await expectAccessible(page);
  await shoot('label-set-outside');
  await api(service, 'DELETE', '/v1/products/TH2');
});

test('the screen asks for the other label, and says PASS only after both, in either order', async () => {
  await open();
  const one = await device('A4:C1:38:AA:00:01');
  await scan(page, one.uci);
  await asks(/Now scan this label too: box/);
  await expectAccessible(page);
  await shoot('label-set-missing');
  await scan(page, one.box);
  await verdict('PASS');
  await shoot('label-set-pass');
  await emptied();

  const two = await device('A4:C1:38:AA:00:02');
  await scan(page, two.box);
  await asks(/Now scan this label too: device/);
  // The box of the unit before.
  await scan(page, one.box);
  await verdict('FAIL');
  await page.keyboard.press('Escape');
  // The FAIL began anew, so both labels are scanned again.
  await scan(page, two.uci);
  await asks(/box/);
  await page.keyboard.press('Escape');
  await scan(page, two.box);
  await asks(/device/);
  await scan(page, two.uci);
  await verdict('PASS');
  await emptied();
});

test('each label has its own job and its own button at the station', async () => {
  const { uci } = await device('A4:C1:38:AA:00:03');
  await expect
    .poll(async () => {
      const { body } = await api<{ jobs: { role?: string; state: string; printer: string }[] }>(
        service,
        'GET',
        '/v1/print-jobs?limit=2',
      );
      return body.jobs.map(({ role, state, printer }) => [role, state, printer]);
    }, PATIENCE)
    .toEqual([
      ['box', 'done', 'large'],
      [undefined, 'done', 'small'],
    ]);
  await open();
  await page.locator('#acts .more summary').click();
  await shoot('label-set-more');
  await page
    .locator('#acts .more')
    .getByRole('button', { name: /Reprint label: box/ })
    .click(PATIENCE);
  await expect
    .poll(
      async () => (await api<{ roleLabels?: object }>(service, 'GET', `/v1/units/${uci}`)).body.roleLabels,
      PATIENCE,
    )
    .toEqual({ box: 2 });
  await page.goto(`${service.url}/units/${uci}`);
  await page.getByText('1, box: 2').waitFor(PATIENCE);
  await shoot('label-set-unit');
});
