import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readPdf } from '../support/pdf-reader.ts';
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

/** The pages that make many units, in a real browser: import, rolls of labels, files for firmware. */

let service: Service;
/** The folder of the printer, which is in trouble until the folder exists. */
let folder: string;
let page: Page;
const go = (path: string): Promise<void> => openAt(page, service.url + path);
const button = (name: string | RegExp) => page.getByRole('button', { name });
const field = (name: string) => page.getByRole('textbox', { name, exact: true });

beforeAll(async () => {
  service = await startService(tempFolder());
  folder = join(service.data, 'print');
  page = await openPage(service);
  await comeIn(page, service, 'ada', 'admin');
  await api(service, 'PUT', '/v1/products/DEMO', { name: 'Thermostat' });
  await api(service, 'PUT', '/v1/printers/P', { kind: 'file', folder });
  rmSync(folder, { recursive: true });
  await api(service, 'PUT', '/v1/stations/line-1', { printer: 'P' });
});
afterAll(() => service.end('SIGTERM'));
afterEach(expectQuietPage);

const sheet = (lines: string[]): string => {
  const file = join(tempFolder(), 'units.csv');
  writeFileSync(file, ['Claim ID,S/N,MAC', ...lines].join('\r\n'));
  return file;
};

test('a file is shown as it is read, its problems by line, and imported when nothing is wrong', async () => {
  await go('/units/import');
  await expectAccessible(page);
  await page
    .getByLabel('File')
    .setInputFiles(sheet(['JT08FFQXWQ,A-1,00:11:22:33:44:55', 'IL,A-2,', 'JT08FFQXWQ,A-3,']));
  await page.getByLabel('Product for lines').selectOption('DEMO');
  await button('Check the file').click();
  await page.getByText(/^line 3: the Claim ID is malformed/).waitFor(PATIENCE);
  await page.getByText(/^line 4: /).waitFor(PATIENCE);
  await page.getByText('is read as').waitFor(PATIENCE);
  expect(await button(/^Import/).count()).toBe(0);
  await expectAccessible(page);
  const good = Array.from({ length: 1200 }, (_, at) => `JT08FF${String(1000 + at)},A-${at},`);
  await page.getByLabel('File').setInputFiles(sheet(good));
  await button('Check the file').click();
  await page.getByText('1200 units found, no problems').waitFor(PATIENCE);
  await button('Import 1200 units').click();
  await goAhead(page);
  await page.waitForURL(/\/tasks\//, PATIENCE);
  await page.getByText('1200 units imported').waitFor(PATIENCE);
  await expectAccessible(page);
  const { status } = await api(service, 'GET', '/v1/units/JT08FF1000');
  expect(status).toBe(200);
  forgetComplaints();
});

test('a roll is reserved, printed, and resumed after it was torn, each with its progress', async () => {
  await go('/rolls');
  await field('Name of the roll').fill('roll-7');
  await page.getByLabel('Labels', { exact: true }).fill('0');
  await button('Reserve').click();
  await page.locator('.field:has([name=count]) .error').getByText('a whole number from 1 to 50000').waitFor(PATIENCE);
  await page.getByLabel('Labels', { exact: true }).fill('1100');
  await button('Reserve').click();
  await page.waitForURL(/\/tasks\//, PATIENCE);
  await page.getByText('1100 labels are reserved').waitFor(PATIENCE);
  await page.getByRole('link', { name: 'To the roll' }).click();
  await page.waitForURL(/\/rolls\/roll-7/, PATIENCE);
  await expectAccessible(page);
  await page.getByLabel('First label').fill('1091');
  await button('Print').click();
  await page.getByText(/^P: /).waitFor(PATIENCE);
  mkdirSync(folder);
  await page.getByText('10 labels were sent to the printer P').waitFor(PATIENCE);
  await go('/rolls/roll-7');
  await page.getByLabel('First label').fill('1096');
  await field('Reason, for labels that were printed before').fill('roll torn');
  await button('Print').click();
  await page.getByText('5 labels were sent to the printer P').waitFor(PATIENCE);
  const { jobs } = (await api<{ jobs: { reason?: string }[] }>(service, 'GET', '/v1/print-jobs')).body;
  expect(jobs).toHaveLength(15);
  forgetComplaints();
});

test('the labels of each role of a roll are printed, reprinted with a reason, and downloaded', async () => {
  const boxes = tempFolder();
  await api(service, 'PUT', '/v1/printers/large', { kind: 'file', folder: boxes });
  await api(service, 'PUT', '/v1/products/SET', { name: 'Valve', labels: { box: { template: 'box-100x50' } } });
  await api(service, 'PUT', '/v1/stations/packing', { printer: 'P', printers: { box: 'large' } });
  await api(service, 'POST', '/v1/reservations', { name: 'roll-8', product: 'SET', count: 3 });
  await go('/rolls/roll-8');
  await expectAccessible(page);
  const print = async (from: string, reason?: string): Promise<void> => {
    await go('/rolls/roll-8');
    const form = page.locator('form.act');
    await form.getByLabel('Labels of the units').selectOption('box');
    await form.getByLabel('Station').selectOption('packing');
    await form.getByLabel('First label').fill(from);
    if (reason !== undefined) await form.getByLabel('Reason').fill(reason);
    await button('Print').click();
  };
  await print('1');
  await page.getByText('3 labels were sent to the printer large').waitFor(PATIENCE);
  await print('3', 'roll torn');
  await page.getByText('1 label was sent to the printer large').waitFor(PATIENCE);
  const { jobs } = (
    await api<{ jobs: { role?: string; printer: string; reprint?: string }[] }>(service, 'GET', '/v1/print-jobs')
  ).body;
  const ofBoxes = jobs.filter(({ printer }) => printer === 'large');
  expect(ofBoxes.map(({ role }) => role)).toEqual(Array.from({ length: 4 }, () => 'box'));
  expect(readdirSync(boxes).filter((name) => name.endsWith('.pdf'))).toHaveLength(4);

  await go('/rolls/roll-8');
  const file = page.locator('form.search[method=get][action*=labels]');
  const labelsIn = async (): Promise<number> => {
    const [download] = await Promise.all([page.waitForEvent('download'), button('Download the PDF').click()]);
    expect(download.suggestedFilename()).toMatch(/^roll-8(-box)?\.pdf$/);
    const bytes = Buffer.concat(await (await download.createReadStream()).toArray());
    return readPdf(new Uint8Array(bytes)).length;
  };
  await file.getByLabel('Labels of the units').selectOption('box');
  expect(await labelsIn()).toBe(3);
  await file.getByLabel('Labels of the units').selectOption('device');
  await file.getByLabel('Sheet', { exact: true }).selectOption('L7160');
  expect(await labelsIn()).toBe(1);
  // A label that is larger than the labels of the sheet is refused on a page with a way on.
  await file.getByLabel('Labels of the units').selectOption('box');
  await button('Download the PDF').click();
  await page.getByText(/L7160/).first().waitFor(PATIENCE);
  forgetComplaints();
});

test('files for firmware come as one ZIP with a folder for each Claim ID', async () => {
  await go('/units/files');
  await page.getByLabel('Units', { exact: true }).fill('600');
  await button('Make files').click();
  await page.getByText('600 units are made and recorded.').waitFor(PATIENCE);
  await expectAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the files' }).click(),
  ]);
  const stream = await download.createReadStream();
  const files = unzipSync(new Uint8Array(Buffer.concat(await stream.toArray())));
  const names = Object.keys(files).filter((name) => name.endsWith('/device.json5'));
  expect(names).toHaveLength(600);
  const [first = ''] = names;
  expect(Buffer.from(files[first] ?? []).toString()).toContain(`"id": "${first.split('/')[0]}"`);
  expect(
    Buffer.from(files['units.csv'] ?? [])
      .toString()
      .trim()
      .split('\r\n'),
  ).toHaveLength(601);
});

test('the pages speak the three languages, and fit a phone and 200 % text', () =>
  expectForEveryone(page, service, ['/units/import', '/rolls', '/rolls/roll-7', '/units/files']));
