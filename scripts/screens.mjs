// Takes screenshots of the console's pages. Without a folder, it writes those of the guides to docs/images; with a folder,
// it writes all of them there at three sizes:
//   node scripts/ready.mjs scripts/screens.mjs [folder]
// It starts a service on a temporary folder, and needs Chromium (apt-get install chromium).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const SIZES = { desktop: [1440, 900], station: [1024, 600], phone: [390, 844] };
const all = process.argv[2] !== undefined;
const folder = process.argv[2] ?? 'docs/images';
/** The size of each picture in the guides. */
const IN_GUIDES = {
  unit: 'station',
  pass: 'station',
  fail: 'station',
  'work-order': 'desktop',
  charts: 'desktop',
  now: 'desktop',
  'one-unit': 'desktop',
  product: 'desktop',
  'set-up': 'desktop',
};
const data = mkdtempSync(join(tmpdir(), 'claimstamp-screens-'));
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((place) => existsSync(place));
if (executablePath === undefined) throw new Error('no browser: apt-get install chromium');
mkdirSync(folder, { recursive: true });

const token = 'a-token-of-the-pictures-0123456789';
const service = spawn(process.execPath, ['dist/src/cli/claimstamp.js', 'serve'], {
  env: { PATH: process.env.PATH, PORT: '0', CLAIMSTAMP_DATA: data, CLAIMSTAMP_ADMIN_TOKEN: token },
  stdio: 'ignore',
});
while (!existsSync(join(data, 'serve.json'))) await sleep(100);
const { url } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8'));
const api = async (method, path, body = {}) => {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return answer.json();
};
const product = '01H4R15D3478JD26YDYK408XE6';
const device = () => api('POST', '/ioto/serialize', { product });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

async function shoot(page, name) {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    if (!all && IN_GUIDES[name] !== size) continue;
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(folder, `screen-${name}-${size}.png`) });
  }
  await page.setViewportSize({ width: 1024, height: 600 });
}
const scan = async (page, code) => {
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
  await page.locator('.verdict').waitFor();
};

async function comeIn(name, role) {
  await api('PUT', `/v1/people/${name}`, { role });
  const { link } = await api('POST', `/v1/people/${name}/link`);
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await page.locator('[name=password]').fill('four words are enough');
  await page.locator('[name=again]').fill('four words are enough');
  await page.locator('form button').click();
  await page.locator('main h1').waitFor();
  return page;
}

async function setUpPages() {
  const page = await comeIn('ada', 'admin');
  const visit = async (path, name) => {
    await page.goto(url + path);
    await page.locator('main h1').waitFor();
    await page.waitForLoadState('networkidle');
    await shoot(page, name);
  };
  await visit('/set-up', 'set-up');
  await visit('/products', 'products');
  await page.goto(`${url}/product-settings?id=${product}`);
  await page.locator('#preview img').waitFor();
  await shoot(page, 'product');
  await visit('/labels', 'templates');
  await visit('/station-settings?name=line-1', 'station-settings');
  await page.getByRole('button', { name: 'Make a link' }).click();
  await page.locator('#made-kiosk img').waitFor();
  await shoot(page, 'kiosk-link');
  await visit('/printers', 'printers');
  await visit('/health', 'health');
  await visit('/settings', 'settings');
  await visit('/audit', 'audit');
  await visit('/units/import', 'import');
  await visit('/rolls', 'rolls');
  await visit('/units/files', 'files');
  await visit('/reports', 'reports');
  await visit('/labels/device-62x40', 'template');
  await visit('/labels-new?from=device-62x40', 'editor');
  await visit('/label-logos', 'logos');
  await visit('/webhooks', 'webhooks');
  await visit('/people', 'people');
  await visit('/tokens', 'tokens');
  const door = await (await browser.newContext()).newPage();
  await door.goto(`${url}/sign-in`);
  await shoot(door, 'sign-in');
}

/** The QA console after a shift: some reprints, one FAIL, one void unit, one without a label. */
async function qaPages() {
  const ids = [];
  await api('POST', '/v1/stations/default/next');
  await api('PUT', '/v1/stations/default', { printer: 'zebra-1', workOrders: { [product]: 'WO-1001' } });
  for (let n = 0; n < 14; n++) {
    const { id } = await api('POST', '/ioto/serialize', { product, serial: `SN-${1000 + n}` });
    ids.push(id);
    if (n % 5 === 4) await api('POST', '/v1/stations/default/verify', { label: ids[0], device: id });
    if (n < 11) await api('POST', '/v1/stations/default/verify', { label: id, device: id });
  }
  for (const reason of [undefined, 'label torn']) {
    const { job } = await api('POST', `/v1/units/${ids[3]}/print`, { printer: 'zebra-1', reason });
    while ((await api('GET', `/v1/print-jobs/${job}`)).state !== 'done') await sleep(100);
  }
  await api('POST', `/v1/stations/default/verify`, { label: ids[3], device: ids[3] });
  await api('POST', `/v1/units/${ids[12]}/void`, { reason: 'label-damaged' });
  const qa = await comeIn('quentin', 'qa');
  const visit = async (path, name) => {
    await qa.goto(url + path);
    await qa.locator('main h1').waitFor();
    await shoot(qa, name);
  };
  await visit('/units?workOrder=WO-1001', 'units');
  await visit(`/units/${ids[3]}`, 'one-unit');
  await visit('/work-orders/WO-1001', 'work-order');
  await qa.goto(`${url}/now`);
  await qa.locator('table.now').waitFor();
  await shoot(qa, 'now');
  await visit('/exceptions', 'exceptions');
  await visit('/charts', 'charts');
  await qa.goto(`${url}/units/end`);
  await qa.locator('textarea').fill(`${ids[11]}\n${ids[12]}\nZZZZZZZZZZ`);
  await qa.locator('select').selectOption('scrap:device-damaged');
  await qa.locator('main form button').first().click();
  await qa.locator('#checked h2').waitFor();
  await shoot(qa, 'end-many');
  await qa.goto(`${url}/exports`);
  await qa.locator('main form button').first().click();
  await qa.locator('#about:not([hidden])').waitFor();
  await shoot(qa, 'export');
  await qa.goto(`${url}/ledger`);
  await qa.locator('main form button').first().click();
  await qa.locator('#check .good').waitFor();
  await shoot(qa, 'ledger');
}

try {
  await api('PUT', `/v1/products/${product}`, { name: 'Demo Sensor 500', company: 'Müller & Söhne GmbH' });
  await api('PUT', '/v1/work-orders/WO-1001', { product, planned: 40 });
  mkdirSync(join(data, 'print'));
  await api('PUT', '/v1/printers/zebra-1', { kind: 'file', folder: join(data, 'print'), format: 'zpl' });
  const settings = { mode: 'slot', printer: 'zebra-1', workOrders: { [product]: 'WO-1001' } };
  await api('PUT', '/v1/stations/default', settings);
  for (const name of ['line-1', 'line-2'])
    await api('PUT', `/v1/stations/${name}`, { mode: 'slot', printer: 'zebra-1' });
  const page = await comeIn('lin', 'operator');
  await page.locator('a.row').first().waitFor();
  await shoot(page, 'stations');
  await page.goto(`${url}/stations/default`);
  await page.locator('#station[data-live]').waitFor();
  await shoot(page, 'ready');
  const { id } = await device();
  await page.locator('.nest .cid').waitFor();
  await page.locator('#nest img').evaluate((image) => image.decode());
  await shoot(page, 'unit');
  await page.goto(`${url}/language/zh?back=/stations/default`);
  await page.locator('#nest img').evaluate((image) => image.decode());
  await shoot(page, 'unit-zh');
  await page.goto(`${url}/language/en?back=/stations/default`);
  await page.locator('#station[data-live]').waitFor();
  await scan(page, 'ZZZZZZZZZZ');
  await shoot(page, 'fail');
  await page.keyboard.press('Escape');
  await scan(page, id);
  await shoot(page, 'pass');
  await page.keyboard.press('Escape');
  await fetch(`${url}/ioto/serialize`, { method: 'POST', body: JSON.stringify({ product }) });
  await page.locator('#note .bad').waitFor();
  await shoot(page, 'refused');
  await qaPages();
  await setUpPages();
} finally {
  await browser.close();
  service.kill('SIGTERM');
  await new Promise((resolve) => service.once('close', resolve));
  rmSync(data, { recursive: true, force: true });
}
