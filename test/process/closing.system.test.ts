import { expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { ADMIN_TOKEN, api, startService, tempFolder } from '../support/service.ts';

interface Order {
  id: string;
  closing?: object;
  interrupted?: object;
  closed?: { seq: number };
}
type Service = Awaited<ReturnType<typeof startService>>;

/** Enough for a child process that gets little of the processor. */
const UNITS = 4000;
const MADE_AT_ONCE = 1000;
const KILLS = 3;

async function orderOf(service: Service): Promise<Order> {
  const { workOrders } = (await api<{ workOrders: Order[] }>(service, 'GET', '/v1/work-orders')).body;
  const order = workOrders.find(({ id }) => id === 'WO-1');
  if (order === undefined) throw new Error('the work order is gone');
  return order;
}

async function close(service: Service, key: string): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'idempotency-key': key };
  const init = { method: 'POST', headers, body: JSON.stringify({ signOff: { all: 'test' } }) };
  const answer = await fetch(`${service.url}/v1/work-orders/WO-1/close`, init);
  return { status: answer.status, body: await answer.json() };
}

/**
 * Kills the service while it closes the work order. Units of the order end all the time, so that the closing has to be
 * decided again and again, and the order is blocked for longer.
 */
async function killWhileClosing(service: Service, ids: string[]): Promise<void> {
  const closing = close(service, 'killed').catch(() => undefined);
  for (let order = await orderOf(service); order.closing === undefined; order = await orderOf(service)) {
    expect(order.closed, 'the closing waits for units that stay as they are').toBeUndefined();
    const uci = ids.pop();
    if (uci === undefined) throw new Error('the work order was never blocked');
    await api(service, 'POST', `/v1/units/${uci}/void`, { reason: 'label-lost' });
  }
  await service.end('SIGKILL');
  await closing;
}

it('a kill -9 while a work order is closed leaves it open, and the next closing counts every unit', async () => {
  const data = tempFolder();
  let service = await startService(data);
  await api(service, 'PUT', '/v1/products/DEMO', {});
  await api(service, 'PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: UNITS });
  const make = { product: 'DEMO', workOrder: 'WO-1', count: MADE_AT_ONCE };
  const ids: string[] = [];
  while (ids.length < UNITS) {
    const { units } = (await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', make)).body;
    ids.push(...units.map(({ uci }) => uci));
  }
  for (let kill = 0; kill < KILLS; kill++) {
    await killWhileClosing(service, ids);
    service = await startService(data);
    const order = await orderOf(service);
    expect([order.closing, order.closed]).toEqual([undefined, undefined]);
    expect(order.interrupted).toBeDefined();
    expect(service.log()).toContain('the service stopped while a work order was being closed');
  }
  const closed = await close(service, 'killed');
  expect(closed).toMatchObject({ status: 200, body: { figures: { issued: UNITS }, signedOff: ids.length } });
  expect(await close(service, 'killed')).toEqual(closed);
  await service.end('SIGKILL');
  expect(await verifyLedger(ledgerFile(data))).toMatchObject({ ok: true });
});
