import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { ClaimstampError } from '../error.ts';
import { Name, ProductSettings, Product } from '../product.ts';
import { StationDefinition, StationSettings, type Station } from '../station.ts';
import { WorkOrderDefinition, WorkOrderSettings } from '../work-order.ts';
import { stationKeyHash } from './admit.ts';
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
    const station = check(Name, c.req.param('name'));
    if (line.config.catalog.stations.some(({ name, key }) => name === station && key !== undefined))
      throw readOnly('the key of', station);
    const key = randomBytes(KEY_BYTES).toString('base64url');
    await ledger.record({ kind: 'set-station-key', station, hash: stationKeyHash(key), actor: c.get('actor') });
    const base = line.config.publicUrl ?? new URL(c.req.url).origin;
    return c.json({ station, key, url: `${base.replace(/\/$/, '')}/ioto/serialize/${key}` }, 201);
  });
  return app;
}

async function shown({ ledger, refusals }: Line, name: string): Promise<Station & { refusals: unknown[] }> {
  const station = (await ledger.stations()).find((one) => one.name === name);
  if (!station) throw new ClaimstampError('not-found', `there is no station ${name}`);
  return { ...station, refusals: refusals.list(name) };
}

/** Products, stations and work orders: list, and set by name. What the configuration file sets is read-only here. */
export function catalogRoutes(line: Line): Hono<Actor> {
  const { ledger, config, gate } = line;
  const { catalog } = config;
  const app = new Hono<Actor>();

  app.get('/products', async (c) => c.json({ products: await ledger.products() }));
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
