import { describe, expect, it } from 'vitest';
import { processOf } from '../../src/jobs/orders/close-order.ts';
import { Product } from '../../src/model/product.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

const ORDER = 'WO-1';
const STATION = '10.0.8.21';

interface Order {
  id: string;
  closing?: { at: string; by: string };
  interrupted?: { at: string; by: string };
  closed?: { seq: number };
}

/** A work order of two units, of which one is left over. */
async function ordered(data = tempFolder()): Promise<{ desk: Desk; ids: string[]; data: string }> {
  const desk = await openDesk({}, data);
  await desk.ask('PUT', '/v1/products/DEMO', { deviceCode: 'mac' });
  await desk.ask('PUT', `/v1/work-orders/${ORDER}`, { product: 'DEMO', planned: 9 });
  await desk.ask('PUT', '/v1/stations/S1', { mode: 'open', sources: [STATION], workOrders: { DEMO: ORDER } });
  const ids: string[] = [];
  for (const mac of ['m1', 'm2']) ids.push((await desk.agent({ product: 'DEMO', mac }, STATION)).body.id);
  await desk.ask('POST', '/v1/stations/S1/verify', { label: ids[0], device: 'm1' });
  return { desk, ids, data };
}

async function orderOf(desk: Desk): Promise<Order | undefined> {
  const { body } = await desk.ask<{ workOrders: Order[] }>('GET', '/v1/work-orders');
  return body.workOrders.find(({ id }) => id === ORDER);
}

const close = (desk: Desk) =>
  desk.ask<{ seq: number; signedOff: number } & Problem>('POST', `/v1/work-orders/${ORDER}/close`, {
    signOff: { all: 'test' },
  });

const begin = (desk: Desk, process: string) =>
  desk.house.ledger.record({ kind: 'begin-closing', workOrder: ORDER, process, actor: 'person:olga' });

const types = async (desk: Desk): Promise<string[]> => {
  const text = await (await desk.app.request('/v1/ledger.jsonl?of=events', ADMIN(desk))).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { type: string }).type)
    .filter((type) => type.startsWith('work-order-'));
};
const ADMIN = (desk: Desk) => ({ headers: { authorization: `Bearer ${desk.house.localToken}` } });

describe('the closing of a work order', () => {
  it('blocks the order, then closes it with figures of a snapshot after that', async () => {
    const { desk, data } = await ordered();
    const closed = await close(desk);
    expect([closed.status, closed.body.signedOff]).toEqual([200, 1]);
    expect(await types(desk)).toEqual(['work-order-set', 'work-order-closing', 'work-order-closed']);
    const text = await (await desk.app.request('/v1/ledger.jsonl?of=events', ADMIN(desk))).text();
    const event = JSON.parse(text.split('\n').find((line) => line.includes('"work-order-closed"')) ?? '{}') as {
      data: { snapshot: { size: number; root: string } };
    };
    const { size, root } = event.data.snapshot;
    expect(size).toBe(closed.body.seq - 1);
    expect(Buffer.from((await desk.house.ledger.rootAt(size)) ?? []).toString('hex')).toBe(root);
    await desk.close();
    expect(await verifyLedger(ledgerFile(data))).toMatchObject({ ok: true });
  });

  it('of a blocked order is refused for others, and its agents and its page say why', async () => {
    const { desk } = await ordered();
    await begin(desk, 'another process');
    const refused = await desk.agent({ product: 'DEMO', mac: 'm3' }, STATION);
    expect(refused.body).toMatchObject({ status: 409, type: 'urn:claimstamp:problem:work-order-closed' });
    expect(refused.body.detail).toContain('is being closed');
    const screen = await desk.ask<{ refusals: { detail: string }[] }>('GET', '/v1/stations/S1');
    expect(JSON.stringify(screen.body)).toContain('is being closed');
    // Its device still gets the same Claim ID.
    expect((await desk.agent({ product: 'DEMO', mac: 'm1' }, STATION)).status).toBe(200);
    expect((await orderOf(desk))?.closing).toMatchObject({ by: 'person:olga' });
    const second = await close(desk);
    expect([second.status, second.body.detail]).toEqual([409, expect.stringContaining('is being closed')]);
    expect((await desk.ask('POST', `/v1/work-orders/${ORDER}/reopen`, { reason: 'test' })).status).toBe(200);
    expect((await desk.agent({ product: 'DEMO', mac: 'm3' }, STATION)).status).toBe(200);
    expect((await close(desk)).status).toBe(200);
  });

  it('is recorded for one of two that close at once', async () => {
    const { desk } = await ordered();
    const statuses = (await Promise.all([close(desk), close(desk)])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  it('is repeated if a unit of the order changed after the snapshot, so no figure is old', async () => {
    const { desk, ids } = await ordered();
    const { ledger } = desk.house;
    await begin(desk, 'test');
    const begun = (await ledger.head()).size;
    const snapshot = { size: begun, root: '' };
    const figures = {
      issued: 2,
      parts: { void: 0, scrapped: 0, released: 1, unaccounted: 1 },
      facts: { printed: 0, verified: 1, reported: 0, registered: 0 },
      labels: { units: 0, copies: 0, reprints: [], failed: 0, unknown: 0 },
    };
    await desk.ask('POST', `/v1/units/${ids[1]}/void`, { reason: 'label-lost' });
    const { claiming } = Product.parse({ id: 'DEMO' });
    const command = { kind: 'close-work-order', workOrder: ORDER, begun, snapshot, figures, signedOff: [] } as const;
    expect(await ledger.record({ ...command, rule: { claiming }, signedOff: [], actor: 'test' })).toEqual({
      stale: true,
    });
  });

  it('that ended with the service is released by the next start, and its page says so', async () => {
    const { desk, data } = await ordered();
    await begin(desk, processOf(data));
    await desk.close();
    const next = await openDesk({}, data);
    const order = await orderOf(next);
    expect(order?.closing).toBeUndefined();
    expect(order?.interrupted).toMatchObject({ by: 'person:olga' });
    expect((await next.agent({ product: 'DEMO', mac: 'm3' }, STATION)).status).toBe(200);
    const page = await next.ask<{ interrupted?: object }>('GET', `/v1/work-orders/${ORDER}/reconciliation`);
    expect(page.body.interrupted).toMatchObject({ by: 'person:olga' });
    expect((await close(next)).status).toBe(200);
    expect((await orderOf(next))?.interrupted).toBeUndefined();
    await next.close();
    expect(await verifyLedger(ledgerFile(data))).toMatchObject({ ok: true });
  });
});
