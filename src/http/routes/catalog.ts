import { z } from 'zod';
import { ClaimstampError } from '../../platform/error.ts';
import { Product, ProductSettings } from '../../model/product.ts';
import { StationDefinition, StationSettings } from '../../model/station.ts';
import { WorkOrderDefinition, WorkOrderSettings } from '../../model/work-order.ts';
import type { Line } from '../line.ts';
import type { Declarations, On } from '../operation.ts';
import { check } from '../read-body.ts';
import {
  ProductAnswer,
  productJson,
  ProductParams,
  StationParams,
  StationSet,
  WorkOrderAnswer,
  workOrderJson,
  WorkOrderParams,
  WorkOrderSet,
} from '../schemas.ts';

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';
const reading = { tag: 'catalog', may: 'catalog:read' } as const;
const setting = {
  tag: 'catalog',
  may: 'catalog:write',
  description: 'Sets all of it: what is left out gets its default.',
} as const;

export const catalogOperations = {
  'PUT /v1/stations/{name}': {
    ...setting,
    summary: 'Set a station: its mode, its addresses, its printer, its work orders',
    params: StationParams,
    body: StationSettings,
    example: { mode: 'slot', printer: 'zebra-1', sources: ['192.0.2.0/28'] },
    answer: StationSet,
    refusals: ['read-only', 'not-found', 'station-busy'],
  },
  'GET /v1/products': { ...reading, summary: 'Products', answer: z.object({ products: z.array(ProductAnswer) }) },
  'PUT /v1/products/{id}': {
    ...setting,
    summary: 'Set a product: its names, its Claim ID length, its S/N pattern, its label',
    params: ProductParams,
    body: ProductSettings,
    example: { name: 'Thermostat', company: 'Acme', claimIdLength: 10 },
    answer: ProductAnswer,
    refusals: ['read-only'],
  },
  'GET /v1/work-orders': {
    ...reading,
    summary: 'Work orders, with the units that each has',
    answer: z.object({ workOrders: z.array(WorkOrderAnswer) }),
  },
  'PUT /v1/work-orders/{id}': {
    ...setting,
    summary: 'Set a work order: its product, its planned quantity, its lot',
    params: WorkOrderParams,
    body: WorkOrderSettings,
    example: { product: PRODUCT, planned: 500 },
    answer: WorkOrderSet,
    refusals: ['read-only', 'product-unknown'],
  },
} satisfies Declarations;

/** Products, work orders and stations, set by name. What the configuration file sets is read-only here. */
export function catalogRoutes(on: On, line: Line): void {
  productRoutes(on, line);
  workOrderRoutes(on, line);
  on(catalogOperations, 'PUT /v1/stations/{name}', async ({ params: { name }, body, who }) => {
    if (line.config.catalog.stations.some((station) => station.name === name)) throw readOnly('station', name);
    const station = check(StationDefinition, { ...body, name });
    const set = await line.ledger.record({ kind: 'set-station', station, actor: who.actor });
    await line.gate.refresh();
    return set;
  });
}

function productRoutes(on: On, { ledger, config }: Line): void {
  on(catalogOperations, 'GET /v1/products', async () => ({ products: (await ledger.products()).map(productJson) }));
  on(catalogOperations, 'PUT /v1/products/{id}', async ({ params: { id }, body, who }) => {
    if (config.catalog.products.some((product) => product.id === id)) throw readOnly('product', id);
    const product = check(Product, { ...body, id });
    return productJson(await ledger.record({ kind: 'set-product', product, actor: who.actor }));
  });
}

function workOrderRoutes(on: On, { ledger, config }: Line): void {
  on(catalogOperations, 'GET /v1/work-orders', async () => ({
    workOrders: (await ledger.workOrders()).map(workOrderJson),
  }));
  on(catalogOperations, 'PUT /v1/work-orders/{id}', async ({ params: { id }, body, who }) => {
    if (config.catalog.workOrders.some((workOrder) => workOrder.id === id)) throw readOnly('work order', id);
    const workOrder = check(WorkOrderDefinition, { ...body, id });
    return ledger.record({ kind: 'set-work-order', workOrder, actor: who.actor });
  });
}

export function readOnly(what: string, name: string): ClaimstampError {
  return new ClaimstampError(
    'read-only',
    `${what} ${name} stands in the configuration file: change it there and restart`,
  );
}
