import { z } from 'zod';
import { refusal } from '../../platform/error.ts';
import type { Shipment } from '../../contract/ledger.ts';
import { ShippingListDefinition, ShippingListSettings, type ShippingList } from '../../model/shipping/shipping-list.ts';
import { TestResult } from '../../model/shipping/test-result.ts';
import { harmless } from '../../platform/formula-marks.ts';
import { check } from '../../platform/validation-words.ts';
import { Name } from '../../model/product.ts';
import { MAX_SENT } from '../../model/scan/read.ts';
import { mask } from '../../model/claim-id.ts';
import { scannedId, scannedUnit } from '../find-unit.ts';
import type { Services } from '../services.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { After, Limit, Next, shownTime, Time, Uci } from '../schemas.ts';

const ListParams = z.object({ id: Name.meta({ description: 'A shipping list', examples: ['PALLET-1'] }) });

const ListAnswer = ShippingListDefinition.extend({
  units: z.int().meta({ description: 'Units on the list' }),
  closed: z
    .object({ seq: z.int(), at: Time, by: z.string() })
    .optional()
    .meta({ description: 'Present if the list is closed. A closed list accepts no more units' }),
}).meta({ id: 'ShippingList' });

const ShipmentAnswer = z
  .object({
    seq: z.int().meta({ description: 'Number of the event that put the unit on the list' }),
    at: Time,
    uci: z.string(),
    serial: z.string().optional(),
    product: z.string(),
    workOrder: z.string().optional(),
  })
  .meta({ id: 'Shipment' });

const list = { tag: 'units', params: ListParams } as const;
const managing = { ...list, may: 'shipping:manage' } as const;
const NOTED = 'For each page with units, the ledger records the reader and the number of Claim IDs.';

export const shippingOperations = {
  'GET /v1/shipping-lists': {
    tag: 'units',
    summary: 'Shipping lists, newest first',
    may: 'catalog:read',
    query: z.strictObject({
      workOrder: Name.optional().meta({
        description: 'Only lists for this work order, and lists that have one of its first 20,000 units',
      }),
      after: After.meta({ description: '`next` of the page before' }),
      limit: Limit.default(100),
    }),
    answer: z.object({
      lists: z.array(
        ListAnswer.extend({
          ofOrder: z.int().optional().meta({
            description: 'If the request names a work order: how many of its first 20,000 units are on the list now',
          }),
        }).meta({ id: 'FoundShippingList' }),
      ),
      next: Next,
    }),
  },
  'GET /v1/shipping-lists/{id}': {
    ...list,
    summary: 'One shipping list, with the number of its units',
    may: 'catalog:read',
    answer: ListAnswer,
    refusals: ['not-found'],
  },
  'PUT /v1/shipping-lists/{id}': {
    ...managing,
    summary: 'Make or change a shipping list: its target, and which units may be on it',
    description:
      'The product and the work order of a list that has units cannot be changed. A closed list cannot be changed at all.',
    body: ShippingListSettings,
    example: { target: 48 },
    answer: ListAnswer,
    refusals: ['not-found', 'product-unknown', 'wrong-product', 'shipping-list-closed', 'shipping-list-started'],
  },
  'POST /v1/shipping-lists/{id}/close': {
    ...managing,
    summary: 'Close a shipping list, so that it accepts no more units',
    answer: ListAnswer,
    refusals: ['not-found', 'shipping-list-closed'],
  },
  'GET /v1/shipping-lists/{id}/units': {
    ...list,
    summary: 'Units of a shipping list, in the order in which they were shipped, page by page',
    description: NOTED,
    may: 'units:list',
    query: z.strictObject({ after: After, limit: Limit.default(100) }),
    answer: z.object({ units: z.array(ShipmentAnswer), next: Next }),
    refusals: ['not-found'],
  },
  'GET /v1/shipping-lists/{id}/units.csv': {
    ...list,
    summary: 'Units of a shipping list as CSV',
    description: 'The ledger records the reader and the number of Claim IDs.',
    may: 'ledger:export',
    file: { types: ['text/csv'], description: 'One line per unit' },
    refusals: ['not-found'],
  },
  'POST /v1/units/{uci}/unship': {
    tag: 'units',
    summary: 'Remove a unit from its open shipping list',
    may: 'shipping:manage',
    lookup: true,
    params: z.object({ uci: Uci.meta({ examples: ['JT08FFQXWX'] }) }),
    body: z.strictObject({ reason: z.string().trim().min(1, 'write a reason').max(200) }),
    example: { reason: 'carton damaged' },
    answer: z.object({ uci: z.string(), list: z.string(), count: z.int() }),
    refusals: ['not-found', 'not-shipped', 'shipping-list-closed'],
  },
  'POST /v1/units/{uci}/results': {
    tag: 'units',
    summary: 'Record the result of a test of a unit',
    description:
      'Identify the unit by its Claim ID, S/N or identity. For each procedure, only the last recorded result counts. If a unit has any result other than `passed`, its label does not print automatically, and a gate stops the unit. Rework clears the results. The answer shows the complete Claim ID only to callers that sent it or may look up units.',
    may: 'tests:report',
    lookup: true,
    status: 201,
    params: z.object({
      uci: z
        .string()
        .min(1)
        .max(MAX_SENT)
        .meta({
          description: 'Claim ID, S/N or identity of the unit, as a person types it or a scanner reads it',
          examples: ['JT08FFQXWQ'],
        }),
    }),
    body: TestResult,
    example: { procedure: 'functional-test', outcome: 'passed', firmware: { version: '1.4.2' } },
    answer: z.object({ uci: z.string() }),
    refusals: ['not-found', 'unit-ended', 'too-many-procedures', 'serial-ambiguous', 'scan-not-clear'],
    once: true,
  },
} satisfies Declarations & { [address: string]: Declaration };

export function shippingRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(shippingOperations, 'GET /v1/shipping-lists', async ({ query: { after, limit, workOrder } }) => {
    const before = after === 0 ? Number.MAX_SAFE_INTEGER : after;
    const { lists, next } = await ledger.shippingLists({ before, limit, ...present({ workOrder }) });
    return { lists: lists.map(listJson), next };
  });
  on(shippingOperations, 'GET /v1/shipping-lists/{id}', async ({ params: { id } }) =>
    listJson(await knownList(services, id)),
  );
  on(shippingOperations, 'PUT /v1/shipping-lists/{id}', async ({ params, body, who: { actor } }) => {
    const set = check(ShippingListDefinition, { ...body, ...params });
    await ledger.record({ kind: 'set-shipping-list', list: set, actor });
    return listJson(await knownList(services, params.id));
  });
  on(shippingOperations, 'POST /v1/shipping-lists/{id}/close', async ({ params: { id }, who: { actor } }) => {
    await ledger.record({ kind: 'close-shipping-list', list: id, actor });
    return listJson(await knownList(services, id));
  });
  on(shippingOperations, 'POST /v1/units/{uci}/unship', async ({ params, body: { reason }, who: { actor } }) => {
    const uci = await scannedId(services, params.uci);
    return { uci, ...(await ledger.record({ kind: 'unship', uci, reason, actor })) };
  });
  on(shippingOperations, 'POST /v1/units/{uci}/results', async ({ params, body, who: { actor, may }, once }) => {
    const { uci, isNamed } = await scannedUnit(services, params.uci);
    await ledger.record({ kind: 'note-result', uci, result: body, actor, ...once });
    return { uci: isNamed || may.has('units:read') ? uci : mask(uci) };
  });
  unitRoutes(on, services);
}

function unitRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(shippingOperations, 'GET /v1/shipping-lists/{id}/units', async ({ params: { id }, query, who: { actor } }) => {
    await knownList(services, id);
    const { shipments, next } = await ledger.shipments({ list: id, ...query });
    if (shipments.length > 0) await noteRead(services, id, shipments.length, actor);
    return { units: shipments.map(shipmentJson), next };
  });
  on(shippingOperations, 'GET /v1/shipping-lists/{id}/units.csv', async ({ c, params: { id }, who, stillAllowed }) => {
    const { units } = await knownList(services, id);
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${id}.csv"`,
    };
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    if (units > 0) await noteRead(services, id, units, who.actor);
    return c.body(streamOf(csvOf(services, id, async () => void (await stillAllowed()))), 200, headers);
  });
}

async function noteRead({ ledger }: Services, id: string, count: number, actor: string): Promise<void> {
  await ledger.record({ kind: 'note-bulk-read', what: 'units', filter: { shippingList: id }, count, actor });
}

/** The number of units on a page. A page takes the main thread a few ms, and agents are served between pages. */
const PAGE = 500;

const COLUMNS = ['seq', 'uci', 'serial', 'product', 'work_order', 'shipped_at'];

async function* csvOf({ ledger }: Services, id: string, allowed: () => Promise<void>): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (let after: number | null = 0; after !== null;) {
    await allowed();
    const { shipments, next } = await ledger.shipments({ list: id, after, limit: PAGE });
    yield shipments.map(csvLine).join('');
    after = next;
  }
}

function csvLine({ seq, at, unit }: Shipment): string {
  const cells = [seq, unit.uci, unit.serial, unit.product, unit.workOrder, shownTime(at)];
  return `${cells.map((cell) => csvCell(String(cell ?? ''))).join(',')}\r\n`;
}

function csvCell(text: string): string {
  return `"${harmless(text).replaceAll('"', '""')}"`;
}

function streamOf(parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

async function knownList({ ledger }: Services, id: string): Promise<ShippingList> {
  const found = await ledger.shippingList(id);
  if (found === undefined) throw refusal('not-found', 'shippingList', { list: id });
  return found;
}

function listJson<L extends ShippingList>({
  closed,
  ...rest
}: L): Omit<L, 'closed'> & Pick<z.infer<typeof ListAnswer>, 'closed'> {
  return { ...rest, ...(closed === undefined ? {} : { closed: { ...closed, at: shownTime(closed.at) } }) };
}

function shipmentJson({
  seq,
  at,
  unit: { uci, serial, product, workOrder },
}: Shipment): z.infer<typeof ShipmentAnswer> {
  return { seq, at: shownTime(at), uci, product, ...present({ serial, workOrder }) };
}
