import { randomBytes } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { ClaimstampError } from '../error.ts';
import { Name, ProductSettings, Product } from '../product.ts';
import { StationDefinition, StationSettings, type Station } from '../station.ts';
import { WorkOrderDefinition, WorkOrderSettings } from '../work-order.ts';
import { secretHash } from './secret.ts';
import type { Actor } from './auth.ts';
import type { Line } from './line.ts';
import { check, readJson } from './read.ts';

const Code = z.string().trim().min(1, 'scan or type the label').max(64);
const ArmBody = z.strictObject({ code: Code, reason: z.enum(['label', 'rework']).default('label') });
const VerifyBody = z.strictObject({ label: Code, device: Code.optional() });

/** 160 bits: more than the 128 a station's key must have. */
const KEY_BYTES = 20;

/** What people do at a station, by API: arm, cancel, next, same device, verify. */
export function stationRoutes(line: Line): Hono<Actor> {
  const { ledger } = line;
  const app = new Hono<Actor>();

  app.get('/:name', async (c) => c.json(await shown(line, c.req.param('name'))));

  app.post('/:name/arm', async (c) => {
    const body = await readJson(c, ArmBody);
    return c.json(await ledger.record({ kind: 'arm', station: c.req.param('name'), ...body, actor: c.get('actor') }));
  });
  for (const kind of ['cancel', 'next', 'same-device'] as const) {
    app.post(`/:name/${kind}`, async (c) => {
      return c.json(await ledger.record({ kind, station: c.req.param('name'), actor: c.get('actor') }));
    });
  }
  app.post('/:name/verify', async (c) => {
    const { label, device } = await readJson(c, VerifyBody);
    const scans = device === undefined ? { label } : { label, device };
    return c.json(
      await ledger.record({ kind: 'verify', station: c.req.param('name'), ...scans, actor: c.get('actor') }),
    );
  });

  /** A new key for the station's URL, shown this once; the old one stops working. */
  app.post('/:name/key', async (c) => {
    const station = keyable(line, c.req.param('name'));
    const key = randomBytes(KEY_BYTES).toString('base64url');
    await ledger.record({ kind: 'set-station-key', station, hash: secretHash(key), actor: c.get('actor') });
    return c.json({ station, key, url: `${publicAddress(c, line)}/ioto/serialize/${key}` }, 201);
  });
  /** Devices that have the station's key get nothing any more. */
  app.delete('/:name/key', async (c) => {
    const station = keyable(line, c.req.param('name'));
    return c.json(await ledger.record({ kind: 'set-station-key', station, actor: c.get('actor') }));
  });
  return app;
}

async function shown({ ledger, refusals }: Line, name: string): Promise<Station & { refusals: unknown[] }> {
  const station = (await ledger.stations()).find((one) => one.name === name);
  if (!station) throw new ClaimstampError('not-found', `there is no station ${name}`);
  const shown = refusals.list(name).map((refusal) => ({ ...refusal, lastAt: new Date(refusal.lastAt).toISOString() }));
  return { ...station, refusals: shown };
}

function keyable({ config }: Line, name: string): string {
  const station = check(Name, name);
  const inFile = config.catalog.stations.some((one) => one.name === station && one.key !== undefined);
  if (inFile) throw readOnly('the key of', station);
  return station;
}

/** The address that devices use: as it was set, else as this request came, else as the service will listen. */
function publicAddress(c: Context, { config }: Line): string {
  const came = (c.env as Partial<HttpBindings> | undefined)?.incoming ? new URL(c.req.url).origin : undefined;
  return (config.publicUrl ?? came ?? `http://${config.host}:${config.port}`).replace(/\/$/, '');
}

/** Products, stations and work orders: list, and set by name. What the configuration file sets is read-only here. */
export function catalogRoutes(line: Line): Hono<Actor> {
  const { ledger, config, gate } = line;
  const { catalog } = config;
  const app = new Hono<Actor>();

  app.get('/products', async (c) =>
    c.json({ products: (await ledger.products()).map(({ lengths: _lengths, ...product }) => product) }),
  );
  app.put('/products/:id', async (c) => {
    const id = c.req.param('id');
    if (catalog.products.some((product) => product.id === id)) throw readOnly('product', id);
    const product = check(Product, { ...(await readJson(c, ProductSettings)), id });
    return c.json(await ledger.record({ kind: 'set-product', product, actor: c.get('actor') }));
  });

  app.get('/work-orders', async (c) => c.json({ workOrders: await ledger.workOrders() }));
  app.put('/work-orders/:id', async (c) => {
    const id = c.req.param('id');
    if (catalog.workOrders.some((workOrder) => workOrder.id === id)) throw readOnly('work order', id);
    const workOrder = check(WorkOrderDefinition, { ...(await readJson(c, WorkOrderSettings)), id });
    return c.json(await ledger.record({ kind: 'set-work-order', workOrder, actor: c.get('actor') }));
  });

  app.get('/stations', async (c) => c.json({ stations: await ledger.stations() }));
  app.put('/stations/:name', async (c) => {
    const name = c.req.param('name');
    if (catalog.stations.some((station) => station.name === name)) throw readOnly('station', name);
    const station = check(StationDefinition, { ...(await readJson(c, StationSettings)), name });
    const set = await ledger.record({ kind: 'set-station', station, actor: c.get('actor') });
    await gate.refresh();
    return c.json(set);
  });
  return app;
}

function readOnly(what: string, name: string): ClaimstampError {
  return new ClaimstampError(
    'read-only',
    `${what} ${name} stands in the configuration file: change it there and restart`,
  );
}
