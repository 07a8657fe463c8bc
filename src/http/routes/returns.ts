import { z } from 'zod';
import type { ReturnedUnit } from '../../contract/returns.ts';
import { notRead } from '../../decide/scans/codes.ts';
import { Name } from '../../model/product.ts';
import { DISPOSITIONS, RETURN_ENDS } from '../../model/unit.ts';
import { MAX_SENT } from '../../model/scan/read.ts';
import { refusal } from '../../platform/error.ts';
import { codeIdentity, scannedId } from '../find-unit.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { After, Limit, Next, Uci } from '../schemas.ts';
import { LifeAnswer, lifeJson } from '../unit-schemas.ts';
import type { Services } from '../services.ts';

const Rma = Name.meta({ description: 'The RMA number', examples: ['RMA-17'] });
const Note = z.string().trim().min(1, 'omit the note, or enter a note that is not empty').max(200).optional();
const ReturnBody = z.strictObject({
  rma: Rma,
  reason: z
    .string()
    .trim()
    .min(1, 'write a reason')
    .max(200)
    .meta({ description: 'The reason for the return, such as the fault that the customer reported' }),
  disposition: z.enum(DISPOSITIONS).meta({ description: 'What should happen to the unit' }),
  note: Note,
});
const Count = z.int().min(0);
const Summary = z
  .object({
    rma: z.string(),
    received: Count.meta({ description: 'Returns of this RMA: the sum of the other numbers' }),
    open: Count,
    ...({ shipped: Count, scrapped: Count, void: Count, kept: Count } satisfies Record<
      (typeof RETURN_ENDS)[number],
      typeof Count
    >),
  })
  .meta({ id: 'ReturnSummary', description: 'The reconciliation of an RMA. Each return counts once' });
const Answered = z.object({ uci: z.string(), rma: z.string() }).meta({ id: 'UnitReturned' });
const Listed = z
  .object({
    seq: z.int().meta({ description: 'The number of this return' }),
    uci: z.string(),
    serial: z.string().optional(),
    product: z.string(),
    workOrder: z.string().optional(),
    life: LifeAnswer,
    by: z.string(),
    note: z.string().optional(),
  })
  .meta({ id: 'ReturnedUnit', description: 'A unit of an RMA, with its facts since this return' });

const DESCRIPTION =
  'The unit begins another life: it remains issued, but must be verified again. The figures of its work order stay the same. Receiving the same unit again under the same RMA changes nothing.';
const receiving = {
  tag: 'units',
  may: 'units:return',
  lookup: true,
  description: DESCRIPTION,
  answer: Answered,
  refusals: ['not-found', 'unit-ended', 'not-returnable', 'return-open', 'station-busy'],
} as const satisfies Partial<Declaration>;
const example = { rma: 'RMA-17', reason: 'does not start', disposition: 'rework' } as const;
const UnitPath = z.object({ uci: Uci });

export const returnOperations = {
  'POST /v1/returns': {
    ...receiving,
    summary: 'Receive a returned unit by a scanned code: Claim ID, S/N or identity',
    body: ReturnBody.extend({ code: z.string().min(1).max(MAX_SENT) }),
    example: { code: 'JT08FFQXWQ', ...example },
    refusals: [...receiving.refusals, 'invalid'],
  },
  'POST /v1/units/{uci}/return': {
    ...receiving,
    summary: 'Receive a returned unit',
    params: UnitPath,
    body: ReturnBody,
    example,
  },
  'POST /v1/units/{uci}/return/close': {
    tag: 'units',
    may: 'units:return',
    lookup: true,
    summary: 'Close the return of a unit that has left the factory again, or that the factory keeps',
    description: 'Scrapping or voiding a unit closes its return without this request.',
    params: UnitPath,
    body: z.strictObject({ how: z.enum(['shipped', 'kept']), note: Note }),
    example: { how: 'shipped' },
    answer: Answered,
    refusals: ['not-found', 'return-closed'],
  },
  'GET /v1/returns': {
    tag: 'units',
    may: 'units:list',
    summary: 'RMAs, in descending order of their numbers',
    query: z.strictObject({
      after: Name.optional().meta({ description: '`next` of the page before' }),
      limit: Limit.default(100),
      open: z
        .literal('true')
        .transform(() => true as const)
        .optional()
        .meta({ description: 'Only RMAs with an open return' }),
    }),
    answer: z.object({ returns: z.array(Summary), next: z.string().nullable() }),
  },
  'GET /v1/returns/{rma}': {
    tag: 'units',
    may: 'units:list',
    summary: 'One RMA: its reconciliation and its units',
    description: 'The ledger records the reader and the number of Claim IDs.',
    params: z.object({ rma: Rma }),
    query: z.strictObject({ after: After, limit: Limit.default(100) }),
    answer: Summary.extend({ units: z.array(Listed), next: Next }).meta({ id: 'Return' }),
    refusals: ['not-found'],
  },
} satisfies Declarations;

export function returnRoutes(on: On, services: Services): void {
  const { ledger, config } = services;
  on(returnOperations, 'POST /v1/returns', async ({ body: { code, ...body }, who }) => {
    const [scan, ...others] = await ledger.scanned(code, { identity: codeIdentity(config) });
    if (scan === undefined || 'nothing' in scan.meaning) throw refusal('invalid', 'noCode');
    if (scan.unit === undefined || others.some(({ unit }) => unit?.uci !== scan.unit?.uci)) throw notRead(scan);
    return ledger.record({ kind: 'return-unit', uci: scan.unit.uci, ...present(body), actor: who.actor });
  });
  on(returnOperations, 'POST /v1/units/{uci}/return', async ({ params, body, who }) => {
    const uci = await scannedId(services, params.uci);
    return ledger.record({ kind: 'return-unit', uci, ...present(body), actor: who.actor });
  });
  on(returnOperations, 'POST /v1/units/{uci}/return/close', async ({ params, body, who }) => {
    const uci = await scannedId(services, params.uci);
    return ledger.record({ kind: 'close-return', uci, ...present(body), actor: who.actor });
  });
  on(returnOperations, 'GET /v1/returns', async ({ query }) => {
    const returns = await ledger.returns(present(query));
    return { returns, next: returns.length < query.limit ? null : (returns.at(-1)?.rma ?? null) };
  });
  on(returnOperations, 'GET /v1/returns/{rma}', async ({ params: { rma }, query: { after, limit }, who }) => {
    const found = await ledger.returned(rma, after, limit);
    if (found === undefined) throw refusal('not-found', 'rma', { rma });
    const { summary, units } = found;
    if (units.length > 0) {
      const read = { kind: 'note-bulk-read', what: 'units', filter: { rma }, count: units.length } as const;
      await ledger.record({ ...read, actor: who.actor });
    }
    const listed = units.map(listedJson);
    return { ...summary, units: listed, next: units.length < limit ? null : (listed.at(-1)?.seq ?? null) };
  });
}

function listedJson({ unit, life, by, note }: ReturnedUnit): z.infer<typeof Listed> {
  const { uci, product, serial, workOrder } = unit;
  const seq = life.return?.seq ?? 0;
  return { seq, uci, product, life: lifeJson(life), by, ...present({ serial, workOrder, note }) };
}
