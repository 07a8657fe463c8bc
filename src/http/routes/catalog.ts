import { z } from 'zod';
import { CHANGE_OVER, type SetProduct, type SetStation, type SetWorkOrder } from '../../decide/catalog.ts';
import { type ClaimstampError, refusal } from '../../platform/error.ts';
import { phrase } from '../../platform/refusal-words.ts';
import { check } from '../../platform/validation-words.ts';
import { Product, ProductId, ProductSettings, settingsOf, type ProductAsSet } from '../../model/product.ts';
import { StationDefinition, StationSettings } from '../../model/station.ts';
import { PlannedOrder, WorkOrderDefinition, WorkOrderSettings } from '../../model/work-order.ts';
import { MAX_ORDERS, planOrders } from '../../contract/orders/plan-orders.ts';
import { saidIn } from '../problems.ts';
import { sees } from '../auditor.ts';
import { refuseUnfitCode, refuseUnknownPools } from '../device-code.ts';
import { inLanguage } from '../../platform/refusal-words.ts';
import { openTurns } from '../../platform/turns.ts';
import type { Language } from '../../../words/sentence.ts';
import { languageOf } from '../language.ts';
import { outsideWarnings, refuseUnfitRoles } from '../label-roles.ts';
import { useOf } from '../../contract/labels/samples.ts';
import { labelSetOf } from '../../model/labels/label-set.ts';
import { mergePatch } from '../../model/settings.ts';
import { present } from '../read-body.ts';
import type { Services } from '../services.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import {
  ProductAnswer,
  ProductParams,
  ProductPatch,
  StationParams,
  StationPatch,
  StationSet,
  WorkOrderAnswer,
  workOrderJson,
  WorkOrderParams,
  WorkOrderPatch,
  WorkOrderSet,
} from '../schemas.ts';

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';
const reading = { tag: 'catalog', may: 'catalog:read' } as const;
export const setting = {
  tag: 'catalog',
  may: 'catalog:write',
  description: 'Replaces all settings. Settings that are not in the body get their defaults.',
} as const;
export const changing = {
  ...setting,
  description:
    'A merge (RFC 7396): omitted settings stay unchanged, null restores the default. If the name is new, the entry is added.',
} as const;

const station = {
  params: StationParams,
  example: { mode: 'slot', printer: 'zebra-1', sources: ['192.0.2.0/28'] },
  answer: StationSet,
  refusals: [
    'read-only',
    'not-found',
    'station-busy',
    'station-armed',
    'source-taken',
    'wrong-product',
    'no-printer',
    'device-code-needed',
  ],
} satisfies Partial<Declaration>;
const product = {
  params: ProductParams,
  example: { name: 'Thermostat', company: 'Acme', claimIdLength: 10 },
  answer: ProductAnswer.extend({
    warnings: z.array(z.string()).optional().meta({
      description: 'Warnings about labels that show a secret and may be visible from outside the box',
    }),
  }),
  refusals: [
    'read-only',
    'serial-like-claim-id',
    'serials-shared',
    'site-missing',
    'pool-wrong',
    'pools-shared',
    'device-code-needed',
    'template-wrong',
    'busy',
  ],
} satisfies Partial<Declaration>;
const workOrder = {
  params: WorkOrderParams,
  example: { product: PRODUCT, planned: 500 },
  answer: WorkOrderSet,
  refusals: ['read-only', 'product-unknown', 'wrong-product', 'work-order-started'],
} satisfies Partial<Declaration>;

export const catalogOperations = {
  'PUT /v1/stations/{name}': {
    ...setting,
    ...station,
    summary: 'Set a station: its mode, its addresses, its printer, its work orders',
    body: StationSettings,
  },
  'PATCH /v1/stations/{name}': {
    ...changing,
    ...station,
    may: 'stations:changeover',
    summary: 'Change settings of a station',
    description: `${changing.description} Without \`catalog:write\`, only ${CHANGE_OVER.join(', ')} of an existing station can be changed.`,
    refusals: [...station.refusals, 'beyond-own-rights'],
    body: StationPatch,
  },
  'GET /v1/products': {
    ...reading,
    auditor: 'masked',
    summary: 'Products',
    answer: z.object({ products: z.array(ProductAnswer) }),
  },
  'PUT /v1/products/{id}': {
    ...setting,
    ...product,
    summary: 'Set a product: its names, its Claim ID length, its S/N pattern, its label',
    body: ProductSettings,
  },
  'PATCH /v1/products/{id}': {
    ...changing,
    ...product,
    summary: 'Change settings of a product',
    body: ProductPatch,
  },
  'DELETE /v1/products/{id}': {
    tag: 'catalog',
    summary: 'Remove a product that has no unit',
    description:
      'For example, a product that an unknown device added. A later request of the device may add the product again.',
    may: 'catalog:write',
    params: z.object({ id: ProductId.meta({ examples: ['MISTYPED'] }) }),
    answer: z.object({}),
    refusals: ['not-found', 'read-only', 'product-in-use'],
  },
  'GET /v1/work-orders': {
    ...reading,
    may: 'orders:read',
    auditor: 'masked',
    summary: 'Work orders, with the number of units of each',
    answer: z.object({ workOrders: z.array(WorkOrderAnswer) }),
  },
  'PUT /v1/work-orders/{id}': {
    ...setting,
    ...workOrder,
    summary: 'Set a work order: its product, its planned quantity, its lot',
    body: WorkOrderSettings,
  },
  'POST /v1/work-orders/plan': {
    tag: 'catalog',
    may: 'orders:plan',
    summary: 'Add or change work orders from an ERP',
    description:
      'The ID of a work order is its `reference`. If a reference has characters that an ID must not have, such as `WH/MO/00123`, the ID is made from it, and the work order keeps the reference. An ERP may send the same work orders again at any time: what has not changed is not recorded. A refused work order does not stop the others.',
    body: z.strictObject({ orders: z.array(PlannedOrder).min(1).max(MAX_ORDERS) }),
    example: { orders: [{ reference: 'WH/MO/00123', product: 'TH1', planned: 500, due: '2026-12-31' }] },
    answer: z.object({
      orders: z.array(
        z.object({
          reference: z.string(),
          result: z.enum(['added', 'changed', 'unchanged', 'refused']),
          workOrder: z.string().optional().meta({ description: 'The ID of the work order' }),
          refused: z
            .object({ code: z.string(), detail: z.string() })
            .optional()
            .meta({ description: 'The code and the sentence of the refusal' }),
        }),
      ),
    }),
  },
  'PATCH /v1/work-orders/{id}': {
    ...changing,
    ...workOrder,
    summary: 'Change settings of a work order',
    body: WorkOrderPatch,
  },
} satisfies Declarations;

/**
 * Adds the operations for products, work orders and stations. Objects that are set in the configuration file are
 * read-only in the API.
 */
export function catalogRoutes(on: On, services: Services): void {
  productRoutes(on, services);
  workOrderRoutes(on, services);
  stationRoutes(on, services);
}

function stationRoutes(on: On, { ledger, config, gate, links, refusals }: Services): void {
  const set = async (command: SetStation): Promise<StationDefinition> => {
    const { name } = command.station;
    refuseFixed('station', name, config.catalog.stations);
    const answer = await ledger.record(command);
    refusals.forget(name, 'order-required');
    await Promise.all([gate.refresh(), links.refresh()]);
    return answer;
  };
  on(catalogOperations, 'PUT /v1/stations/{name}', ({ params, body, who: { actor } }) =>
    set({ kind: 'set-station', station: check(StationDefinition, { ...body, ...params }), actor }),
  );
  on(catalogOperations, 'PATCH /v1/stations/{name}', ({ params, body, who: { actor, may } }) => {
    const changeOver = may.has('catalog:write') ? {} : { changeOver: true as const };
    return set({ kind: 'set-station', merge: true, station: { ...body, ...params }, ...changeOver, actor });
  });
}

/**
 * Refuses a template that does not exist, or a logo that cannot be drawn. Checks only the settings that the request
 * contains.
 */
async function refuseUnfitLabel({ labels }: Services, { product: { label, logo } }: SetProduct): Promise<void> {
  const names = typeof label === 'string' ? await labels.templates() : [];
  if (typeof label === 'string' && !names.includes(label))
    throw refusal('template-wrong', 'missing', { template: label, names: names.join(', ') });
  if (typeof logo === 'string') await labels.checkPicture(logo);
}

/** Returns the problems of the product's labels if its QR content is longer than a Claim ID. */
async function unfitQr({ labels }: Services, product: ProductAsSet): Promise<string[]> {
  const use = useOf([product]);
  if (use.qr === undefined) return [];
  const checks = await Promise.all(labelSetOf(product).map(({ template }) => labels.check(template, use)));
  return [...new Set(checks.flatMap(({ problems }) => problems))];
}

function productRoutes(on: On, services: Services): void {
  const { ledger, config, labels, links } = services;
  const { identityProperties } = config;
  const set = async (command: SetProduct, language: Language): Promise<ProductAsSet & { warnings?: string[] }> => {
    refuseFixed('product', command.product.id, config.catalog.products);
    await refuseUnfitLabel(services, command);
    const known = command.merge ? await ledger.product(command.product.id) : undefined;
    refuseUnknownPools(identityProperties, { ...known, ...command.product });
    await refuseUnfitCode((name) => labels.check(name), identityProperties, { ...known, ...command.product });
    // Settings that are not valid are refused later.
    const merged = Product.safeParse(mergePatch(known ? settingsOf(known) : {}, command.product));
    if (merged.success)
      await refuseUnfitRoles(
        merged.data,
        () => labels.templates(),
        (name) => labels.checkPrinted({ ...merged.data, label: name }),
      );
    const answer = await ledger.record(command);
    await links.refresh();
    const outside = await outsideWarnings(answer, async (name) => {
      return (await labels.checkPrinted({ ...answer, label: name })).role;
    });
    const warnings = [...outside.map((why) => inLanguage(why, language)), ...(await unfitQr(services, answer))];
    return { ...answer, ...(warnings.length === 0 ? {} : { warnings }) };
  };
  on(catalogOperations, 'GET /v1/products', async ({ who }) => ({
    products: (await ledger.products()).filter(({ id }) => sees(who, id)).map(settingsOf),
  }));
  on(catalogOperations, 'PUT /v1/products/{id}', ({ params, body, who: { actor }, c }) =>
    set(
      { kind: 'set-product', product: check(Product, { ...body, ...params }), site: config.site, actor },
      languageOf(c),
    ),
  );
  on(catalogOperations, 'PATCH /v1/products/{id}', ({ params, body, who: { actor }, c }) =>
    set({ kind: 'set-product', merge: true, product: { ...body, ...params }, site: config.site, actor }, languageOf(c)),
  );
  on(catalogOperations, 'DELETE /v1/products/{id}', async ({ params: { id }, who: { actor } }) => {
    refuseFixed('product', id, config.catalog.products);
    if (config.defaultProduct === id) throw refusal('product-in-use', 'setting', { product: id });
    await ledger.record({ kind: 'remove-product', id, actor });
    await links.refresh();
    return {};
  });
}

function workOrderRoutes(on: On, { ledger, config }: Services): void {
  const set = async (command: SetWorkOrder): Promise<WorkOrderDefinition> => {
    refuseFixed('workOrder', command.workOrder.id, config.catalog.workOrders);
    return ledger.record(command);
  };
  on(catalogOperations, 'GET /v1/work-orders', async ({ who }) => {
    const orders = (await ledger.workOrders()).filter(({ product }) => sees(who, product));
    const turns = openTurns();
    const workOrders: z.infer<typeof WorkOrderAnswer>[] = [];
    for (const order of orders) {
      const { closed } = order;
      const atClosing = closed && (await ledger.closing(closed.seq)).parts;
      workOrders.push({ ...workOrderJson(order), ...present({ atClosing }) });
      await turns();
    }
    return { workOrders };
  });
  on(catalogOperations, 'PUT /v1/work-orders/{id}', ({ params, body, who: { actor } }) =>
    set({ kind: 'set-work-order', workOrder: check(WorkOrderDefinition, { ...body, ...params }), actor }),
  );
  on(catalogOperations, 'POST /v1/work-orders/plan', async ({ c, body, who: { actor } }) => {
    const results = await planOrders(ledger, config.catalog.workOrders, body.orders, actor);
    const language = languageOf(c);
    return {
      orders: results.map((one) =>
        one.result === 'refused'
          ? {
              reference: one.reference,
              result: one.result,
              refused: { code: one.error.code, detail: saidIn(one.error, language).detail },
            }
          : one,
      ),
    };
  });
  on(catalogOperations, 'PATCH /v1/work-orders/{id}', ({ params, body, who: { actor } }) =>
    set({ kind: 'set-work-order', merge: true, workOrder: { ...body, ...params }, actor }),
  );
}

export function refuseFixed(what: Fixed, name: string, inFile: ({ id: string } | { name: string })[]): void {
  if (inFile.some((one) => ('id' in one ? one.id : one.name) === name)) throw readOnly(what, name);
}

type Fixed = 'product' | 'station' | 'workOrder' | 'printer' | 'keyOf';

export function readOnly(what: Fixed, name: string): ClaimstampError {
  return refusal('read-only', 'inFile', { what: phrase(what), name });
}
