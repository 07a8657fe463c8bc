import { mkdirSync, readdirSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { comeIn, expectAccessible, expectQuietPage, openPage, PATIENCE } from '../support/chromium.ts';
import { freePort } from '../support/free-port.ts';
import { startRawPrinter } from '../support/raw-printer.ts';
import { ADMIN_TOKEN, api, startService, tempFolder, type Service } from '../support/service.ts';
import { openWedge, type Wedge } from '../support/wedge.ts';

/*
 * The states of a station's screen at 1024 × 600: what its headline says, and that its button is in view in each
 * language. With CLAIMSTAMP_TEST_SHOTS, pictures of the states are written to that folder.
 */

const PRODUCT = 'TH2';
const SHOTS = process.env['CLAIMSTAMP_TEST_SHOTS'];

let service: Service;
let page: Page;
let printerPort: number;
let scan: (code: string, wedge?: Wedge) => Promise<void>;
const nests: Record<string, string> = {};

const ask = async (station: string, body: object = {}) =>
  attempt(service.port, JSON.stringify({ product: PRODUCT, ...body }), nests[station]);
const device = async (station: string): Promise<string> => idOf(await ask(station));
const headline = (text: RegExp) => page.locator('#say').getByText(text).first().waitFor(PATIENCE);
const set = (name: string, settings: object) =>
  api(service, 'PUT', `/v1/stations/${name}`, { mode: 'slot', workOrders: { [PRODUCT]: 'WO-1004' }, ...settings });
const open = async (station = 'fixture-1'): Promise<void> => {
  await page.goto(`${service.url}/stations/${station}`);
  await page.locator('#station[data-live]').waitFor(PATIENCE);
};
const press = (name: string, what: string) => api(service, 'POST', `/v1/stations/${name}/${what}`, {});

/** Each language has the headline and the buttons in view, nothing is cut off, and axe finds nothing. */
async function looked(state: string): Promise<void> {
  const back = new URL(page.url()).pathname;
  for (const language of ['es', 'zh', 'en']) {
    await page.goto(`${service.url}/language/${language}?back=${back}`);
    await page.locator('#station[data-live]').waitFor(PATIENCE);
    const hidden =
      await page.evaluate(`[...document.querySelectorAll('#say h2, #acts > *, #note p, .nest dd, .todo-far')]
      .map((one) => [one.innerText, one.getBoundingClientRect()])
      .filter(([, { top, bottom, left, right }]) => top < 0 || bottom > innerHeight || left < 0 || right > innerWidth)
      .map(([text]) => text)`);
    expect({ state, language, hidden }).toEqual({ state, language, hidden: [] });
    const cut =
      await page.evaluate(`[...document.querySelectorAll('#nest, .nest-card, .nest-card > *, .more > summary')]
      .filter((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1)
      .map(({ innerText }) => innerText)`);
    expect({ state, language, cut }).toEqual({ state, language, cut: [] });
    if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${state}-${language}.png` });
  }
  await expectAccessible(page);
}

beforeAll(async () => {
  if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });
  service = await startService(tempFolder());
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat TH-2', company: 'Müller Geräte GmbH' });
  await api(service, 'PUT', '/v1/work-orders/WO-1004', { product: PRODUCT, planned: 1000 });
  await api(service, 'PUT', '/v1/work-orders/WO-1005', { product: PRODUCT, planned: 1, overIssue: 'refuse' });
  printerPort = await freePort();
  await api(service, 'PUT', '/v1/printers/zebra-1', { kind: 'raw9100', host: '127.0.0.1', port: printerPort });
  for (const name of ['fixture-1', 'fixture-2', 'fixture-3', 'fixture-4']) {
    await set(name, {});
    const { url } = (await api<{ url: string }>(service, 'POST', `/v1/stations/${name}/key`, {})).body;
    nests[name] = new URL(url).pathname;
  }
  // The renderers are loaded with the first label. An operator's first label of the day waits for no one else.
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
  const preview = { method: 'POST', headers, body: JSON.stringify({ id: PRODUCT }) };
  expect((await fetch(`${service.url}/v1/label-preview`, preview)).status).toBe(200);
  page = await openPage(service);
  await comeIn(page, service, 'Lin', 'operator');
  scan = await openWedge(page);
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('a printer that is not reached is the headline within two seconds, and its label prints by itself', async () => {
  await set('fixture-1', { printer: 'zebra-1', autoPrint: true });
  await open();
  await looked('ready');
  const uci = await device('fixture-1');
  const since = performance.now();
  await headline(/Label is waiting: printer cannot be reached/);
  // Two seconds on a machine of its own. The tests share theirs with other tests.
  expect(performance.now() - since).toBeLessThan(5000);
  await looked('waits');
  const printer = await startRawPrinter(undefined, printerPort);
  await headline(/Apply the label, then scan it/);
  await looked('scan');
  await scan(uci);
  await page.locator('#verdict:not([hidden]) .is-pass').waitFor(PATIENCE);
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/pass-en.png` });
  await headline(/Passed/);
  await looked('passed');
  await page.locator('.more summary').click();
  await page.getByRole('button', { name: 'label lost' }).click();
  await headline(/Apply the label, then scan it/);
  await scan(uci);
  await page.locator('#verdict:not([hidden]) .is-pass').waitFor(PATIENCE);
  await page.keyboard.press('F8');
  await headline(/Ready/);
  const again = { station: 'fixture-1', reason: 'label lost' };
  await api(service, 'POST', `/v1/units/${uci}/print`, again);
  await page.keyboard.press('F2');
  await page.locator('#list').getByText('scan again at rework').waitFor(PATIENCE);
  await expect.poll(() => page.locator('#list').innerText(), PATIENCE).toMatch(/rework\s+S\/N \w+/);
  await page.keyboard.press('Escape');
  await printer.off();
});

test('the headline follows the state: void in the nest, order full and closed, refused, a label that cannot be drawn', async () => {
  await set('fixture-1', {});
  await open();
  const uci = await device('fixture-1');
  await headline(/Apply the label/);
  expect((await ask('fixture-1', { serial: 'OTHER-1' })).status).toBe(409);
  await headline(/Another device is asking here/);
  await looked('refused');
  await api(service, 'POST', `/v1/units/${uci}/void`, { reason: 'label-damaged' });
  await headline(/This unit is void/);
  await looked('void');
  await page.keyboard.press('F8');
  await headline(/Ready/);
  await set('fixture-1', { workOrders: { [PRODUCT]: 'WO-1005' } });
  const last = await device('fixture-1');
  await headline(/Apply the label/);
  await scan(last);
  await page.locator('#verdict:not([hidden]) .is-pass').waitFor(PATIENCE);
  await page.keyboard.press('F8');
  await headline(/Work order WO-1005 is full/);
  await looked('full');
  const closing = await api(service, 'POST', '/v1/work-orders/WO-1005/close', {});
  expect(closing.status).toBe(200);
  await headline(/Work order WO-1005 is closed/);
  await set('fixture-1', {});
  await headline(/Ready/);
  await attempt(service.port, JSON.stringify({ product: PRODUCT, name: 'جهاز' }), nests['fixture-1']);
  await headline(/The label cannot be printed/);
  await looked('undrawn');
  await press('fixture-1', 'next');
});

test('one screen for three nests: a scan is matched to the nest of its unit, and says which', async () => {
  await set('fixture-1', { screen: ['fixture-2', 'fixture-3'] });
  await open();
  const [one, two] = [await device('fixture-1'), await device('fixture-2')];
  await page.locator('.nest-card.is-do').nth(1).waitFor(PATIENCE);
  await looked('nests');
  await scan(two);
  await page.locator('#told').getByText('PASS in nest 2').waitFor(PATIENCE);
  // A label that is read twice stays PASS.
  const answered = page.waitForResponse((response) => response.url().endsWith('/scan'), PATIENCE);
  await scan(two);
  expect(await (await answered).text()).toContain('PASS in nest 2');
  expect(await page.locator('#toast').isVisible()).toBe(false);
  await page.locator('.nest-card.is-pass').waitFor(PATIENCE);
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/nests-pass-en.png` });
  const later = page.locator('#toast:not([hidden])').getByText('Nest 2: this unit has already passed');
  await expect.poll(async () => (await scan(two), later.count()), { ...PATIENCE, interval: 1000 }).toBe(1);
  await device('fixture-3');
  await page.locator('.nest-card.is-do').nth(1).waitFor(PATIENCE);
  await scan('0000000000');
  await page
    .locator('#verdict:not([hidden])')
    .getByText('This label belongs to none of the units in the nests')
    .waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  await scan(one);
  await page.locator('#told').getByText('PASS in nest 1').waitFor(PATIENCE);
  for (const name of ['fixture-1', 'fixture-2', 'fixture-3']) await press(name, 'next');
  await page.locator('.nest-card.is-ready').nth(2).waitFor(PATIENCE);
  await set('fixture-1', {});
});

test('a label that waits for a printer in trouble goes to another printer, and the job says so', async () => {
  await set('fixture-1', { printer: 'zebra-1', autoPrint: true });
  const folder = tempFolder();
  await api(service, 'PUT', '/v1/printers/spare', { kind: 'file', folder, format: 'zpl' });
  await open();
  const uci = await device('fixture-1');
  await headline(/Label is waiting: printer cannot be reached/);
  await page.getByRole('button', { name: 'Print on another printer' }).waitFor(PATIENCE);
  await looked('elsewhere');
  await page.getByRole('button', { name: 'Print on another printer' }).click();
  await page.locator('#list').getByText('The label was not sent to zebra-1').waitFor(PATIENCE);
  await expectAccessible(page);
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/elsewhere-list-en.png` });
  await page.locator('#list').getByRole('button', { name: 'spare' }).click();
  await page.locator('#toast').getByText('Label queued for spare').waitFor(PATIENCE);
  await headline(/Apply the label, then scan it/);
  await expect.poll(() => readdirSync(folder).length, PATIENCE).toBe(1);
  // The PASS takes the place of the short message.
  await scan(uci);
  await page.locator('#verdict:not([hidden]) .is-pass').waitFor(PATIENCE);
  expect(await page.locator('#toast').isHidden()).toBe(true);
  const { jobs } = (await api<{ jobs: object[] }>(service, 'GET', '/v1/print-jobs?limit=2')).body;
  expect(jobs).toMatchObject([
    { printer: 'spare', state: 'done' },
    { printer: 'zebra-1', state: 'cancelled', reason: 'moved to printer spare' },
  ]);
  await page.keyboard.press('F8');
  await set('fixture-1', {});
});

const slotOf = async (name: string): Promise<string> =>
  (await api<{ slot: { state: string } }>(service, 'GET', `/v1/stations/${name}`)).body.slot.state;

test('on a screen of four nests, a function key acts on the selected nest, or on none', async () => {
  const four = ['fixture-1', 'fixture-2', 'fixture-3', 'fixture-4'];
  await set('fixture-1', { screen: four.slice(1) });
  await open();
  for (const name of four.slice(0, 3)) {
    await scan(await device(name));
    await page.locator('.nest-card.is-pass').nth(four.indexOf(name)).waitFor(PATIENCE);
  }
  await device('fixture-4');
  await looked('four-nests');
  await page.keyboard.press('F8');
  await page.locator('#toast').getByText('F1: choose the nest that the keys control').waitFor(PATIENCE);
  await page.keyboard.press('F1');
  await page.keyboard.press('F1');
  await page.locator('.keys').getByText('Keys: nest 2').waitFor(PATIENCE);
  await page.locator('.nest-card.is-selected').filter({ hasText: 'fixture-2' }).waitFor(PATIENCE);
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/four-nests-selected-en.png` });
  await expectAccessible(page);
  await page.keyboard.press('F8');
  await expect.poll(() => slotOf('fixture-2'), PATIENCE).toBe('ready');
  expect(await Promise.all(four.map(slotOf))).toEqual(['closed', 'ready', 'closed', 'open']);
  // The selected nest is free now, so the key has nothing to do, whatever the other nests wait for.
  await page.locator('.nest-card.is-ready').waitFor(PATIENCE);
  await page.keyboard.press('F8');
  await page.locator('.nest-card', { hasText: 'fixture-3' }).click();
  await page.locator('.keys').getByText('Keys: nest 3').waitFor(PATIENCE);
  await page.keyboard.press('F8');
  await expect.poll(() => slotOf('fixture-3'), PATIENCE).toBe('ready');
  expect(await Promise.all(four.map(slotOf))).toEqual(['closed', 'ready', 'ready', 'open']);
  for (const name of four) await press(name, 'next');
  await set('fixture-1', {});
});

test('the large button is 72 px high, and the menu More opens inside the screen', async () => {
  await set('fixture-1', { printer: 'spare' });
  await open();
  await device('fixture-1');
  const print = page.locator('#acts .btn-far');
  await print.getByText('Print').waitFor(PATIENCE);
  expect((await print.boundingBox())?.height).toBeGreaterThanOrEqual(72);
  await page.locator('.more summary').click();
  const items = page.locator('.more li button');
  const texts = await items.allInnerTexts();
  for (const wanted of ['Exceptions', 'Hand-over', 'Test label', 'Resume roll'])
    expect(
      texts.some((text) => text.startsWith(wanted)),
      wanted,
    ).toBe(true);
  for (const item of await items.all()) {
    await item.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await item.boundingBox())!;
    expect(height).toBeGreaterThanOrEqual(44);
    expect([x >= 0, y >= 0, x + width <= 1024, y + height <= 600]).toEqual([true, true, true, true]);
  }
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await items.first().waitFor({ state: 'hidden', ...PATIENCE });
  await press('fixture-1', 'next');
  await set('fixture-1', {});
});

test('a work order that is over its plan and two units that are open at once are said as they are', async () => {
  await api(service, 'PUT', '/v1/work-orders/WO-1006', { product: PRODUCT, planned: 1, overIssue: 'warn' });
  await set('bench-1', { mode: 'open', workOrders: { [PRODUCT]: 'WO-1006' } });
  const { url } = (await api<{ url: string }>(service, 'POST', '/v1/stations/bench-1/key', {})).body;
  nests['bench-1'] = new URL(url).pathname;
  await open('bench-1');
  for (const serial of ['AB-0001', 'AB-0002']) expect((await ask('bench-1', { serial })).status).toBe(200);
  await page.locator('.station-top').getByText('1 planned, 2 made').waitFor(PATIENCE);
  await page.locator('#nest').getByText('2 units are open here').waitFor(PATIENCE);
  for (const serial of ['AB-0001', 'AB-0002']) await page.locator('.open-units').getByText(serial).waitFor(PATIENCE);
  await looked('two-open');
  const [nest, last] = await Promise.all(
    ['#nest', '.open-units li:last-child'].map((one) => page.locator(one).boundingBox()),
  );
  expect(last!.y + last!.height).toBeLessThanOrEqual(nest!.y + nest!.height);
});

test('a dark and a large screen have the button in view', async () => {
  await set('fixture-1', { theme: 'dark', size: 'far' });
  await open();
  const uci = await device('fixture-1');
  await headline(/Apply the label/);
  await looked('far');
  await scan(uci);
  await headline(/Passed/);
  await page.keyboard.press('Escape');
  await looked('far-passed');
  await page.keyboard.press('F8');
  await headline(/Ready/);
});

async function sharedWorkers(session: CDPSession): Promise<string[]> {
  const { targetInfos } = await session.send('Target.getTargets');
  return targetInfos
    .filter(({ type, url }) => type === 'shared_worker' && url.startsWith(service.url))
    .map(({ url }) => url);
}

test('twenty tabs of one browser share one stream, and a tab that slept is right when it wakes', async () => {
  await set('fixture-1', {});
  const tabs = await Promise.all(Array.from({ length: 20 }, () => openPage(service)));
  for (const tab of tabs) {
    await tab.goto(`${service.url}/stations/fixture-1`);
    await tab.locator('#station[data-live]').waitFor(PATIENCE);
  }
  const [asleep] = tabs;
  const cycle = await asleep!.context().newCDPSession(asleep!);
  // A browser opens at most six connections to a service, so 20 streams would leave no connection for requests.
  expect(await sharedWorkers(cycle)).toHaveLength(1);
  await cycle.send('Page.setWebLifecycleState', { state: 'frozen' });
  const uci = await device('fixture-1');
  for (const tab of tabs.slice(1)) await tab.locator('#say').getByText('Apply the label').waitFor(PATIENCE);
  await cycle.send('Page.setWebLifecycleState', { state: 'active' });
  await asleep!.locator('#say').getByText('Apply the label').waitFor(PATIENCE);
  for (const tab of tabs) await tab.close();
  await open();
  await scan(uci);
  await headline(/Passed/);
});
