import { beforeAll, expect, it } from 'vitest';
import { kiosk, token, type Headers } from '../support/askers.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

/* Where a station requires a badge, the service refuses the changes of a screen without one, whatever the page does. */

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';

const REQUIRED = 'urn:claimstamp:problem:badge-required';

let desk: Desk;
let screen: Headers;
let uci: string;

const ask = async (path: string, body: object | undefined, headers = screen, method = 'POST') => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await desk.app.request(path, { method, headers, ...sent });
  return { status: answer.status, body: (await answer.json()) as Problem };
};
const form = async (path: string, fields: Record<string, string>): Promise<string> => {
  const answer = await desk.app.request(path, {
    method: 'POST',
    headers: { cookie: screen['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf: screen['x-csrf-token'] ?? '', ...fields }).toString(),
  });
  return answer.text();
};

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('PUT', `/v1/products/${PRODUCT}`, {});
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'zpl' });
  await desk.ask('PUT', '/v1/stations/far', { mode: 'slot', badge: 'required' });
  await desk.ask('PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-4711' });
  await desk.ask('PUT', '/v1/stations/near', {
    mode: 'slot',
    next: 'manual',
    badge: 'required',
    printer: 'P',
    sources: ['192.0.2.1'],
  });
  screen = await kiosk(desk, 'near');
  uci = (await desk.agent({ product: PRODUCT, mac: 'm-1' }, '192.0.2.1')).body.id;
});

const CHANGES: [path: string, body?: object, method?: string][] = [
  ['/v1/stations/near/verify', { label: 'UCI' }],
  ['/v1/stations/near/next'],
  ['/v1/stations/near/same-device'],
  ['/v1/stations/near/cancel'],
  ['/v1/stations/near/arm', { code: 'UCI', reason: 'rework' }],
  ['/v1/stations/near/roll', { after: 'UCI', reason: 'torn' }],
  ['/v1/stations/near/test-label'],
  ['/v1/stations/near/loaded', { loaded: '62x40' }],
  ['/v1/stations/near/scanner', { result: 'fine' }, 'PUT'],
  ['/v1/units/UCI/print', {}],
];
const filled = (text: string): string => text.replace('UCI', uci);

it('a screen without a badge changes nothing by the API, and learns nothing from the refusal', async () => {
  const size = await desk.size();
  for (const [path, body, method] of CHANGES) {
    const sent = body && (JSON.parse(filled(JSON.stringify(body))) as object);
    expect((await ask(filled(path), sent, screen, method)).body, path).toMatchObject({ type: REQUIRED });
  }
  const unknown = await ask('/v1/units/ZZZZZZZZZZ/print', {});
  expect(unknown.body.type).toBe(REQUIRED);
  expect(await desk.size()).toBe(size);
});

it('a screen without a badge changes nothing by its buttons and keys', async () => {
  const size = await desk.size();
  for (const what of ['next', 'same-device', 'cancel', 'test-label', 'loaded', 'print'])
    expect(await form('/stations/near/do', { what, uci }), what).toContain('data-result="badge"');
  for (const intent of ['verify', 'label', 'rework', 'roll'])
    expect(await form('/stations/near/scan', { code: uci, intent }), intent).toContain('data-result="badge"');
  expect(await desk.size()).toBe(size);
});

it('a screen without a badge still shows its station, and a token of a machine needs no badge', async () => {
  expect((await ask('/v1/stations/near', undefined, screen, 'GET')).status).toBe(200);
  expect((await ask('/v1/print-jobs', undefined, screen, 'GET')).status).toBe(200);
  const machine = await token(desk, 'robot', 'operator');
  expect((await ask('/v1/stations/near/verify', { label: uci }, machine)).body).toMatchObject({ result: 'PASS' });
});

it('a screen is asked for a badge if one of its stations requires it', async () => {
  await desk.ask('PUT', '/v1/stations/mild', { mode: 'slot', screen: ['far'] });
  const mild = await kiosk(desk, 'mild');
  for (const station of ['mild', 'far'])
    expect((await ask(`/v1/stations/${station}/next`, undefined, mild)).body.type, station).toBe(REQUIRED);
});

it('after the badge was scanned, the screen works', async () => {
  expect(await form('/stations/near/scan', { code: 'OP-4711' })).toContain('olga');
  expect((await ask('/v1/stations/near/next', undefined)).status).toBe(200);
});
