import { readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import {
  comeIn,
  expectAccessible,
  expectQuietPage,
  forgetComplaints,
  openPage,
  scan,
  PATIENCE,
} from '../support/chromium.ts';

const PRODUCT = 'DEMO';

let service: Service;
let page: Page;
const device = async (): Promise<string> => idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT })));
const set = (settings: object) => api(service, 'PUT', '/v1/stations/default', settings);
const says = async (text: RegExp): Promise<void> => {
  await page.locator('#station').getByText(text).first().waitFor(PATIENCE);
};
const verdict = async (): Promise<string> => {
  await page.locator('#verdict:not([hidden]) .verdict').waitFor(PATIENCE);
  return (await page.locator('#verdict').innerText()).replaceAll(/\s+/g, ' ').trim();
};
const toast = async (): Promise<string> => {
  await page.locator('#toast:not([hidden])').waitFor(PATIENCE);
  return (await page.locator('#toast').innerText()).replaceAll(/\s+/g, ' ').trim();
};
const more = (name: string) => page.locator('#acts .more').getByRole('button', { name });
const open = async (): Promise<void> => {
  await page.goto(`${service.url}/stations/default`);
  await page.locator('#station[data-live]').waitFor(PATIENCE);
};

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat' });
  await api(service, 'PUT', '/v1/work-orders/WO-1', { product: PRODUCT, planned: 20 });
  await set({ mode: 'slot', workOrders: { [PRODUCT]: 'WO-1' } });
  page = await openPage(service);
  await comeIn(page, service, 'lin', 'operator');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('the unit is on the screen as soon as its device has asked, and its label, scanned, says PASS', async () => {
  await expectAccessible(page);
  await page.getByRole('link', { name: 'default' }).click();
  await says(/Ready: power the device/);
  await expectAccessible(page);
  const uci = await device();
  await says(/Apply the label/);
  await says(new RegExp(`${uci.slice(0, 5)} ${uci.slice(5)}`));
  await says(/1 of 20/);
  const drawn = () => page.locator('#nest img').evaluate((image: { naturalWidth: number }) => image.naturalWidth);
  await expect.poll(drawn, PATIENCE).toBeGreaterThan(99);
  await expectAccessible(page);
  await page.evaluate('document.activeElement.blur()');
  await scan(page, uci.toLowerCase());
  expect(await verdict()).toMatch(/^PASS\b/);
  await expectAccessible(page);
  await says(/press Next/);
  const { body } = await api<{ status: string }>(service, 'GET', `/v1/units/${uci}`);
  expect(body.status).toBe('verified');
  await page.keyboard.press('F8');
  await says(/Ready: power the device/);
});

test('a label that is not this unit’s never passes, and each FAIL says why', async () => {
  await open();
  const other = await device();
  await scan(page, other);
  expect(await verdict()).toMatch(/^PASS\b/);
  await page.keyboard.press('F8');
  await says(/Ready: power the device/);
  const { body: voided } = await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', { product: PRODUCT });
  const { body: fresh } = await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', {
    product: PRODUCT,
    workOrder: 'WO-1',
  });
  const { body: foreign } = await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', { product: 'OTHER' });
  const made = async (body: object): Promise<string> =>
    (await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', body)).body.units[0]?.uci as string;
  const { body: elsewhere } = await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', {
    product: PRODUCT,
  });
  const gone = voided.units[0]?.uci as string;
  const broken = await made({ product: PRODUCT, workOrder: 'WO-1' });
  await api(service, 'POST', `/v1/units/${broken}/scrap`, { reason: 'test-failed' });
  expect((await api(service, 'POST', `/v1/units/${gone}/void`, { reason: 'label-damaged' })).body).toEqual({
    uci: gone,
  });
  const here = await device();
  await says(/Apply the label/);
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Escape');
        await scan(page, other);
        return verdict();
      },
      { timeout: 60_000, interval: 500 },
    )
    .toMatch(/^Label of the previous device That device has passed/);
  for (const [code, why] of [
    [other, /^FAIL Already verified: default, \d{1,2}:\d\d [AP]M\. Read: /],
    [gone, /^FAIL This label is void\. Read: /],
    [broken, /^FAIL This unit is scrapped\. Read: /],
    [foreign.units[0]?.uci, /^FAIL Label of another product\. Read: /],
    [elsewhere.units[0]?.uci, /^FAIL Label of another work order\. Read: /],
    [fresh.units[0]?.uci, /^FAIL Label belongs to another unit\. Read: /],
    ['ZZZZZZZZZZ', /^FAIL Not in this ledger\. Read: /],
  ] as const) {
    // For two seconds, the label that passed last stays a PASS, and for ten it is that of the previous device.
    const again = async (): Promise<string> => {
      await page.keyboard.press('Escape');
      await scan(page, code as string);
      return verdict();
    };
    await expect.poll(again, { timeout: 60_000, interval: 500 }).toMatch(why);
    await page.keyboard.press('Escape');
  }
  await scan(page, here);
  expect(await verdict()).toMatch(/^PASS\b/);
  await page.keyboard.press('F8');
  await says(/Ready: power the device/);
});

test('reload, back and a second tab do no harm: each shows what is, and what was pressed once happened once', async () => {
  await open();
  const uci = await device();
  await says(/Apply the label/);
  const tab = await openPage(service);
  await tab.goto(`${service.url}/stations/default`);
  await tab.locator('#station').getByText('Apply the label').waitFor(PATIENCE);
  await scan(page, uci);
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await page.reload();
  await says(/press Next/);
  await page.goto(`${service.url}/stations`);
  await page.goBack();
  await says(/press Next/);
  await tab.locator('#station').getByText('press Next').waitFor(PATIENCE);
  await tab.keyboard.press('F8');
  await says(/Ready: power the device/);
  await page.keyboard.press('F8');
  const { body } = await api<{ events: { type: string }[] }>(service, 'GET', `/v1/units/${uci}/events`);
  expect(body.events.map(({ type }) => type)).toEqual(['issued', 'verified']);
  const pressed = await api<{ events: { type: string }[] }>(service, 'GET', '/v1/stations/default');
  expect(JSON.stringify(pressed.body)).toContain('"state":"ready"');
  await tab.close();
});

test('a scan arms the station for a pre-printed label, Esc cancels it, and a device gets what was armed', async () => {
  await open();
  const roll = await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/reservations', {
    name: 'R',
    product: PRODUCT,
    count: 1,
  });
  const uci = roll.body.units[0]?.uci as string;
  await page.keyboard.press('F6');
  await says(/Scan the label to arm/);
  await scan(page, uci);
  await says(/Armed: power the device/);
  await page.keyboard.press('Escape');
  await says(/Ready: power the device/);
  await page.keyboard.press('F6');
  await scan(page, uci);
  await says(/Armed: power the device/);
  expect(await device()).toBe(uci);
  await scan(page, uci);
  expect(await verdict()).toMatch(/^PASS\b/);
  await page.keyboard.press('F8');
});

test('prints the label, and again with the reason that was pressed', async () => {
  const folder = tempFolder();
  await api(service, 'PUT', '/v1/printers/P', { kind: 'file', folder, format: 'zpl' });
  await set({ mode: 'slot', printer: 'P', workOrders: { [PRODUCT]: 'WO-1' } });
  await open();
  const uci = await device();
  await page.getByRole('button', { name: 'Print F4' }).waitFor(PATIENCE);
  await page.keyboard.press('F4');
  expect(await toast()).toBe('Done Label queued for P');
  await page.keyboard.press('Escape');
  expect(await page.locator('#toast').isHidden()).toBe(true);
  await says(/Apply the label/);
  await page.locator('#acts .more summary').click();
  await more('label torn').waitFor(PATIENCE);
  await expectAccessible(page);
  await expect.poll(() => readdirSync(folder).length, PATIENCE).toBe(1);
  await more('label torn').click();
  await expect.poll(() => readdirSync(folder).length, PATIENCE).toBe(2);
  const { body } = await api<{ jobs: { reprint?: string }[] }>(service, 'GET', '/v1/print-jobs');
  expect(body.jobs.map(({ reprint }) => reprint)).toEqual(['label torn', undefined]);
  await page.keyboard.press('Escape');
  await scan(page, uci);
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await page.keyboard.press('F8');
});

test('in open mode one scan is enough for the one unit that is open; of two, the second scan says which', async () => {
  await api(service, 'POST', '/v1/stations/default/next', {});
  await set({ mode: 'open' });
  await open();
  const one = await device();
  await scan(page, one);
  expect(await verdict()).toMatch(/^PASS\b/);
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat', deviceCode: 'mac' });
  const withMac = async (mac: string): Promise<string> =>
    idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT, mac })));
  const [two, three] = [await withMac('A4:C1:38:AA:00:02'), await withMac('A4:C1:38:AA:00:03')];
  await page.keyboard.press('Escape');
  await scan(page, two);
  await says(/Several units are open here: now scan the device's own code/);
  await expectAccessible(page);
  await scan(page, 'A4C138AA0003');
  await page.locator('#verdict').getByText('Label belongs to another unit').waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  await scan(page, two);
  await says(/Several units are open here/);
  await scan(page, two);
  await says(/That is the label again/);
  await scan(page, 'a4-c1-38-aa-00-02');
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  await scan(page, three);
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  const roll = { name: 'ROLL-OPEN', product: PRODUCT, count: 1 };
  const reserved = (await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/reservations', roll)).body.units[0]
    ?.uci;
  await scan(page, reserved as string);
  await says(/No unit is open here/);
  await scan(page, reserved as string);
  await says(/That is the label again/);
  await page.keyboard.press('Escape');
  await set({ mode: 'slot', workOrders: { [PRODUCT]: 'WO-1' } });
});

test('the exceptions are one key away: what has no label, what was not verified, who was refused', async () => {
  const folder = tempFolder();
  await api(service, 'PUT', '/v1/printers/P', { kind: 'file', folder, format: 'zpl' });
  await set({ mode: 'slot', printer: 'P', workOrders: { [PRODUCT]: 'WO-1' } });
  await open();
  await device();
  await says(/Print the label/);
  expect((await attempt(service.port, JSON.stringify({ product: PRODUCT, serial: 'OTHER-1' }))).status).toBe(409);
  await says(/Another device is asking here/);
  await page.keyboard.press('F2');
  const list = page.locator('#list');
  await list.getByRole('heading', { name: 'Label printed, not verified' }).waitFor(PATIENCE);
  await expectAccessible(page);
  const missing = list.getByRole('button', { name: 'Print' });
  const before = readdirSync(folder).length;
  await missing.last().click();
  expect(await toast()).toBe('Done Label queued for P');
  await expect.poll(() => readdirSync(folder).length, PATIENCE).toBe(before + 1);
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'hidden', ...PATIENCE });
  await page.keyboard.press('F8');
});

test('a test label and the rest of a roll come out of the printer of this station', async () => {
  const folder = tempFolder();
  await api(service, 'PUT', '/v1/printers/P', { kind: 'file', folder, format: 'zpl' });
  await open();
  await page.keyboard.press('F3');
  expect(await toast()).toMatch(/^Test label printed/);
  const files = readdirSync(folder).length;
  const roll = { name: 'ROLL-9', product: PRODUCT, count: 4 };
  const { units } = (await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/reservations', roll)).body;
  await page.keyboard.press('Escape');
  await page.keyboard.press('F10');
  await says(/Scan the last good label/);
  await scan(page, units[1]?.uci as string);
  await expect.poll(toast, PATIENCE).toBe('2 labels queued for P');
  await expect.poll(() => readdirSync(folder).length, PATIENCE).toBe(files + 2);
});

test('speaks the language that was chosen', async () => {
  await open();
  for (const [language, words] of [
    ['Español', /Todo listo: encienda/],
    ['中文', /就绪/],
    ['English', /Ready: power/],
  ] as const) {
    await page.locator('.drop summary').click();
    await page.getByRole('link', { name: language }).click();
    await says(words);
  }
});

test('a scan made while the service is gone is rejected aloud and never counts; the screen comes back by itself', async () => {
  await open();
  const uci = await device();
  await says(/Print the label/);
  await service.end('SIGKILL');
  await page.locator('#lost:not([hidden])').waitFor(PATIENCE);
  await scan(page, uci);
  expect(await verdict()).toBe('This scan does NOT count: no connection');
  service = await startService(service.data, { PORT: String(service.port) });
  await page.locator('#lost').waitFor({ state: 'hidden', ...PATIENCE });
  const before = await api<{ status: string }>(service, 'GET', `/v1/units/${uci}`);
  expect(before.body.status).toBe('issued');
  forgetComplaints();
  await scan(page, uci);
  await page.locator('#verdict').getByText('PASS').waitFor(PATIENCE);
  await page.keyboard.press('F8');
  await says(/Ready: power the device/);
});

test('a session that ended is said at once, with the way back to this very screen', async () => {
  await open();
  await api(service, 'DELETE', '/v1/people/lin');
  await scan(page, 'ZZZZZZZZZZ');
  await page.locator('#expired:not([hidden])').waitFor(PATIENCE);
  await page.locator('#expired a').click();
  await page.waitForURL(`${service.url}/sign-in?back=%2Fstations%2Fdefault`);
  forgetComplaints();
});

test('where a person is signed in, a badge covers nothing, and leads to the station’s own screen', async () => {
  await comeIn(page, service, 'ada', 'admin');
  await api(service, 'PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-0001' });
  await open();
  await scan(page, 'OP-0001');
  await says(/This is the badge of olga/);
  await says(/Here, ada is signed in/);
  expect(await page.locator('#verdict:not([hidden])').count()).toBe(0);
  await expectAccessible(page);
  await page.locator('#ask').getByRole('button', { name: 'Close' }).click();
  await page.locator('#ask').waitFor({ state: 'hidden', ...PATIENCE });
  await scan(page, 'OP-0001');
  await page.locator('#ask').getByRole('link').click();
  await page.waitForURL(`${service.url}/station-settings?name=default#screen`);
});

test('what fills the screen has a button that closes it', async () => {
  await open();
  await scan(page, 'ZZZZZZZZZZ');
  expect(await verdict()).toMatch(/^Not possible/);
  const close = page.locator('#verdict-close').getByRole('button', { name: 'Close' });
  await expectAccessible(page);
  await close.click();
  await page.locator('#verdict').waitFor({ state: 'hidden', ...PATIENCE });
  await close.waitFor({ state: 'hidden', ...PATIENCE });
  expect(await page.evaluate('document.activeElement.id')).toBe('code');
});
