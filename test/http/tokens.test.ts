import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { openDesk, type Desk, type Problem, type Reply } from '../support/service.ts';
import { until } from '../support/until.ts';

interface TokenBody extends Problem {
  name: string;
  token: string;
  role: string;
  scopes?: string[];
  createdAt: string;
  expiresAt?: string;
  lastUsedAt?: string;
  revokedAt?: string;
}

const DAY = 24 * 60 * 60 * 1000;

describe('a token', () => {
  let desk: Desk;
  let late = 0;
  beforeAll(async () => {
    desk = await openDesk({}, undefined, () => Date.now() + late);
  });
  const create = (body: object) => desk.ask<TokenBody>('POST', '/v1/tokens', body);
  const listed = async (name: string): Promise<TokenBody | undefined> =>
    (await desk.ask<{ tokens: TokenBody[] }>('GET', '/v1/tokens')).body.tokens.find((token) => token.name === name);
  const as = async <T = Problem>(token: string, method: string, path: string, body?: object): Promise<Reply<T>> => {
    const headers = { authorization: `Bearer ${token}` };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const answer = await desk.app.request(path, init);
    return { status: answer.status, body: (await answer.json()) as T, headers: answer.headers };
  };

  it('is shown once, may what its scopes say, and is known to the ledger by its name alone', async () => {
    const { status, body } = await create({ name: 'ci', role: 'service', scopes: ['units:read', 'units:make'] });
    expect(status).toBe(201);
    expect(body.token).toMatch(/^cst_[A-Za-z0-9_-]{43}$/);
    expect(Date.parse(body.expiresAt ?? '') - Date.now()).toBeGreaterThan(89.9 * DAY);
    expect((await as(body.token, 'POST', '/v1/units', { product: 'DEMO', count: 1 })).status).toBe(201);
    expect((await as(body.token, 'GET', '/v1/units')).status).toBe(403);
    expect((await as(body.token, 'GET', '/v1/tokens')).status).toBe(403);
    const shown = await listed('ci');
    expect(shown).toMatchObject({ name: 'ci', role: 'service', scopes: ['units:read', 'units:make'] });
    expect(JSON.stringify(shown)).not.toMatch(/hash|cst_/);
    const lines = audit(desk.data).lines.join('\n');
    expect(lines).toContain('"type":"token-set"');
    expect(lines).toContain('"actor":"token:ci"');
    for (const written of [lines, desk.log()]) expect(written).not.toContain(body.token.slice(4));
  });

  it('of a role may what the role may', async () => {
    const { token } = (await create({ name: 'auditor', role: 'qa', expiresAt: 'never' })).body;
    expect((await listed('auditor'))?.expiresAt).toBeUndefined();
    expect((await as(token, 'GET', '/v1/units')).status).toBe(200);
    expect((await as(token, 'PUT', '/v1/products/DEMO', {})).status).toBe(403);
  });

  it('revoked or expired is 401, the same as none', async () => {
    const { token } = (await create({ name: 'short', role: 'qa', expiresInDays: 1 })).body;
    const none = await as('nothing', 'GET', '/v1/units');
    const same = { status: 401, detail: none.body.detail };
    late = DAY + 1000;
    const expired = await as(token, 'GET', '/v1/units');
    expect({ status: expired.status, detail: expired.body.detail }).toEqual(same);
    late = 0;
    expect((await as(token, 'GET', '/v1/units')).status).toBe(200);
    expect((await desk.ask('DELETE', '/v1/tokens/short')).status).toBe(200);
    const revoked = await as(token, 'GET', '/v1/units');
    expect({ status: revoked.status, detail: revoked.body.detail }).toEqual(same);
    expect((await listed('short'))?.revokedAt).toMatch(/Z$/);
    const before = await desk.size();
    expect((await desk.ask('DELETE', '/v1/tokens/short')).status).toBe(200);
    expect(await desk.size()).toBe(before);
  });

  it('has its last use written, once a minute at most, and never as an event', async () => {
    const { token } = (await create({ name: 'busy', role: 'qa' })).body;
    const before = await desk.size();
    await as(token, 'GET', '/v1/stations');
    const first = await until(async () => (await listed('busy'))?.lastUsedAt);
    const { commands } = desk.house.ledger.figures();
    for (let i = 0; i < 20; i++) await as(token, 'GET', '/v1/stations');
    expect((await listed('busy'))?.lastUsedAt).toBe(first);
    expect(desk.house.ledger.figures().commands).toBe(commands);
    expect(await desk.size()).toBe(before);
  });

  it.each([
    [{ role: 'qa' }, 400, /name/],
    [{ name: 'a b', role: 'qa' }, 400, /name/],
    [{ name: 'x', role: 'boss' }, 400, /role/],
    [{ name: 'x', role: 'service' }, 400, /needs scopes/],
    [{ name: 'x', role: 'qa', scopes: ['units:read'] }, 400, /only a service token/],
    [{ name: 'x', role: 'service', scopes: ['everything'] }, 400, /scopes/],
    [{ name: 'x', role: 'qa', expiresAt: '2020-01-01T00:00:00Z' }, 400, /already have expired/],
    [{ name: 'x', role: 'qa', expiresAt: '9999-12-31T23:59:59-23:59' }, 400, /use "never"/],
    [{ name: 'x', role: 'qa', expiresAt: 'tomorrow' }, 400, /expiresAt/],
    [{ name: 'x', role: 'qa', expiresAt: 'never', expiresInDays: 3 }, 400, /keep one/],
    [{ name: 'ci', role: 'qa' }, 409, /the name ci is or was used for a token/],
  ])('%j is refused and writes nothing', async (body, status, why) => {
    const before = await desk.size();
    const answer = await create(body);
    expect(answer.status).toBe(status);
    expect(answer.body.detail).toMatch(why);
    expect(await desk.size()).toBe(before);
  });

  it('hands out no more than it may itself', async () => {
    const scopes = ['access:write', 'units:read'];
    const { token } = (await create({ name: 'porter', role: 'service', scopes })).body;
    expect((await as(token, 'POST', '/v1/tokens', { name: 'boss', role: 'admin' })).status).toBe(403);
    expect((await as(token, 'PUT', '/v1/people/me', { role: 'admin' })).status).toBe(403);
    await desk.ask('PUT', '/v1/people/chief', { role: 'admin' });
    expect((await as(token, 'POST', '/v1/people/chief/link')).status).toBe(403);
    const less = { name: 'reader', role: 'service', scopes: ['units:read'] };
    expect((await as(token, 'POST', '/v1/tokens', less)).status).toBe(201);
  });

  it('that ends makes none that lasts longer', async () => {
    const scopes = ['access:write', 'units:read'];
    const { token, expiresAt } = (await create({ name: 'brief', role: 'service', scopes, expiresInDays: 2 })).body;
    const less = { role: 'service', scopes: ['units:read'] };
    const longer = await as(token, 'POST', '/v1/tokens', { ...less, name: 'long', expiresAt: 'never' });
    expect(longer.status).toBe(403);
    const same = await as<{ expiresAt: string }>(token, 'POST', '/v1/tokens', { ...less, name: 'as-long' });
    expect(same.body.expiresAt).toBe(expiresAt);
  });
});

it('whoever floods with what is refused waits, and nobody else does', async () => {
  const desk = await openDesk();
  const order: string[] = [];
  const refused = Array.from({ length: 80 }, async () => {
    const { status } = await desk.app.request('/v1/units', { headers: { authorization: 'Bearer guessed' } });
    order.push(String(status));
  });
  const asked = desk.ask('GET', '/v1/units').then(({ status }) => order.push(String(status)));
  await Promise.all([...refused, asked]);
  // Sixty at once; the others after everybody else.
  expect(order).toHaveLength(81);
  expect(order.slice(0, 61)).toContain('200');
  expect(order.filter((status) => status === '401')).toHaveLength(80);
  const begun = performance.now();
  expect((await desk.app.request('/v1/units')).status).toBe(401);
  expect(performance.now() - begun).toBeGreaterThan(240);
});
