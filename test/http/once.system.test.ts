import { describe, expect, it } from 'vitest';
import type { Document } from '../../src/http/openapi.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, api, openDesk, startService, tempFolder, type Desk, type Problem } from '../support/service.ts';
import { token, type Headers } from '../support/askers.ts';

const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };

interface Sent {
  status: number;
  text: string;
  type: string;
}

async function post(
  desk: Pick<Desk, 'app'>,
  path: string,
  key: string,
  body: object,
  who: Headers = ADMIN,
): Promise<Sent> {
  const headers = { ...who, 'idempotency-key': key };
  const answer = await desk.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, text, type: (JSON.parse(text) as Partial<Problem>).type ?? '' };
}

/** A desk with a unit to print, and every operation that takes a key with two bodies that differ. */
async function prepared(): Promise<{ desk: Desk; cases: [path: string, body: object, other: object][] }> {
  const desk = await openDesk();
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'pdf' });
  const made = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', { product: 'DEMO', count: 5 });
  const [printed, ...ended] = made.body.units.map(({ uci }) => uci);
  const device = { product: 'DEMO' };
  for (const id of ['WO-1', 'WO-2']) await desk.ask('PUT', `/v1/work-orders/${id}`, { product: 'DEMO', planned: 7 });
  await desk.ask('POST', '/v1/work-orders/WO-2/close', {});
  return {
    desk,
    cases: [
      ['/v1/units', { product: 'DEMO', count: 2 }, { product: 'DEMO', count: 3 }],
      ['/v1/reservations', { name: 'ROLL', product: 'DEMO', count: 2 }, { name: 'ROLL', product: 'DEMO', count: 1 }],
      [
        '/v1/units/import',
        { units: [{ place: 'line 1', uci: '0000000001', device }] },
        { units: [{ place: 'line 1', uci: '0000000002', device }] },
      ],
      [`/v1/units/${printed}/print`, { printer: 'P' }, { printer: 'P', copies: 2 }],
      [
        `/v1/units/${printed}/results`,
        { procedure: 'ict', outcome: 'passed' },
        { procedure: 'ict', outcome: 'failed' },
      ],
      ...(['void', 'scrap'] as const).map((kind, i): [string, object, object] => [
        `/v1/units/${kind}`,
        { units: [ended[2 * i]], reason: 'other', note: 'test' },
        { units: [ended[2 * i + 1]], reason: 'other', note: 'test' },
      ]),
      ['/v1/work-orders/WO-1/close', {}, { signOff: { all: 'test' } }],
      ['/v1/work-orders/WO-2/reopen', { reason: 'a pallet' }, { reason: 'two pallets' }],
    ],
  };
}

describe('a request with an Idempotency-Key', () => {
  it('is tried here with every operation that takes one', async () => {
    const { desk, cases } = await prepared();
    const { paths } = (await (await desk.app.request('/openapi.json')).json()) as Document;
    const taking = Object.entries(paths).filter(([, { post }]) =>
      post?.parameters?.some(({ name }) => name === 'Idempotency-Key'),
    );
    const tried = taking.map(([path]) => {
      const like = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
      return [path, cases.filter(([one]) => like.test(one)).length];
    });
    expect(tried).toEqual(taking.map(([path]) => [path, 1]));
    expect(cases).toHaveLength(taking.length);
  });

  it('sent again gets the same answer to the byte, and is done once; with another body it is refused', async () => {
    const { desk, cases } = await prepared();
    for (const [index, [path, body, other]] of cases.entries()) {
      const key = `key-${index}`;
      const first = await post(desk, path, key, body);
      expect([200, 201, 202], first.text).toContain(first.status);
      const size = await desk.size();
      for (let i = 0; i < 3; i++) expect(await post(desk, path, key, body), path).toEqual(first);
      // At another address it is another request too.
      for (const [where, what] of [
        [path, other],
        ['/v1/units', { product: 'ELSEWHERE' }],
      ] as const) {
        const reused = await post(desk, where, key, what);
        expect({ status: reused.status, type: reused.type }, path).toEqual({
          status: 422,
          type: 'urn:claimstamp:problem:key-reused',
        });
      }
      expect(await desk.size()).toBe(size);
    }
  });

  it('sent twice at once is done once: one gets the answer, the other that it is under way', async () => {
    const { desk, cases } = await prepared();
    for (const [index, [path, body]] of cases.entries()) {
      const both = await Promise.all([
        post(desk, path, `at-once-${index}`, body),
        post(desk, path, `at-once-${index}`, body),
      ]);
      const [good, late] = both.toSorted((a, b) => a.status - b.status);
      expect([200, 201, 202]).toContain(good?.status);
      expect({ status: late?.status, type: late?.type }, path).toEqual({
        status: 409,
        type: 'urn:claimstamp:problem:in-flight',
      });
      expect(await post(desk, path, `at-once-${index}`, body)).toEqual(good);
    }
    expect(audit(desk.data).ucis.length).toBe(5 + 2 + 2 + 1);
  });

  it('of somebody else is another request', async () => {
    const { desk } = await prepared();
    const mes = await token(desk, 'mes', 'service', ['units:make']);
    const first = await post(desk, '/v1/units', 'shared', { product: 'DEMO' });
    const others = await post(desk, '/v1/units', 'shared', { product: 'DEMO' }, mes);
    expect(others.status).toBe(201);
    expect(others.text).not.toBe(first.text);
    // Whose token is withdrawn learns nothing of what it once was answered.
    await desk.house.ledger.record({ kind: 'revoke-token', name: 'mes', actor: 'test' });
    expect((await post(desk, '/v1/units', 'shared', { product: 'DEMO' }, mes)).status).toBe(401);
  });

  it('that was refused may be sent again with the same key once the reason is gone', async () => {
    const { desk } = await prepared();
    const body = { product: 'DEMO', workOrder: 'WO-9' };
    expect((await post(desk, '/v1/units', 'later', body)).status).toBe(404);
    await desk.ask('PUT', '/v1/work-orders/WO-9', { product: 'DEMO', planned: 1 });
    expect((await post(desk, '/v1/units', 'later', body)).status).toBe(201);
  });

  it.each([
    ['an empty key', ''],
    ['a key with a space in it', 'a b'],
    ['a key that is too long', 'k'.repeat(256)],
    ['a key beyond ASCII', 'schl\u00fcssel'],
  ])('%s is refused, and nothing is done', async (_, key) => {
    const { desk } = await prepared();
    const size = await desk.size();
    const { status, text } = await post(desk, '/v1/units', key, { product: 'DEMO' });
    expect(status).toBe(400);
    expect((JSON.parse(text) as Problem).detail).toMatch(/^Idempotency-Key: must be 1 to 255 printable ASCII/);
    expect(await desk.size()).toBe(size);
    expect((await post(desk, '/v1/units', 'k'.repeat(255), { product: 'DEMO' })).status).toBe(201);
  });

  it.each([
    ['/v1/units/0000000000/void', { reason: 'label-damaged' }],
    ['/v1/stations/default/cancel', {}],
    ['/v1/stations/default/key', {}],
    ['/v1/labels', { product: 'DEMO' }],
  ])('%s takes none, and says so rather than forget it', async (path, body) => {
    const { desk } = await prepared();
    const size = await desk.size();
    const { status, text } = await post(desk, path, 'key', body);
    expect(status).toBe(400);
    expect((JSON.parse(text) as Problem).detail).toMatch(/does not accept an Idempotency-Key/);
    expect(await desk.size()).toBe(size);
  });

  it('gets the same answer after the service was killed and started again', async () => {
    const data = tempFolder();
    const send = async (url: string): Promise<string> => {
      const headers = { ...ADMIN, 'idempotency-key': 'before-the-power-cut' };
      const body = JSON.stringify({ product: 'DEMO', count: 5 });
      return (await fetch(`${url}/v1/units`, { method: 'POST', headers, body })).text();
    };
    const before = await startService(data);
    const first = await send(before.url);
    await before.end('SIGKILL');
    const after = await startService(data);
    expect(await send(after.url)).toBe(first);
    expect((await api<{ units: object[] }>(after, 'GET', '/v1/units')).body.units).toHaveLength(5);
    await after.end('SIGTERM');
  });
});
