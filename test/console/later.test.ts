import { beforeAll, expect, test } from 'vitest';
import { person, type Headers } from '../support/askers.ts';
import { openDesk, type Desk } from '../support/service.ts';

/* Pages that take time to make: a browser gets the title at once, and fetches the rest. */

const SLOW = ['/charts', '/reports?day=2026-11-30', '/labels', '/work-orders/WO-1'];
let desk: Desk;
let admin: Headers;

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('PUT', '/v1/products/LAMP', {});
  await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'LAMP', planned: 2 });
  admin = await person(desk, 'Ada', 'admin');
});

const get = async (path: string, headers: Headers) => {
  const answer = await desk.app.request(path, { headers: { ...admin, ...headers } });
  return { status: answer.status, text: await answer.text() };
};

test.each(SLOW)('a browser gets the frame of %s, and then the body that programs get at once', async (path) => {
  const whole = await get(path, {});
  expect(whole.text).not.toContain('class="later"');
  const [, body = 'none'] = /<main[^>]*>(?:<nav[^]*?<\/nav>)?([^]*?)<p class="printed-on">/.exec(whole.text) ?? [];
  const first = await get(path, { accept: 'text/html' });
  expect(first.status).toBe(200);
  expect(first.text).toContain(`<div class="later" hx-get="${path}" hx-trigger="load"`);
  expect(first.text.length).toBeLessThan(whole.text.length);
  const rest = await get(path, { accept: '*/*', 'hx-request': 'true' });
  expect(rest).toEqual({ status: 200, text: body });
  const [, link = ''] = /<noscript><a href="([^"]+)"/.exec(first.text) ?? [];
  const byLink = await get(path.split('?')[0] + link.replaceAll('&amp;', '&'), { accept: 'text/html' });
  expect(byLink.text).toContain(body);
});

test('what is missing or wrong is refused in the page, or where its body would be', async () => {
  const missing = await get('/work-orders/WO-9', { accept: 'text/html' });
  expect(missing.status).toBe(404);
  expect(missing.text).toContain('there is no work order WO-9');
  expect((await get('/reports?day=2026-13-01', { accept: 'text/html' })).text).toContain('class="later"');
  const rest = await get('/reports?day=2026-13-01', { 'hx-request': 'true' });
  expect(rest.status).toBe(400);
  expect(rest.text).toMatch(/^<p class="refused" role="alert">/);
});

test('who is signed out meanwhile is led to sign in, and gets no page inside the page', async () => {
  const here = `http://localhost${SLOW[0]}`;
  const headers = { 'hx-request': 'true', 'hx-current-url': here };
  const answer = await desk.app.request(here, { headers });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('hx-redirect')).toBe('/sign-in?back=%2Fcharts');
});

test('a lead gets the labels too', async () => {
  const lead = await person(desk, 'Leo', 'lead');
  const answer = await desk.app.request('/labels', { headers: { ...lead, 'hx-request': 'true' } });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('device-62x40');
});

test('a closed work order says why it released fewer units than planned, to a lead too', async () => {
  const lead = await person(desk, 'Lea', 'lead');
  await desk.ask('PUT', '/v1/work-orders/WO-2', { product: 'LAMP', planned: 3 });
  await desk.ask('PUT', '/v1/stations/default', { workOrders: { LAMP: 'WO-2' } });
  const { id } = (await desk.agent({ product: 'LAMP' })).body;
  await desk.ask('POST', `/v1/units/${id}/scrap`, { reason: 'device-damaged' });
  expect((await desk.ask('POST', '/v1/work-orders/WO-2/close', {})).status).toBe(200);
  const text = await (await desk.app.request('/work-orders', { headers: lead })).text();
  expect(text).toContain('<small>1 scrapped, never issued: 2</small>');
  expect(text).toContain('QA and admins see which units these are');
});
