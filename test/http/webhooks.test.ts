import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDesk, secrets, tempFolder, type Desk } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts';

interface Shown {
  name: string;
  target: string;
  state: string;
  delivered: number;
  waiting: number;
  types?: string[];
  reveal: boolean;
  formerUntil?: string;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function receiving(): Promise<Receiver> {
  const receiver = await openReceiver();
  closing.push(() => receiver.close());
  return receiver;
}

const open = (data = tempFolder()): Promise<Desk> =>
  openDesk({ CLAIMSTAMP_WEBHOOK_ALLOW: 'erp.example.com,127.0.0.0/8' }, data);

const one = async (desk: Desk): Promise<Shown | undefined> =>
  (await desk.ask<{ webhooks: Shown[] }>('GET', '/v1/webhooks')).body.webhooks[0];

async function changes(desk: Desk): Promise<object[]> {
  const answer = await desk.ask<{ entries: { details: object; actor: string }[] }>(
    'GET',
    '/v1/audit?kind=changed&limit=100',
  );
  return answer.body.entries.map(({ details }) => details).filter((details) => 'change' in details);
}

describe('webhooks over the API', () => {
  it('are added, sent, paused, replayed and removed', async () => {
    const desk = await open();
    const receiver = await receiving();
    expect(await one(desk)).toBeUndefined();
    expect(existsSync(join(desk.data, 'webhooks.db'))).toBe(false);
    const body = { name: 'erp', url: receiver.url };
    const { status, body: made } = await desk.ask<{ secret: string }>('POST', '/v1/webhooks', body);
    expect(status).toBe(201);
    receiver.secrets.push(made.secret);
    expect(statSync(join(desk.data, 'webhooks.db')).mode & 0o777).toBe(0o600);
    await desk.agent({ product: 'DEMO', mac: 'a' });
    expect(receiver.requests()).toBe(0);
    desk.house.startIntegrations();
    const delivered = async (): Promise<void> => {
      const size = await desk.size();
      await until(async () => ((await one(desk))?.delivered ?? 0) >= size);
    };
    await delivered();
    expect(receiver.wrong()).toEqual([]);
    expect(receiver.stored[0]).toMatchObject({ type: 'claimstamp.webhook-set', data: { data: { change: 'added' } } });
    expect(receiver.stored.map(({ data }) => data.type)).toContain('issued');
    const target = new URL(receiver.url).origin;
    expect(await one(desk)).toMatchObject({ name: 'erp', target, state: 'running', reveal: false });

    await desk.ask('POST', '/v1/webhooks/erp/pause');
    expect((await one(desk))?.state).toBe('paused');
    const before = receiver.requests();
    await desk.agent({ product: 'DEMO', mac: 'b' });
    expect((await desk.ask('POST', '/v1/webhooks/erp/resume', { after: 0 })).status).toBe(200);
    await delivered();
    expect(receiver.requests()).toBeGreaterThanOrEqual(before + (await desk.size()) - 1);
    const seqs = receiver.stored.map(({ data }) => data.seq).toSorted((a, b) => a - b);
    expect(seqs).toEqual(Array.from(seqs, (_, at) => at + 1));

    const { body: log } = await desk.ask<{ deliveries: object[] }>('GET', '/v1/webhooks/erp/deliveries?limit=2');
    expect(log.deliveries).toHaveLength(2);
    expect(log.deliveries[0]).toMatchObject({ seq: expect.any(Number) as number, result: '204' });
    await desk.ask('DELETE', '/v1/webhooks/erp');
    expect(await one(desk)).toBeUndefined();
    for (const [method, path] of [
      ['GET', '/v1/webhooks/erp/deliveries'],
      ['DELETE', '/v1/webhooks/erp'],
      ['POST', '/v1/webhooks/erp/pause'],
    ] as const)
      expect((await desk.ask(method, path)).status, path).toBe(404);
    expect(await changes(desk)).toEqual([
      { name: 'erp', change: 'removed' },
      { name: 'erp', change: 'resumed', after: 0 },
      { name: 'erp', change: 'paused' },
      { name: 'erp', change: 'added', target, after: expect.any(Number) as number },
    ]);
  });

  it('change their secret and their settings, and keep their place', async () => {
    const desk = await open();
    const receiver = await receiving();
    const { body: made } = await desk.ask<{ secret: string }>('POST', '/v1/webhooks', {
      name: 'erp',
      url: receiver.url,
    });
    const { status, body: next } = await desk.ask<{ secret: string }>('POST', '/v1/webhooks/erp/secret', {});
    expect(status).toBe(201);
    expect(next.secret).not.toBe(made.secret);
    expect((await one(desk))?.formerUntil).toBeDefined();
    await desk.ask('POST', '/v1/webhooks/erp/secret', { keepHours: 0 });
    expect((await one(desk))?.formerUntil).toBeUndefined();
    const before = await one(desk);
    const patch = { url: 'https://erp.example.com/other', types: ['issued'], reveal: true };
    expect((await desk.ask('PATCH', '/v1/webhooks/erp', patch)).status).toBe(200);
    expect(await one(desk)).toMatchObject({
      target: 'https://erp.example.com',
      types: ['issued'],
      reveal: true,
      delivered: before?.delivered,
    });
    await desk.ask('PATCH', '/v1/webhooks/erp', { types: null });
    expect((await one(desk))?.types).toBeUndefined();
    expect((await changes(desk))[1]).toEqual({
      name: 'erp',
      change: 'changed',
      target: 'https://erp.example.com',
      reveal: true,
    });
  });

  it('are refused to other addresses, with a name in use, and beyond their number', async () => {
    const desk = await open();
    const add = async (body: object): Promise<[number, string]> => {
      const { status, body: answer } = await desk.ask<{ type?: string }>('POST', '/v1/webhooks', body);
      return [status, answer.type?.split(':').at(-1) ?? ''];
    };
    const url = 'https://erp.example.com/in';
    const size = await desk.size();
    for (const other of ['https://elsewhere.example/', 'http://10.0.0.1/', 'https://[::1]/'])
      expect(await add({ name: 'erp', url: other }), other).toEqual([422, 'webhook-refused']);
    for (const wrong of ['ftp://erp.example.com/', 'https://me:secret@erp.example.com/', 'erp.example.com'])
      expect(await add({ name: 'erp', url: wrong }), wrong).toEqual([400, 'invalid']);
    expect(await add({ name: 'Erp 1', url })).toEqual([400, 'invalid']);
    expect(await add({ name: 'erp', url, types: ['nothing'] })).toEqual([400, 'invalid']);
    expect(await add({ name: 'erp', url, product: 'NONE' })).toEqual([404, 'not-found']);
    expect(await add({ name: 'erp', url, after: size + 1 })).toEqual([409, 'cursor-unknown']);
    expect(await desk.size()).toBe(size);
    for (let count = 1; count <= 16; count++) expect(await add({ name: `erp-${count}`, url })).toEqual([201, '']);
    expect(await add({ name: 'erp-1', url })).toEqual([409, 'name-taken']);
    expect(await add({ name: 'erp-17', url })).toEqual([409, 'webhooks-full']);
    const patch = { url: 'https://elsewhere.example/' };
    expect((await desk.ask('PATCH', '/v1/webhooks/erp-1', patch)).status).toBe(422);
  });

  it('are allowed nowhere without the setting', async () => {
    const desk = await openDesk();
    const body = { name: 'erp', url: 'https://erp.example.com/in' };
    expect((await desk.ask('POST', '/v1/webhooks', body)).status).toBe(422);
  });

  it('leave no secret in the log, the ledger, the support bundle or another answer', async () => {
    const desk = await open();
    const receiver = await receiving();
    const { body: made } = await desk.ask<{ secret: string }>('POST', '/v1/webhooks', {
      name: 'erp',
      url: receiver.url,
    });
    desk.house.startIntegrations();
    receiver.does(() => 500);
    await until(async () => (await one(desk))?.state === 'failing');
    secrets.add(made.secret);
    const answers = await Promise.all(
      ['/v1/webhooks', '/v1/webhooks/erp/deliveries', '/v1/support', '/v1/settings'].map(async (path) =>
        JSON.stringify((await desk.ask('GET', path)).body),
      ),
    );
    const { lines } = await desk.house.ledger.feed({ after: 0, limit: 1000 });
    for (const text of [...answers, ...lines, desk.log()]) {
      expect(text).not.toContain(made.secret);
      expect(text).not.toContain('path-of-the-receiver');
    }
  });

  it('survive a restart of the service', async () => {
    const data = tempFolder();
    const receiver = await receiving();
    const desk = await open(data);
    const { body } = await desk.ask<{ secret: string }>('POST', '/v1/webhooks', { name: 'erp', url: receiver.url });
    receiver.secrets.push(body.secret);
    desk.house.startIntegrations();
    await until(() => receiver.stored.length === 1);
    await desk.close();
    const again = await open(data);
    again.house.startIntegrations();
    await again.agent({ product: 'DEMO', mac: 'a' });
    const size = await again.size();
    await until(async () => ((await one(again))?.delivered ?? 0) >= size);
    const seqs = receiver.stored.map(({ data: { seq } }) => seq);
    expect(seqs).toEqual(Array.from(seqs, (_, at) => (seqs[0] ?? 0) + at));
  });
});
