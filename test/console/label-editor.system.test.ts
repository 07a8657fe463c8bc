import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openZebra, type Zebra } from '../../src/simulate/zebra/zebra.ts';
import { ADMIN_TOKEN, api, startService, tempFolder, type Service } from '../support/service.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
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
import { decode } from '../support/label-files.ts';

/** The label editor, in a real browser: from nothing to a printed label, with the pointer and with the keyboard only. */

let service: Service;
let zebra: Zebra;
let page: Page;
const go = (path: string): Promise<void> => openAt(page, service.url + path);
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const source = (): Promise<string> => page.locator('#source').inputValue();
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor(PATIENCE);
const property = (key: string) => page.locator(`#properties [data-key="${key}"]`);
const fill = async (key: string, value: string): Promise<void> => {
  await property(key).fill(value);
  await property(key).press('Enter');
};
/** What a scanner reads from the next label of the printer. `print` makes it. */
const printedAfter = async (print: () => Promise<unknown>): Promise<string[]> => {
  const before = zebra.labels.length;
  await print();
  await expect.poll(() => zebra.labels.length, PATIENCE).toBe(before + 1);
  const picture = await zebra.labels.at(-1)?.draw();
  return (await decode(picture ?? new Uint8Array())).map(({ text }) => text);
};
const testPrint = async (press: () => Promise<unknown>): Promise<void> => {
  await press();
  await page.getByText(/^Test label (sent|printed)/).waitFor(PATIENCE);
};
const asAdmin = { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } };
/** The point of the stage at this place on the label, in mm. */
const pointAt = async (x: number, y: number): Promise<{ x: number; y: number }> =>
  page.evaluate(
    `(() => { const p = new DOMPoint(${x}, ${y}).matrixTransform(document.getElementById('stage').getScreenCTM());
      return { x: p.x, y: p.y }; })()`,
  );
const drag = async (from: [number, number], to: [number, number]): Promise<void> => {
  const [start, end] = [await pointAt(...from), await pointAt(...to)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 });
  await page.mouse.move(end.x, end.y, { steps: 4 });
  await page.mouse.up();
};
const boxes = async (): Promise<Record<string, unknown>[]> =>
  page.evaluate(`import(document.querySelector('script[src*="label-editor.js"]').src.replace('label-editor', 'label-source'))
    .then(({ read }) => read(document.getElementById('source').value).boxes.map(({ value }) => value))`);

beforeAll(async () => {
  service = await startService(tempFolder());
  zebra = await openZebra({});
  page = await openPage(service, 1440, 900);
  await comeIn(page, service, 'ines', 'admin');
  await api(service, 'PUT', '/v1/products/DEMO', { name: 'Thermostat', company: 'Acme' });
  await api(service, 'PUT', '/v1/printers/P', { kind: 'raw9100', host: '127.0.0.1', port: zebra.port });
  await api(service, 'PUT', '/v1/stations/line-1', { printer: 'P' });
});
afterAll(async () => {
  await service.end('SIGTERM');
  await zebra.close();
});
afterEach(expectQuietPage);

test('a label is drawn from nothing with the pointer, printed, and read', async () => {
  await go('/labels');
  await page.getByRole('link', { name: 'New label' }).click();
  await heading('Add a first box');
  await expectAccessible(page);
  await page.locator('[data-box=label]').click();
  await fill('w', '50');
  await fill('h', '25');
  expect(await source()).toContain('width: 50, height: 25');
  await button('QR').click();
  await heading('Everything fits');
  await drag([10, 10], [38, 12]);
  const [qr] = await boxes();
  expect(qr).toMatchObject({ type: 'qr', x: 29, y: 3 });
  await drag([29 + 18, 3 + 18], [29 + 20, 3 + 20]);
  expect((await boxes())[0]).toMatchObject({ x: 29, y: 3, w: 20, h: 20 });
  await button('Text').click();
  await property('insert').selectOption('uci:5');
  await expect.poll(async () => (await boxes())[1]?.['text']).toContain('{uci:5}');
  await property('holds').fill('{uci:5}');
  await fill('w', '27');
  // The longest Claim ID does not fit in the usual font.
  await heading('One thing does not fit yet');
  await property('font').selectOption('mono');
  await property('turned 0').waitFor();
  await expectAccessible(page);
  await heading('Everything fits');
  await page.getByText('Longest', { exact: true }).click();
  await page.getByText('Texts: the longest values fit').waitFor(PATIENCE);
  await page.getByText('Typical', { exact: true }).click();

  // One step back, and forward again.
  const before = await source();
  await button('Undo').click();
  expect(await source()).not.toBe(before);
  await button('Redo').click();
  expect(await source()).toBe(before);

  await page.getByRole('textbox', { name: 'Name' }).last().fill('first');
  expect(await printedAfter(() => testPrint(() => button('Test print').click()))).toEqual(['TESTUTESTU']);
  await Promise.all([page.waitForURL('**/labels/first/edit'), button('Save label').click()]);
  await heading('Everything fits');
  expect(await source()).toBe(before);
});

test('a product gets the label, and the label of its unit is printed and read', async () => {
  await go('/product-settings?id=DEMO');
  await page.locator('select[name=label]').selectOption('first');
  await Promise.all([page.waitForURL('**/products'), button('Save').click()]);
  const uci = idOf(await attempt(service.port, JSON.stringify({ product: 'DEMO', serial: 'TEST-1' })));
  const print = () => api(service, 'POST', `/v1/units/${uci}/print`, { printer: 'P' });
  expect(await printedAfter(print)).toEqual([uci]);
});

test('a label is drawn with the keyboard only', async () => {
  await go('/labels-new');
  await heading('Add a first box');
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await button('QR').focus();
  await press('Enter');
  // The new box has the focus in the list.
  await press('ArrowRight', 'ArrowRight', 'Alt+ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowDown');
  expect((await boxes())[0]).toMatchObject({ type: 'qr', x: 3, y: 1.1, w: 19, h: 19 });
  await page.getByText(/3 mm from the left, 1.1 mm from the top/).waitFor(PATIENCE);
  await press('Control+d');
  expect(await boxes()).toHaveLength(2);
  await press('Delete');
  expect(await boxes()).toHaveLength(1);
  await press('Control+z');
  expect(await boxes()).toHaveLength(2);
  await press('Control+y');
  expect(await boxes()).toHaveLength(1);
  await button('Code 128').focus();
  await press('Enter');
  await heading('Everything fits');
  await page.getByRole('textbox', { name: 'Name' }).last().focus();
  await page.keyboard.type('by-keys');
  await page.locator('#print-test').focus();
  expect(await printedAfter(() => testPrint(() => press('Enter')))).toHaveLength(2);
  await button('Save label').focus();
  await Promise.all([page.waitForURL('**/labels/by-keys/edit'), press('Enter')]);
});

test('comments stay when boxes move, the text and the boxes are one thing, and faults are shown at their box', async () => {
  await go('/labels/device-62x40');
  await page.getByRole('textbox', { name: 'Name of the copy' }).fill('mine');
  await Promise.all([page.waitForURL('**/labels/mine'), button('Duplicate').click()]);
  await page.getByRole('link', { name: 'Edit' }).click();
  await heading('Everything fits');
  await page.locator('#boxes').getByRole('button', { name: 'QR', exact: true }).click();
  await page.keyboard.press('ArrowLeft');
  expect(await source()).toContain('// Its right edge is below the end of the rule');
  await page.keyboard.press('Delete');
  await page.getByText(/The comment of this box was removed with it: Its right edge/).waitFor();
  await page.keyboard.press('Control+z');
  expect(await source()).toContain('// Its right edge is below');
  await page.locator('#boxes').getByRole('button', { name: 'S/N bars' }).click();
  await fill('w', '30');
  await heading(/does not fit/);
  await page
    .locator('#boxes')
    .getByRole('img', { name: /does not fit/ })
    .first()
    .waitFor();
  await expectAccessible(page);
  await page.getByText('Text (JSON5)', { exact: true }).click();
  const text = await source();
  await page.locator('#source').fill(`${text} x`);
  await heading('The text has an error');
  await page.locator('#source').fill(text.replace('w: 30', 'w: 61.2'));
  await heading('Everything fits');
  await page.getByLabel('What was changed, and why').fill('A wider code');
  await button('Save as next revision').click();
  await page.getByText('Saved as revision 2').waitFor(PATIENCE);
  expect(await page.getByLabel('What was changed, and why').inputValue()).toBe('');
  await page
    .locator('#bench')
    .getByText(/: A wider code$/)
    .waitFor(PATIENCE);
  await page.locator('#source').fill(text.replace('w: 30', 'w: 61'));
  await button('Save as next revision').click();
  await page.getByText('Saved as revision 3').waitFor(PATIENCE);
});

test('several boxes are selected, moved, aligned, distributed, copied and removed together, each as one step', async () => {
  await api(service, 'PUT', '/v1/label-templates/many', {
    source: `{ media: { width: 62, height: 40 }, boxes: [
      { name: 'a', type: 'box', x: 5, y: 5, w: 8, h: 4, width: 0.25 },
      { name: 'b', type: 'box', x: 20, y: 9, w: 10, h: 4, width: 0.25 },
      { name: 'c', type: 'box', x: 45, y: 20, w: 6, h: 4, width: 0.25 }] }`,
    revision: 0,
  });
  await go('/labels/many/edit');
  await heading('Everything fits');
  const places = async () => (await boxes()).map(({ x, y }) => [x, y]);
  const before = await source();
  // A band around the first two, and Shift for the third.
  await drag([2, 2], [33, 16]);
  await page.getByRole('heading', { level: 2, name: '2 boxes' }).waitFor();
  const third = await pointAt(48, 22);
  await page.keyboard.down('Shift');
  await page.mouse.click(third.x, third.y);
  await page.keyboard.up('Shift');
  await page.getByRole('heading', { level: 2, name: '3 boxes' }).waitFor();
  await expectAccessible(page);
  const start = await pointAt(9, 7);
  const end = await pointAt(11, 10);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 4 });
  // The distances to the edges of the label, and no size in their way.
  expect(await page.locator('.st-measure').count()).toBe(4);
  await page.mouse.up();
  expect(await places()).toEqual([
    [7, 8],
    [22, 12],
    [47, 23],
  ]);
  await button('Undo').click();
  expect(await source()).toBe(before);
  await property('distribute x').click();
  expect(await places()).toEqual([
    [5, 5],
    [24, 9],
    [45, 20],
  ]);
  await property('alignEach top').click();
  expect((await places()).map((at) => at[1])).toEqual([5, 5, 5]);
  // The keyboard does the same.
  await page.locator('#boxes [data-box="0"]').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('ArrowDown');
  expect((await places()).map((at) => at[1])).toEqual([6, 6, 6]);
  await page.keyboard.press('Control+d');
  expect(await boxes()).toHaveLength(6);
  await page.keyboard.press('Delete');
  expect(await boxes()).toHaveLength(3);
  await page.keyboard.press('Control+z');
  expect(await boxes()).toHaveLength(6);
  await button('Several').focus();
  await page.keyboard.press('Enter');
  await page.locator('#boxes [data-box="1"]').focus();
  await page.keyboard.press('Enter');
  await page.locator('#boxes [data-box="4"]').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 2, name: /^\d boxes/ }).waitFor();
  await page.evaluate(`(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', "{ name: 'pasted', type: 'box', x: 1, y: 30, w: 5, h: 5, width: 0.25 }");
    document.getElementById('boxes').dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  })()`);
  expect((await boxes()).at(-1)).toMatchObject({ name: 'pasted' });
});

test('the second to save sees what the first changed, and keeps both', async () => {
  await go('/labels/many/edit');
  await heading('Everything fits');
  const text = await source();
  await api(service, 'PUT', '/v1/label-templates/many', {
    source: text.replace("name: 'c', type: 'box', x: 45", "name: 'c', type: 'box', x: 46"),
    revision: 1,
    note: 'c moved',
  });
  await page.locator('#boxes').getByRole('button', { name: 'a', exact: true }).click();
  await page.keyboard.press('ArrowRight');
  await button('Save as next revision').click();
  await page.getByText('admin saved revision 2 while you were editing').waitFor(PATIENCE);
  await page.getByText('c, x: 46').waitFor();
  await expectAccessible(page);
  await button('Keep both').click();
  expect((await boxes()).map(({ x }) => x)).toEqual([6, 20, 46]);
  await button('Save as next revision').click();
  await page.getByText('Saved as revision 3').waitFor(PATIENCE);
  forgetComplaints();
});

test('revisions are compared, asked for, and printed as a test in the editor, and the text that is not saved stays', async () => {
  await api(service, 'PATCH', '/v1/products/DEMO', { label: 'first' });
  await go('/labels/first/edit');
  await heading('Everything fits');
  await page.locator('#boxes [data-box="0"]').click();
  await page.keyboard.press('ArrowLeft');
  await page.getByLabel('What was changed, and why').fill('A wider code');
  await button('Save as next revision').click();
  await page.getByText('Saved as revision 2').waitFor(PATIENCE);
  expect(await page.getByLabel('What was changed, and why').inputValue()).toBe('');
  await page
    .locator('#bench')
    .getByText(/: A wider code$/)
    .waitFor(PATIENCE);
  await page.keyboard.press('Tab');
  await page.locator('#boxes [data-box="0"]').click();
  await page.keyboard.press('ArrowLeft');
  const unsaved = await source();
  await page.getByRole('link', { name: '1, replaced' }).click();
  await page.getByRole('heading', { level: 2, name: /^Revision 1/ }).waitFor(PATIENCE);
  await page.getByRole('link', { name: '2, prints' }).click();
  await page.getByRole('heading', { level: 2, name: 'What changed since revision 1' }).waitFor(PATIENCE);
  await expectAccessible(page);
  const card = page.locator('#revision');
  expect(
    await printedAfter(async () => {
      await card.getByRole('button', { name: 'Test print' }).click();
      await card.getByText(/^Test label (sent|printed)/).waitFor(PATIENCE);
    }),
  ).toEqual(['TESTUTESTU']);
  await card.getByRole('button', { name: 'Ask for approval' }).click();
  await page.getByRole('link', { name: '2, waits for approval' }).waitFor(PATIENCE);
  await card.getByRole('heading', { name: /waits for approval/ }).waitFor(PATIENCE);
  await card.getByRole('button', { name: 'Stop labels' }).click();
  await card.getByText('labels stopped').waitFor(PATIENCE);
  await card.getByRole('button', { name: 'Print labels again' }).waitFor(PATIENCE);
  await card.getByRole('button', { name: 'Print labels again' }).click();
  await card.getByText('prints revision 2').waitFor(PATIENCE);
  expect(await source()).toBe(unsaved);
  await card.getByRole('button', { name: 'Edit from revision 2' }).click();
  expect(await source()).not.toBe(unsaved);
  await button('Undo').click();
  expect(await source()).toBe(unsaved);
  page.once('dialog', (dialog) => void dialog.accept());
});

test('a picture is uploaded in the editor, used, exported and imported, and removed when unused', async () => {
  const png = readFileSync(join(import.meta.dirname, '../fixtures/logos/red.png'));
  const file = join(tempFolder(), 'Fábrica.png');
  writeFileSync(file, png);
  await go('/labels/first/edit');
  await button('Image').click();
  await page.locator('#properties input[type=file]').setInputFiles(file);
  await expect.poll(async () => (await boxes()).at(-1)?.['file'], PATIENCE).toBe('Fabrica.png');
  await heading('Everything fits');
  await button('Save as next revision').click();
  await page.getByText('Saved as revision 3').waitFor(PATIENCE);
  await go('/label-logos');
  await page.getByRole('row', { name: /Fabrica.png .* first/ }).waitFor();
  await expectAccessible(page);
  const exported = await fetch(`${service.url}/v1/label-templates/first/source?pictures=true`, asAdmin);
  const bundle = join(tempFolder(), 'first.label.json');
  writeFileSync(bundle, await exported.text());
  await api(service, 'PATCH', '/v1/products/DEMO', { label: null });
  await go('/labels/first');
  await button('Remove label').click();
  await Promise.all([page.waitForURL('**/labels'), goAhead(page)]);
  await go('/label-logos');
  await button('Remove: Fabrica.png').click();
  await Promise.all([page.waitForEvent('load'), goAhead(page)]);
  expect(await page.getByText('Fabrica.png').count()).toBe(0);
  await go('/labels');
  await page.getByLabel('File of an exported label').setInputFiles(bundle);
  await Promise.all([page.waitForURL('**/labels/first'), button('Import').click()]);
  await go('/label-logos');
  await page.getByRole('row', { name: /Fabrica.png .* first/ }).waitFor();
  forgetComplaints();
});

test('the editor is usable for everyone', async () => {
  await expectForEveryone(page, service, ['/labels/mine/edit', '/labels-new', '/label-logos', '/labels/mine']);
});
