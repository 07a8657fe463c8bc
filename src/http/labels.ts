import { Readable } from 'node:stream';
import { Hono } from 'hono';
import { z } from 'zod';
import { ClaimstampError } from '../error.ts';
import { labelData, type LabelData, type LabelFormat, type LabelJob } from '../labels.ts';
import { Name, ProductId, type Product } from '../product.ts';
import { parse } from '../uci.ts';
import { ENDS, FACTS, isEnded } from '../unit.ts';
import type { Actor } from './auth.ts';
import type { Line } from './line.ts';
import { check, present, readJson } from './read.ts';

const TYPES: Record<LabelFormat, string> = {
  pdf: 'application/pdf',
  zpl: 'application/zpl',
  svg: 'image/svg+xml',
  png: 'image/png',
};

const Dpi = z.coerce.number().pipe(z.union([z.literal(203), z.literal(300), z.literal(600)]));
const Choice = z.strictObject({ template: Name.optional(), dpi: Dpi.optional() });

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
    /** Claim IDs, in the order to print. */
    units: z.array(Uci).min(1).max(100_000).optional(),
    ...Filter,
    format: z.enum(['pdf', 'zpl']).default('pdf'),
    template: Name.optional(),
    sheet: Name.optional(),
    /** The first free label of the sheet. */
    start: z.int().min(1).optional(),
    copies: z.int().min(1).max(100).default(1),
    dpi: Dpi.optional(),
  })
  .refine(({ units, workOrder, reservation, product, station, status }) => {
    return (
      (units !== undefined) !== [workOrder, reservation, product, station, status].some((part) => part !== undefined)
    );
  }, 'name either "units" or a filter: workOrder, reservation, product, station, status')
  .refine(({ sheet, start }) => sheet !== undefined || start === undefined, '"start" needs a sheet');

const DataPage = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(500),
  ...Filter,
});

/** A list of 100,000 Claim IDs of 20 letters. Bytes */
const MAX_JOB_BYTES = 4 * 1024 * 1024;

export function labelRoutes({ ledger, labels }: Line): Hono<Actor> {
  const app = new Hono<Actor>();

  for (const format of ['pdf', 'zpl', 'svg', 'png'] as const) {
    app.get(`/units/:uci/label.${format}`, async (c) => {
      const choice = present(check(Choice, c.req.query()));
      const { product, data } = await labelOf(c.req.param('uci'));
      const bytes = await labels.one(data, format, choice, product);
      return c.body(Uint8Array.from(bytes), 200, { 'content-type': TYPES[format], 'cache-control': 'no-store' });
    });
  }
  /** What the label says, for who draws it: the command line does. */
  app.get('/units/:uci/label.json', async (c) => c.json(await labelOf(c.req.param('uci'))));

  app.get('/label-templates', (c) => c.json({ templates: labels.templates() }));

  /** What the labels of a filter say, page by page, for who draws them: the command line does. */
  app.get('/labels/data', async (c) => {
    const { after, limit, ...filter } = check(DataPage, c.req.query());
    const { units, next } = await ledger.units({ after, limit, ...present(filter) });
    const bodies = await ledger.bodies(units);
    const products = new Map((await ledger.products()).map((product) => [product.id, product]));
    const workOrders = new Map((await ledger.workOrders()).map((workOrder) => [workOrder.id, workOrder]));
    const drawn = units.flatMap((unit, index) => {
      const product = products.get(unit.product);
      if (product === undefined || isEnded(unit)) return [];
      return [{ product, data: labelData(unit, product, workOrders.get(unit.workOrder ?? ''), bodies[index]) }];
    });
    return c.json({ labels: drawn, next });
  });

  app.post('/labels', async (c) => {
    const job = jobOf(await readJson(c, Job, MAX_JOB_BYTES));
    const made = await labels.many(job);
    const headers = {
      'content-type': TYPES[job.format],
      'content-length': String(made.bytes),
      'cache-control': 'no-store',
      'claimstamp-labels': String(made.labels),
    };
    return c.body(Readable.toWeb(made.stream) as ReadableStream, 200, headers);
  });
  return app;

  async function labelOf(typed: string): Promise<{ product: Product; data: LabelData }> {
    const uci = parse(typed);
    const unit = uci === undefined ? undefined : (await ledger.unit(uci))?.unit;
    if (!unit) throw new ClaimstampError('not-found', 'there is no unit with this Claim ID');
    if (isEnded(unit)) throw new ClaimstampError('unit-ended', 'a void or scrapped unit has no label');
    const product = (await ledger.products()).find(({ id }) => id === unit.product) as Product;
    const workOrder = (await ledger.workOrders()).find(({ id }) => id === unit.workOrder);
    const [body] = await ledger.bodies([unit]);
    return { product, data: labelData(unit, product, workOrder, body) };
  }
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
    format,
    copies,
    template,
    dpi,
  } = body;
  const filter = present({ workOrder, reservation, product, station, status });
  return {
    selection: units === undefined ? { filter } : { units },
    format,
    copies,
    ...present({ template, dpi }),
    ...(sheet === undefined ? {} : { sheet: { name: sheet, start } }),
  };
}
