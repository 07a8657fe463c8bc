import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import {
  comeIn,
  expectAccessible,
  expectForEveryone,
  expectQuietPage,
  forgetComplaints,
  goAhead,
  openAt,
  openPage,
  PATIENCE,
} from '../support/chromium.ts';

/** QA's desk in a real browser, on a ledger that a small shift left behind. */

const PRODUCT = 'DEMO';
const today = new Date().toLocaleDateString('sv');

let service: Service;
let page: Page;
const macOf = (n: number): string => `02:00:00:00:00:0${n + 1}`;
const device = async (n: number): Promise<string> =>
  idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT, mac: macOf(n) })));
const go = (path: string): Promise<void> => openAt(page, service.url + path);
/** Scans the label of a unit at the device of a unit. */
const scan = (label: number, device: number) =>
  api(service, 'POST', '/v1/stations/default/verify', { label: ucis[label], device: macOf(device) });
const statusOf = async (uci: string): Promise<string> =>
  (await api<{ status: string }>(service, 'GET', `/v1/units/${uci}`)).body.status;
const ucis: string[] = [];

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat', deviceCode: 'mac' });
  await api(service, 'PUT', '/v1/work-orders/WO-1', {
    product: PRODUCT,
    planned: 20,
    lot: 'A7',
    reference: `WH/MO/${'0'.repeat(58)}`,
  });
  await api(service, 'PUT', '/v1/printers/P', { kind: 'file', folder: tempFolder(), format: 'zpl' });
  await api(service, 'PUT', '/v1/stations/default', { printer: 'P', workOrders: { [PRODUCT]: 'WO-1' } });
  for (let n = 0; n < 6; n++) ucis.push(await device(n));
  await scan(0, 0);
  await scan(1, 1);
  // Its first scan is of another label: no first pass.
  await scan(0, 2);
  await scan(2, 2);
  page = await openPage(service);
  await comeIn(page, service, 'quentin', 'qa');
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test('Now shows the figures of this shift, and leads to what needs somebody', async () => {
  await go('/now');
  const row = page.getByRole('row', { name: /^default/ });
  await row.waitFor(PATIENCE);
  await expectAccessible(page);
  const cells = (await row.getByRole('cell').allInnerTexts()).map((text) => text.trim());
  // Three units passed, one of them at its second scan.
  expect(cells.slice(-5)).toEqual(['6', '3', '1', '0', '66.7 %']);
  await page.getByRole('link', { name: 'WO-1' }).waitFor(PATIENCE);
  await page.getByText('6 of 20 issued').waitFor(PATIENCE);
});

test('a unit is found by its S/N, shows its history, and is void with a reason', async () => {
  const uci = ucis[3] as string;
  const { serial } = (await api<{ serial: string }>(service, 'GET', `/v1/units/${uci}`)).body;
  await go('/units');
  await expectAccessible(page);
  await page.getByLabel('Search for').fill(serial);
  await page.keyboard.press('Enter');
  await page.locator('#found a.row').waitFor(PATIENCE);
  await expectAccessible(page);
  await page.locator('#found a.row').click();
  await page.locator('.timeline').getByText('The device got its Claim ID').waitFor(PATIENCE);
  await expectAccessible(page);
  const end = page.getByRole('button', { name: 'Void or scrap' });
  await end.click();
  await page.getByRole('dialog').getByText('Its Claim ID will never be used again').waitFor(PATIENCE);
  await expectAccessible(page);
  // The first choice is the harmless one.
  await page.keyboard.press('Enter');
  expect(await statusOf(uci)).not.toBe('void');
  await end.click();
  await goAhead(page);
  await page.locator('#ended .refused').getByText('choose a reason').waitFor(PATIENCE);
  await expectAccessible(page);
  forgetComplaints();
  await page.getByLabel('Reason').selectOption('void:label-damaged');
  await page.locator('form').filter({ has: end }).getByLabel('Note').fill('torn');
  await end.click();
  await goAhead(page);
  const last = page.locator('.timeline > li').last();
  await last.getByText('Void: label-damaged').waitFor(PATIENCE);
  expect(await last.innerText()).toContain('torn');
  expect(await statusOf(uci)).toBe('void');
  expect(await end.count()).toBe(0);
});

test('a pasted list is shown line by line before anything is done, and what cannot end is left out', async () => {
  await go('/units/end');
  await page.getByLabel('Claim IDs').fill(`${ucis[4]?.toLowerCase()}\n${ucis[3]}\nZZZZZZZZZZ\nnothing\n${ucis[4]}`);
  await page.getByLabel('Reason').selectOption('scrap:device-damaged');
  await page.getByRole('button', { name: 'Check' }).click();
  const checked = page.locator('#checked');
  await checked.getByRole('heading', { name: '1 of these units can be changed, 4 cannot' }).waitFor(PATIENCE);
  for (const why of ['already void', 'not in this ledger', 'not a Claim ID', 'already in the list'])
    await checked.getByText(why, { exact: true }).waitFor(PATIENCE);
  await expectAccessible(page);
  expect(await statusOf(ucis[4] as string)).toBe('issued');
  await checked.getByRole('button', { name: 'not the other 4' }).click();
  await checked.getByText('1 unit scrapped').waitFor(PATIENCE);
  expect(await statusOf(ucis[4] as string)).toBe('scrapped');
});

test('a work order is reconciled, and closed once it is said why a unit is left over', async () => {
  await go('/work-orders');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'WO-1' }).click();
  await page.getByRole('heading', { name: 'Reconciliation' }).waitFor(PATIENCE);
  await expectAccessible(page);
  const figures = await page.locator('table.figures').innerText();
  expect(
    figures
      .split('\n')
      .slice(0, 5)
      .map((row) => row.replace(/\s+/g, ' ')),
  ).toEqual(['issued 6', 'void 1', 'scrapped 1', 'released 3', 'unaccounted for 1']);
  await page.getByText('Units unaccounted for: 1.').waitFor(PATIENCE);
  await page.getByLabel('Reason for closing with units unaccounted for').fill('goes on tomorrow');
  await page.getByRole('button', { name: 'Close the work order' }).click();
  await goAhead(page);
  await page.getByText('Closed by quentin').waitFor(PATIENCE);
  await page.getByText('1 unit is still unaccounted for.').waitFor(PATIENCE);
  expect(await page.locator('main').innerText()).not.toMatch(/1 units|you must give a reason|Unaccounted for at the/);
  await page.getByText('Since the closing, no unit was voided, scrapped or returned.').waitFor(PATIENCE);
  await expectAccessible(page);
  await page.getByLabel('Reason').fill('went on');
  await page.getByRole('button', { name: 'Reopen the work order' }).click();
  await page.getByRole('button', { name: 'Close the work order' }).waitFor(PATIENCE);
});

test('an export shows how far it is, and its file has the checksum that the page says', async () => {
  await go('/exports');
  await expectAccessible(page);
  for (const [format, begin] of [
    ['csv', 'seq,uci,'],
    ['zip', 'PK'],
  ] as const) {
    await page.getByLabel('Format').selectOption(format);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const file = await (await downloading).path();
    const bytes = readFileSync(file);
    expect(bytes.toString('latin1').startsWith(begin)).toBe(true);
    expect(await page.locator('#sha256').innerText()).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(await page.locator('#count').innerText()).toBe('6');
    await expectAccessible(page);
  }
  await page.getByLabel('Work order').fill('not a name');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.locator('#refused').getByText('workOrder').waitFor(PATIENCE);
  await expectAccessible(page);
  forgetComplaints();
});

test('the ledger shows its tree head, and a check that runs beside the line says that it holds', async () => {
  await go('/ledger');
  await page.getByRole('button', { name: 'Check the ledger' }).click();
  await page.getByText(/events checked, no problems/).waitFor({ timeout: 60_000 });
  await page.getByText('every event matches its hash').waitFor(PATIENCE);
  await expectAccessible(page);
  const { last } = (await api<{ last: { ok: boolean; root: string } }>(service, 'GET', '/v1/ledger/check')).body;
  expect(last.ok).toBe(true);
  expect(await page.locator('dl.facts').innerText()).toMatch(/[0-9a-f]{64}/);
});

test('charts count what was done: units by hour, first passes and tests, labels printed again', async () => {
  const uci = ucis[5] as string;
  await api(service, 'POST', `/v1/units/${uci}/print`, { printer: 'P' });
  await expect.poll(() => statusOf(uci), PATIENCE).toBe('printed');
  await api(service, 'POST', `/v1/units/${uci}/print`, { printer: 'P', reason: 'label torn' });
  for (const [n, outcome] of [
    [0, 'passed'],
    [1, 'failed'],
    [1, 'passed'],
  ] as const)
    await api(service, 'POST', `/v1/units/${ucis[n]}/results`, { procedure: 'functional-test-of-the-radio', outcome });
  await go(`/charts?from=${today}&to=${today}`);
  await page.locator('#chart canvas').waitFor(PATIENCE);
  const sum = (await page.locator('#per-hour td').allInnerTexts()).reduce((all, text) => all + Number(text), 0);
  expect(sum).toBe(6);
  await page.getByText('66.7 % (2 of 3)').waitFor(PATIENCE);
  await page
    .getByRole('row', { name: /functional-test-of-the-radio/ })
    .getByText('50 % (1 of 2)')
    .waitFor(PATIENCE);
  await page
    .getByRole('row', { name: /label torn/ })
    .getByText('1', { exact: true })
    .waitFor(PATIENCE);
  await expectAccessible(page);
  await go('/charts?from=2020-01-01&to=2020-01-02');
  await page.getByText('No data for this period').first().waitFor(PATIENCE);
  await expectAccessible(page);
});

test('every page speaks the three languages, and fits a phone and 200 % text', () =>
  expectForEveryone(page, service, [
    '/now',
    '/units?find=26',
    `/units/${ucis[2]}`,
    '/units/end',
    '/work-orders',
    '/work-orders/WO-1',
    '/charts',
    '/exports',
    '/ledger',
    '/exceptions',
  ]));

test('an address without a page, and a page that is not for QA, lead on', async () => {
  for (const [path, status] of [
    ['/no/such/page', 404],
    ['/product-settings/none', 404],
    ['/settings-of-nothing', 404],
    ['/printer-settings', 403],
  ] as const) {
    expect((await page.goto(service.url + path))?.status(), path).toBe(status);
    await expectAccessible(page);
    await page.locator('main').getByRole('link', { name: 'Start page' }).waitFor(PATIENCE);
  }
  forgetComplaints();
  // A program gets the problem of the API.
  const answer = await fetch(`${service.url}/no/such/page`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
});

test('filters can be taken away one by one, and the form above the results is closed', async () => {
  await go('/units?workOrder=WO-1&status=verified');
  await page.getByRole('link', { name: 'Remove the filter Status verified' }).click();
  await page.waitForURL(`${service.url}/units?workOrder=WO-1`);
  await page.locator('#found').waitFor(PATIENCE);
  const top = async (selector: string): Promise<number> => (await page.locator(selector).boundingBox())?.y ?? NaN;
  // The form is one closed line between the chips and the results.
  expect(await page.locator('details.card').getAttribute('open')).toBe(null);
  expect(await top('details.card')).toBeLessThan(await top('#found'));
  await page.keyboard.press('/');
  await page.keyboard.type('nothing-like-this');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No unit matches' }).waitFor(PATIENCE);
  await expectAccessible(page);
});

test('an operator sees none of it', async () => {
  await comeIn(page, service, 'lin', 'operator');
  expect(await page.locator('#rail').innerText()).not.toMatch(/Units|Ledger|Exports/);
  for (const path of ['/units', '/exports', '/ledger', '/charts', '/units/end'])
    expect((await page.goto(service.url + path))?.status(), path).toBe(403);
  forgetComplaints();
});
