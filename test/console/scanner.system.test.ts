import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { TEST_CODE } from '../../src/model/scan/scanner-test.ts';
import { comeIn, expectAccessible, expectQuietPage, openPage, PATIENCE } from '../support/chromium.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';
import { openWedge, type Wedge } from '../support/wedge.ts';

/* What scanners type at the screen of a station, at their real speed. */

const PRODUCT = 'DEMO';

let service: Service;
let page: Page;
let scan: (code: string, wedge?: Wedge) => Promise<void>;
const device = async (): Promise<string> => idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT })));
const headline = (text: RegExp) => page.locator('#say').getByText(text).waitFor(PATIENCE);
const verdict = (text: string) => page.locator('#verdict:not([hidden])').getByText(text).first().waitFor(PATIENCE);
const field = () => page.locator('#code');
const hasFocus = (): Promise<string> => page.evaluate('document.activeElement.id || document.activeElement.tagName');
const failures = async (uci: string): Promise<number> => {
  const { body } = await api<{ events: { type: string }[] }>(service, 'GET', `/v1/units/${uci}/events`);
  return body.events.filter(({ type }) => type === 'verify-failed').length;
};

beforeAll(async () => {
  service = await startService(tempFolder());
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat' });
  await api(service, 'PUT', '/v1/stations/default', { mode: 'slot' });
  page = await openPage(service);
  await comeIn(page, service, 'lin', 'operator');
  await page.goto(`${service.url}/stations/default`);
  await page.locator('#station[data-live]').waitFor(PATIENCE);
  scan = await openWedge(page);
  await page.evaluate(`addEventListener('keydown', (event) => {
    if (event.ctrlKey && !event.defaultPrevented) document.body.dataset.shortcut = event.key;
  })`);
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

test.each([
  ['Enter', { suffix: ['Enter'] }],
  ['Tab', { suffix: ['Tab'] }],
  ['CR and LF', { suffix: ['Enter', 'Enter'] }],
  ['CR and LF, which is typed as Ctrl+J', { suffix: ['Enter', 'Ctrl+J'] }],
  ['LF alone, which is typed as Ctrl+J', { suffix: ['Ctrl+J'] }],
  ['ETX and Enter', { suffix: ['Ctrl+C', 'Enter'] }],
  ['RS, EOT and Enter, inside a message', { prefix: '[)>\u001E06\u001DS', suffix: ['Enter'] }],
  ['Enter, from a wireless scanner', { suffix: ['Enter'], gapMs: 30 }],
] satisfies [string, Wedge][])('a scan that ends with %s passes, and the field keeps the focus', async (_, wedge) => {
  const uci = await device();
  await headline(/Apply the label/);
  await scan(uci, wedge);
  await verdict('PASS');
  expect(await hasFocus()).toBe('code');
  // The browser would open its downloads with Ctrl+J, in front of the screen.
  expect(await page.evaluate('document.body.dataset.shortcut')).toBeUndefined();
  await page.keyboard.press('F8');
  await headline(/Ready/);
});

test('a label that is read again before the answer comes is ignored', async () => {
  const uci = await device();
  await headline(/Apply the label/);
  let go: (() => void) | undefined;
  const isReadTwice = new Promise<void>((resolve) => (go = resolve));
  const sent: string[] = [];
  await page.route('**/scan', async (route) => {
    sent.push(route.request().postData() ?? '');
    await isReadTwice;
    await route.continue();
  });
  const asked = page.waitForRequest('**/scan', PATIENCE);
  await scan(uci);
  await asked;
  await scan(uci);
  // The field is empty as soon as the scan has ended, and the scan is sent after HOLD_MS at most.
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 250))');
  expect(await page.locator('#verdict:not([hidden])').count()).toBe(0);
  go?.();
  await verdict('PASS');
  expect(sent).toHaveLength(1);
  await page.unroute('**/scan');
  await page.keyboard.press('F8');
  await headline(/Ready/);
});

test('Tab after typed letters moves the focus, as people expect', async () => {
  await page.keyboard.type('ABCDEFGH', { delay: 90 });
  await page.keyboard.press('Tab');
  expect(await hasFocus()).not.toBe('code');
  await page.keyboard.press('Escape');
  expect(await field().inputValue()).toBe('');
  expect(await hasFocus()).toBe('code');
});

test('old text never joins a new scan, and scanned letters without an end are forgotten', async () => {
  const uci = await device();
  await headline(/Apply the label/);
  await page.keyboard.type('OLD', { delay: 320 });
  await scan(uci, { prefix: '' });
  // The last typed letter and the scan are 320 ms apart, as between a person and a scanner.
  await verdict('PASS');
  await page.keyboard.press('F8');
  await headline(/Ready/);
  await scan('JT08FFQXWQ', { suffix: [] });
  expect(await field().inputValue()).toBe('JT08FFQXWQ');
  await expect.poll(() => field().inputValue(), PATIENCE).toBe('');
});

test('FNC1 before a code and text that arrives at once do not join old text either', async () => {
  const uci = await device();
  await headline(/Apply the label/);
  await page.keyboard.type('OLD', { delay: 320 });
  await scan(uci, { prefix: '\u001D' });
  await verdict('PASS');
  await page.keyboard.press('F8');
  await headline(/Ready/);
  const next = await device();
  await headline(/Apply the label/);
  await page.keyboard.type('OLD', { delay: 320 });
  // Scanners of hand-held computers, and programs that paste, give the code in one piece.
  await page.keyboard.insertText(next);
  await page.keyboard.press('Enter');
  await verdict('PASS');
  await page.keyboard.press('F8');
  await headline(/Ready/);
});

test('the bursts of two scanners at once say "scan again", and never FAIL', async () => {
  const uci = await device();
  await headline(/Apply the label/);
  await Promise.all([scan(uci), scan('PROD-2648-0000123')]);
  await verdict('Scan again');
  expect(await failures(uci)).toBe(0);
  await page.keyboard.press('Escape');
  await scan(uci);
  await verdict('PASS');
  await page.keyboard.press('F8');
  await headline(/Ready/);
});

test('a QR of 600 letters passes, and a part of it says "scan again" with what was read', async () => {
  const qr = `https://claim.example.com/c/{uci}?k=${'7f'.repeat(280)}`;
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat', qr });
  const uci = await device();
  await headline(/Apply the label|printed/);
  await scan(qr.replace('{uci}', uci).slice(0, 400), { gapMs: 0 });
  await verdict('Scan again');
  expect(await page.locator('#verdict').innerText()).toMatch(/Read: https/);
  expect(await page.locator('#verdict').innerText()).not.toMatch(/FAIL/);
  await page.keyboard.press('Escape');
  await scan(qr.replace('{uci}', uci), { gapMs: 0 });
  await verdict('PASS');
  // Later than a double read, the label that passed is told in one sentence.
  await expect
    .poll(
      async () => {
        await scan(uci);
        const toast = page.locator('#toast:not([hidden])');
        return (await toast.count()) === 0 ? '' : toast.innerText();
      },
      { ...PATIENCE, interval: 1100 },
    )
    .toMatch(/^This unit has already passed: default, [^.]*$/);
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat' });
  // A key is refused, aloud, while the last of these scans has no answer.
  await expect
    .poll(
      async () => {
        await page.keyboard.press('F8');
        return page.locator('#say').innerText();
      },
      { ...PATIENCE, interval: 500 },
    )
    .toMatch(/Ready/);
});

test('a second code is asked for with one headline and a short line', async () => {
  await api(service, 'PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat', deviceCode: 'mac' });
  await api(service, 'PUT', '/v1/stations/default', { mode: 'open', nests: 2, product: PRODUCT });
  const [uci] = [await device(), await device()];
  await scan(uci);
  await page
    .locator('#ask h2')
    .getByText(/^Several units are open here: now scan the device's own code$/)
    .waitFor(PATIENCE);
  await page.locator('#ask p').getByText('First code read. Esc: start again', { exact: true }).waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  await api(service, 'PUT', '/v1/stations/default', { mode: 'slot' });
});

test('a short message lets touches through and goes by itself', async () => {
  await device();
  await headline(/Apply the label/);
  await page.keyboard.press('F8');
  const toast = page.locator('#toast:not([hidden])');
  await toast.waitFor(PATIENCE);
  expect(await toast.evaluate('getComputedStyle(document.getElementById("toast")).pointerEvents')).toBe('none');
  await toast.waitFor({ state: 'hidden', ...PATIENCE });
});

test('the scanner test shows each letter, names what the scanner adds, and keeps the result for the station', async () => {
  await page.goto(`${service.url}/stations/default/scanner`);
  await scan(TEST_CODE, { prefix: 'S1:', suffix: ['Tab'] });
  const found = page.locator('#found');
  await found.getByText('right', { exact: true }).waitFor(PATIENCE);
  await found.getByText('S1:', { exact: true }).waitFor(PATIENCE);
  await found.getByText('Tab', { exact: true }).waitFor(PATIENCE);
  expect(await page.locator('#keys kbd').allInnerTexts()).toEqual(`S1:${TEST_CODE}⇥`.split(''));
  await scan(TEST_CODE, { prefix: '\u001D', suffix: ['Enter', 'Ctrl+J'] });
  await found.getByText('Enter Ctrl+J', { exact: true }).waitFor(PATIENCE);
  expect(await page.locator('#keys kbd').first().innerText()).toBe('␝');
  await scan(TEST_CODE, { layout: 'german' });
  await found.getByText(/QWERTZ/).waitFor(PATIENCE);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Keep this result' }).click();
  await page.locator('#kept').getByText('saved for this station').waitFor(PATIENCE);
  const { body } = await api<{ scanner: string }>(service, 'GET', '/v1/stations/default');
  expect(body.scanner).toMatch(/QWERTZ.*Suffix: Enter/);
});
