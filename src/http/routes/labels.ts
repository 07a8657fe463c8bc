import { z } from 'zod';
import type { NoteBulkRead } from '../../decide/access.ts';
import { refusal } from '../../platform/error.ts';
import { labelsOf, MAX_OFFSET_MM, type Labelled, type LabelFormat, type LabelJob } from '../../contract/labels.ts';
import { RoleName } from '../../model/labels/label-set.ts';
import { Name, ProductId, settingsOf } from '../../model/product.ts';
import { parse } from '../../model/claim-id.ts';
import { ENDS, FACTS, isEnded } from '../../model/unit.ts';
import { nameOf, type Principal } from '../auth.ts';
import { findUnit } from '../find-unit.ts';
import { handOut } from '../send-file.ts';
import { refuseUnknown } from '../known-filter.ts';
import { unlessLeft } from '../client-gone.ts';
import type { Services } from '../services.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { After, Limit, Next, ProductAnswer, UnitParams } from '../schemas.ts';
import { defined } from '../../platform/own.ts';

export const TYPES: Record<LabelFormat, string> = {
  pdf: 'application/pdf',
  zpl: 'application/zpl',
  // No media type is registered for this format.
  tspl: 'application/octet-stream',
  svg: 'image/svg+xml',
  png: 'image/png',
};

const Dpi = z.coerce.number().pipe(z.union([z.literal(203), z.literal(300), z.literal(600)]));
const Role = RoleName.optional().meta({
  description: 'Which label of the unit, such as box; by default the label of the device',
});
const Choice = z.strictObject({ template: Name.optional(), role: Role, dpi: Dpi.optional() });
const DataChoice = z.strictObject({ role: Role });

const Correction = z.number().min(-MAX_OFFSET_MM).max(MAX_OFFSET_MM).optional();

const Uci = z.string().transform((typed, context) => {
  const uci = parse(typed);
  if (uci === undefined) context.addIssue({ code: 'custom', message: 'is not a Claim ID' });
  return uci ?? z.NEVER;
});

const Filter = {
  workOrder: Name.optional(),
  reservation: Name.optional(),
  product: ProductId.optional(),
  station: Name.optional(),
  status: z.enum([...FACTS, ...ENDS]).optional(),
};

const Job = z
  .strictObject({
    units: z
      .array(Uci)
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'Claim IDs, in the order in which to print their labels' }),
    ...Filter,
    format: z.enum(['pdf', 'zpl', 'tspl']).default('pdf'),
    template: Name.optional(),
    role: Role,
    sheet: Name.optional(),
    start: z.int().min(1).optional().meta({ description: 'The number of the first free label on the sheet' }),
    offsetX: Correction.meta({ description: 'Moves the labels of a sheet to the right', 'x-unit': 'mm' }),
    offsetY: Correction.meta({ description: 'Moves the labels of a sheet down', 'x-unit': 'mm' }),
    copies: z.int().min(1).max(100).default(1),
    dpi: Dpi.optional(),
  })
  .refine(({ units, workOrder, reservation, product, station, status }) => {
    return (
      (units !== undefined) !== [workOrder, reservation, product, station, status].some((part) => part !== undefined)
    );
  }, 'name either "units" or a filter: workOrder, reservation, product, station, status')
  .refine(({ sheet, start }) => sheet !== undefined || start === undefined, '"start" needs a sheet')
  .refine(
    ({ sheet, offsetX, offsetY }) => sheet !== undefined || (offsetX === undefined && offsetY === undefined),
    '"offsetX" and "offsetY" need a sheet',
  );

const DataPage = z.strictObject({ after: After, limit: Limit.default(500), role: Role, ...Filter });

const Data = z.record(z.string(), z.unknown()).meta({ description: 'The texts of the label, by field name' });
const OneLabel = z.object({ product: ProductAnswer, data: Data });

/** Large enough for a list of 100,000 Claim IDs of 20 characters. */
const MAX_JOB_BYTES = 4 * 1024 * 1024;

const one = {
  tag: 'labels',
  may: 'units:read',
  kiosk: 'own-unit',
  lookup: true,
  params: UnitParams,
} as const;

const drawing = (format: LabelFormat) =>
  ({
    ...one,
    summary: `The label of one unit, as ${format.toUpperCase()}`,
    query: Choice,
    file: { types: [TYPES[format]], description: 'The label, at the size of its template' },
    refusals: [
      'not-found',
      'wrong-product',
      'unit-ended',
      'label-too-large',
      'label-unprintable',
      'template-wrong',
      'busy',
    ],
  }) satisfies Declaration;

export const labelOperations = {
  'GET /v1/units/{uci}/label.pdf': drawing('pdf'),
  'GET /v1/units/{uci}/label.zpl': drawing('zpl'),
  'GET /v1/units/{uci}/label.tspl': drawing('tspl'),
  'GET /v1/units/{uci}/label.svg': drawing('svg'),
  'GET /v1/units/{uci}/label.png': drawing('png'),
  'GET /v1/units/{uci}/label.json': {
    ...one,
    summary: "The data of one unit's label, for drawing it elsewhere",
    query: DataChoice,
    answer: OneLabel,
    refusals: ['not-found', 'unit-ended', 'label-too-large', 'label-unprintable', 'template-wrong', 'busy'],
  },
  'GET /v1/labels/data': {
    tag: 'labels',
    summary: 'The data of the labels of selected units, page by page, for drawing them elsewhere',
    description: 'For each page, the ledger records the reader and the number of Claim IDs.',
    may: 'units:list',
    query: DataPage,
    answer: z.object({ labels: z.array(OneLabel), next: Next }),
    refusals: ['not-found', 'wrong-product'],
  },
  'POST /v1/labels': {
    tag: 'labels',
    summary: 'Many labels in one PDF, ZPL or TSPL file',
    description:
      'The labels are for a list of Claim IDs, or for all units that match a filter. The ledger records the caller and the number of labels.',
    may: 'labels:print',
    lookup: true,
    body: Job,
    bodyLimit: MAX_JOB_BYTES,
    example: { units: ['JT08FFQXWQ'], format: 'pdf' },
    file: { types: [TYPES.pdf, TYPES.zpl, TYPES.tspl], description: 'The labels, in the order of the request' },
    refusals: ['not-found', 'unit-ended', 'label-too-large', 'label-unprintable', 'template-wrong', 'busy'],
  },
} satisfies Declarations;

export function labelRoutes(on: On, services: Services): void {
  oneLabelRoutes(on, services);
  manyLabelRoutes(on, services);
}

function oneLabelRoutes(on: On, services: Services): void {
  for (const format of ['pdf', 'zpl', 'tspl', 'svg', 'png'] as const) {
    on(labelOperations, `GET /v1/units/{uci}/label.${format}`, async ({ c, params, query, who }) => {
      const { role, ...choice } = query;
      const label = await labelOf(services, who, params.uci, role);
      const bytes = await services.labels.one(label, format, present(choice));
      return c.body(Uint8Array.from(bytes), 200, { 'content-type': TYPES[format], 'cache-control': 'no-store' });
    });
  }
  on(labelOperations, 'GET /v1/units/{uci}/label.json', async ({ params, query, who }) => {
    const { product, data } = await labelOf(services, who, params.uci, query.role);
    return { product: settingsOf(product), data: { ...data } };
  });
}

function manyLabelRoutes(on: On, { ledger, labels }: Services): void {
  const noted = async (filter: NoteBulkRead['filter'], count: number, { actor }: Principal): Promise<void> => {
    if (count > 0) await ledger.record({ kind: 'note-bulk-read', what: 'labels', filter, count, actor });
  };
  on(labelOperations, 'GET /v1/labels/data', async ({ query, who }) => {
    const { after, limit, role, ...asked } = query;
    const filter = present(asked);
    await refuseUnknown(ledger, who, filter);
    const { units, next } = await ledger.units({ after, limit, ...filter });
    // A roll has no row of its own in the ledger: it exists if it has units.
    const { reservation } = filter;
    if (reservation !== undefined && after === 0 && units.length === 0 && next === null)
      throw refusal('not-found', 'reservation', { reservation });
    const drawable = units.filter((unit) => !isEnded(unit));
    const labelled = await labelsOf(ledger, drawable, { role });
    const drawn = labelled.map(({ product, data }) => ({ product: settingsOf(product), data: { ...data } }));
    await noted({ ...filter, after }, drawn.length, who);
    return { labels: drawn, next };
  });
  on(labelOperations, 'POST /v1/labels', async ({ c, body, who, stillAllowed }) => {
    const job = jobOf(body);
    if ('filter' in job.selection) await refuseUnknown(ledger, who, job.selection.filter);
    const made = await unlessLeft(c, stillAllowed, (signal) => labels.many(job, nameOf(who), signal));
    await noted(saidOf(job.selection), made.labels, who).catch(async (error: unknown) => {
      await made.file.close();
      throw error;
    });
    return handOut(c, stillAllowed, made, {
      'content-type': TYPES[job.format],
      'claimstamp-labels': String(made.labels),
    });
  });
}

async function labelOf(services: Services, who: Principal, typed: string, role?: string): Promise<Labelled> {
  const { ledger } = services;
  const { unit } = await findUnit(services, who, typed);
  if (isEnded(unit)) throw refusal('unit-ended', 'noLabel');
  const [label] = await labelsOf(ledger, [unit], { role });
  return defined(label);
}

/**
 * Returns the filter as the event records it. For a list of Claim IDs, the filter contains only the number of units.
 */
function saidOf(selection: LabelJob['selection']): NoteBulkRead['filter'] {
  return 'units' in selection ? { units: selection.units.length } : present(selection.filter);
}

function jobOf(body: z.infer<typeof Job>): LabelJob {
  const {
    units,
    workOrder,
    reservation,
    product,
    station,
    status,
    sheet,
    start = 1,
    offsetX = 0,
    offsetY = 0,
    format,
    copies,
    template,
    role,
    dpi,
  } = body;
  const filter = present({ workOrder, reservation, product, station, status });
  return {
    selection: units === undefined ? { filter } : { units },
    format,
    copies,
    ...present({ template, role, dpi }),
    ...(sheet === undefined ? {} : { sheet: { name: sheet, start, offset: { x: offsetX, y: offsetY } } }),
  };
}
