import { beforeAll, expect, test } from 'vitest';
import { kiosk, person, type Headers } from '../support/askers.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

let desk: Desk;
let operator: Headers;
let qa: Headers;
let screen: Headers;
const get = async (path: string, headers: Headers) => {
  const answer = await desk.app.request(path, { headers });
  return { status: answer.status, to: answer.headers.get('location'), text: await answer.text(), answer };
};
const post = (path: string, headers: Headers, fields: Record<string, string>) =>
  desk.app.request(path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('PUT', '/v1/stations/line-1', { mode: 'slot' });
  await desk.ask('PUT', '/v1/stations/line-2', { mode: 'slot' });
  operator = await person(desk, 'Olga', 'operator');
  qa = await person(desk, 'Quentin', 'qa');
  screen = await kiosk(desk, 'line-1');
});

test('the start leads to the stations, and a screen to its own', async () => {
  expect((await get('/', {})).to).toBe('/sign-in');
  expect((await get('/', operator)).to).toBe('/stations');
  expect((await get('/', screen)).to).toBe('/stations/line-1');
});

test('who is not signed in is sent to sign in and back, and a part of a page is 401', async () => {
  expect((await get('/stations/line-1', {})).to).toBe('/sign-in?back=%2Fstations%2Fline-1');
  expect((await get('/stations/line-1/now', {})).status).toBe(401);
  expect((await post('/stations/line-1/scan', {}, { code: 'X' })).status).toBe(401);
});

test('a screen sees its own station only', async () => {
  expect((await get('/stations/line-1', screen)).status).toBe(200);
  for (const path of ['/stations', '/stations/line-2', '/stations/line-2/now'])
    expect((await get(path, screen)).status, path).toBe(403);
});

test('a screen of several stations follows and operates these, and no other station', async () => {
  await desk.ask('PUT', '/v1/stations/line-1', { mode: 'slot', screen: ['line-2'] });
  await desk.ask('PUT', '/v1/stations/line-3', { mode: 'slot' });
  expect((await get('/stations/line-1/now', screen)).text).toContain('is-ready');
  const csrf = screen['x-csrf-token'] as string;
  expect((await post('/stations/line-1/do', screen, { csrf, what: 'next', station: 'line-2' })).status).toBe(200);
  expect((await get('/v1/stations/line-2', screen)).status).toBe(200);
  for (const path of ['/v1/stations/line-3', '/v1/stations/line-1/events?with=line-3', '/stations/line-3/now'])
    expect((await get(path, screen)).status, path).toBe(403);
  await desk.ask('PUT', '/v1/stations/line-1', { mode: 'slot' });
  expect((await get('/v1/stations/line-2', screen)).status).toBe(403);
});

test('who may not operate a station sees no keys and presses none', async () => {
  const { text } = await get('/stations/line-1', qa);
  expect(text).not.toContain('<button');
  expect(text).not.toContain('<input');
  const csrf = qa['x-csrf-token'] as string;
  expect((await post('/stations/line-1/do', qa, { csrf, what: 'next' })).status).toBe(403);
});

test('a form of another site changes nothing', async () => {
  const size = await desk.size();
  for (const csrf of ['', 'A'.repeat(43)])
    expect((await post('/stations/line-1/scan', operator, { csrf, code: 'JT08FFQXWQ' })).status).toBe(403);
  expect(await desk.size()).toBe(size);
});

test('the page has no script and no style in itself, and a unit’s name stays text', async () => {
  await desk.ask('PUT', '/v1/stations/default', {});
  await desk.ask('PUT', '/v1/products/EVIL', { name: '<script>alert(1)</script>' });
  await desk.agent({ product: 'EVIL' });
  const { text, answer } = await get('/stations/default', operator);
  expect(text).toContain('&lt;script&gt;alert(1)');
  expect(text).not.toMatch(/<script>|<style| style=| on\w+=/);
  expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
});

test('the first language of the browser is taken where nobody chose one, and back leads to no other host', async () => {
  const lang = async (headers: Headers): Promise<string | undefined> =>
    /<html lang="(\w+)"/.exec((await get('/stations', { ...operator, ...headers })).text)?.[1];
  expect(await lang({})).toBe('en');
  expect(await lang({ 'accept-language': 'fr, zh-CN;q=0.8' })).toBe('zh');
  const { answer, to } = await get('/language/es?back=/stations', operator);
  expect(to).toBe('/stations');
  const chosen = answer.headers.getSetCookie()[0]?.split(';')[0];
  expect(await lang({ cookie: `${operator['cookie']}; ${chosen}`, 'accept-language': 'zh' })).toBe('es');
  for (const back of ['//evil.example', '/\\evil.example', 'https://evil.example', '/a%0d%0ab: c'])
    expect((await get(`/language/es?back=${encodeURIComponent(back)}`, {})).to).not.toMatch(/evil/);
  expect((await get('/language/xx', {})).status).toBe(404);
});

test('a station’s events tell of a change of its settings', async () => {
  const answer = await desk.app.request('/v1/stations/line-1/events', { headers: operator });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const next = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString();
  expect(await next()).toContain('"next":"manual"');
  expect((await desk.ask('PATCH', '/v1/stations/line-1', { next: 'auto' })).status).toBe(200);
  expect(await next()).toContain('"next":"auto"');
  await reader.cancel();
});

test('a station’s events tell of every change, and end when the service does', async () => {
  const answer = await desk.app.request('/v1/stations/line-1/events', { headers: operator });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const next = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString();
  expect(await next()).toMatch(/^event: state\ndata: .*"slot":\{"state":"ready"\}/);
  await desk.ask('PUT', '/v1/products/P', {});
  const made = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/reservations', {
    name: 'R',
    product: 'P',
    count: 1,
  });
  const uci = made.body.units[0]?.uci as string;
  await desk.ask('POST', '/v1/stations/line-1/arm', { code: uci });
  let seen = '';
  while (!seen.includes(uci)) seen = await next();
  expect(seen).toContain(`"armed":{"uci":"${uci}"`);
  desk.house.retire();
  while (!(await reader.read()).done);
});

test('the pages at the door speak the language that was chosen on them, and name no link', async () => {
  const chosen = await desk.app.request('/sign-in?language=es');
  expect(await chosen.text()).toMatch(/lang="es"[\s\S]*Iniciar sesión/);
  const cookie = chosen.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/claimstamp-language=es/);
  const { body } = await desk.ask<{ link: string }>('POST', '/v1/stations/line-2/kiosk');
  const path = new URL(body.link).pathname;
  const page = await (await desk.app.request(`${path}?language=zh`)).text();
  expect(page).toContain('为工位 line-2 打开此屏幕');
  expect(page).not.toContain(path);
  const asked = await desk.app.request('/sign-in?back=/units', { headers: { 'accept-language': 'zh-CN,en' } });
  expect(await asked.text()).toMatch(/登录[\s\S]*action="\/sign-in\?back=%2Funits"/);
});

test('a link to a search keeps each part of its query: the list shows what the link asks for', async () => {
  for (let unit = 0; unit <= 50; unit++) await desk.agent({ product: 'EVIL', serial: `U-${unit}` });
  const made = await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units?limit=1&find=U-7');
  const uci = made.body.units[0]?.uci as string;
  const to = '/units?status=issued&printed=false&newest=true';
  desk.house.startPrinting();
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: tempFolder() });
  expect((await desk.ask('POST', `/v1/units/${uci}/print`, { printer: 'P' })).status).toBe(202);
  const printed = async (): Promise<string> => (await get('/units?printed=false&find=U-7', qa)).text;
  await expect.poll(printed, { timeout: 60_000 }).toContain('No unit matches');
  const { text } = await get(to, qa);
  expect(text).toMatch(/name="printed"[\s\S]*?value="false" selected/);
  expect((await get('/units?alarm=true', qa)).text).toContain('No unit matches');
});

test('a change of language and a sign-in lead back to the same list', async () => {
  const back = encodeURIComponent('/units?status=issued&printed=false');
  expect((await get('/units?status=issued&printed=false', {})).to).toBe(`/sign-in?back=${back}`);
  expect((await get('/units?status=issued&printed=false', qa)).text).toContain(`/language/es?back=${back}`);
  expect((await get(`/language/es?back=${back}`, qa)).to).toBe('/units?status=issued&printed=false');
});

test('the button of a product without units removes it, and says why another one stays', async () => {
  const admin = await person(desk, 'Ada', 'admin');
  const csrf = admin['x-csrf-token'] as string;
  for (const id of ['SPARE', 'USED']) await desk.ask('PUT', `/v1/products/${id}`, {});
  await desk.agent({ product: 'USED' });
  const shown = await get('/product-settings?id=SPARE', admin);
  expect(shown.text).toContain('"/products/SPARE/remove"');
  expect((await get('/product-settings?id=SPARE', qa)).text).not.toContain('/remove"');
  const removed = await post('/products/SPARE/remove', admin, { csrf });
  expect([removed.status, removed.headers.get('hx-redirect')]).toEqual([200, '/products']);
  expect(await desk.house.ledger.product('SPARE')).toBeUndefined();
  const refused = await post('/products/USED/remove', admin, { csrf });
  expect(await refused.text()).toMatch(/USED.*unit/);
  expect(await desk.house.ledger.product('USED')).toMatchObject({ id: 'USED' });
});
