import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/* Every JavaScript object inherits these names. To a line they are names like any other. */

const NAMES = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'toLocaleString'];

let service: Service;
beforeAll(async () => void (service = await startService(tempFolder())));
afterAll(async () => void (await service.end('SIGTERM')));

const ask = async (body: object): Promise<string> => idOf(await attempt(service.port, JSON.stringify(body)));

describe.each(NAMES)('the name %s', (name) => {
  it('may be a product', async () => void (await ask({ product: name })));

  it('may be a property of a device', async () => void (await ask({ product: 'DEMO', [name]: 'x' })));

  it('as identity is one device', async () => {
    const body = { product: 'DEMO', mac: name };
    expect(await ask(body)).toBe(await ask(body));
  });

  it('may be a station with a work order for a product of that name', async () => {
    await api(service, 'PUT', `/v1/products/${name}`, {});
    await api(service, 'PUT', `/v1/work-orders/${name}`, { product: name, planned: 5 });
    const set = await api(service, 'PUT', `/v1/stations/${name}`, { workOrders: { [name]: name } });
    expect(set.status).toBe(200);
    const found = await api<{ units: object[] }>(service, 'GET', `/v1/units?workOrder=${name}&station=${name}`);
    expect(found).toMatchObject({ status: 200, body: { units: [] } });
  });
});

it('none of them is an error inside', () => expect(service.log()).not.toContain('failed inside'));
