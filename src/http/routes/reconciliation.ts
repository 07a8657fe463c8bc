import { z } from 'zod';
import { isCode, refusal } from '../../platform/error.ts';
import { Name } from '../../model/product.ts';
import { MAX_SIGNED_OFF, type SignOff } from '../../decide/orders/close-order.ts';
import type { ReportOptions } from '../../contract/reports.ts';
import type { Scope } from '../../decide/reconcile.ts';
import { PARTS, type Place } from '../../model/figures.ts';
import { parse } from '../../model/claim-id.ts';
import { ENDS, FACTS } from '../../model/unit.ts';
import { WorkOrderDefinition, type NotForSale } from '../../model/work-order.ts';
import { sees } from '../auditor.ts';
import type { Principal } from '../auth.ts';
import { present } from '../read-body.ts';
import { handOut } from '../send-file.ts';
import { nameOf } from '../auth.ts';
import type { Services } from '../services.ts';
import type { Ask, Declaration, Declarations, On } from '../operation.ts';
import { CLOSING, Count, PartCounts, Time, WorkOrderParams } from '../schemas.ts';
import { dayBegins, shiftsRange } from '../../platform/day.ts';

const Figures = z
  .object({
    issued: Count.meta({ description: 'The sum of the four parts' }),
    parts: PartCounts,
    facts: z
      .object({ printed: Count, verified: Count, reported: Count, registered: Count })
      .meta({ description: 'Issued units that have reached this state, including void and scrapped units' }),
    shipped: Count.optional().meta({ description: 'Issued units that are on a shipping list. Absent if none' }),
    notForSale: z
      .object({ engineering: Count.optional(), sample: Count.optional(), reference: Count.optional() } satisfies Record<
        NotForSale,
        unknown
      >)
      .optional()
      .meta({ description: 'Issued units that must not be shipped, by reason. Absent if none' }),
    returned: Count.optional().meta({ description: 'Issued units that were returned later. Absent if none' }),
    labels: z.object({
      units: Count.meta({
        description: 'Units that may have a label. For a roll, these include units without a device',
      }),
      copies: Count.meta({ description: 'Labels printed, at most' }),
      reprints: z.array(z.object({ reason: z.string(), copies: Count })),
      failed: Count.meta({ description: 'Print jobs that failed' }),
      unknown: Count.meta({ description: 'Print jobs whose outcome is unknown' }),
      roles: z
        .record(
          z.string(),
          z.object({
            units: Count,
            copies: Count,
            reprinted: Count,
            unused: Count.meta({ description: 'Labels of units that are void or scrapped, or that no device got' }),
            failed: Count,
            unknown: Count,
          }),
        )
        .optional()
        .meta({
          description:
            'The same figures for each label role, such as `box`. Absent if every label has the role `device`',
        }),
    }),
  })
  .meta({ id: 'Figures' });

const Fact = z.enum([...FACTS, ...ENDS]);
const Listed = z
  .object({
    uci: z.string(),
    serial: z.string().optional(),
    status: Fact,
    facts: z.partialRecord(Fact, Time),
    station: z.string().optional(),
    labels: Count.optional().meta({ description: 'Labels printed, at most' }),
    roleLabels: z
      .record(z.string(), Count)
      .optional()
      .meta({ description: 'Labels of each role, if there are several' }),
    reprints: z.array(z.string()).optional().meta({ description: 'The reason for each reprint' }),
    reason: z.string().optional().meta({ description: 'Reason for voiding, scrapping or signing off the unit' }),
    note: z.string().optional(),
    by: z.string().optional(),
  })
  .meta({ id: 'ListedUnit' });

const ByStep = z.object({ labelled: Count, verified: Count, registered: Count });
const Way = z
  .object({
    issued: Count,
    labelled: Count.meta({ description: 'Issued units whose label may have been printed' }),
    verified: Count,
    registered: Count,
    lost: ByStep.meta({ description: 'Units that completed the step before, but not this one' }),
    gained: ByStep.meta({ description: 'Units that completed this step, but not the step before' }),
  })
  .meta({ id: 'Way', description: 'How far the issued units came, from the Claim ID to the device cloud' });

const Now = Figures.extend({
  parts: z.object({
    void: Count,
    scrapped: Count,
    released: Count,
    returned: Count.meta({ description: 'Came back and has not been released again' }),
    unaccounted: Count,
  } satisfies Record<Place, typeof Count>),
  back: z
    .object({ void: Count, scrapped: Count, released: Count, returned: Count })
    .meta({ description: 'The current state of the units that were returned at least once' }),
}).meta({ id: 'NowFigures', description: 'The current figures. A returned unit counts in its current life' });

const Since = z
  .object({
    at: Time,
    now: Now.meta({ description: 'Where the units are at this time' }),
    figures: Figures.meta({
      description: 'The current production figures. A returned unit counts in its first life',
    }),
    way: Way,
    counts: z.object({
      void: Count,
      scrapped: Count,
      returned: Count,
      afterReturn: Count.meta({ description: 'Units that were voided or scrapped after a return' }),
    }),
    units: z.array(
      Listed.omit({ status: true })
        .extend({
          status: z.enum(['void', 'scrapped', 'returned']),
          at: Time,
          by: z.string(),
          shipped: z.string().optional().meta({ description: 'The shipping list that the unit was on' }),
          rma: z.string().optional(),
        })
        .meta({ id: 'ListedLater' }),
    ),
  })
  .meta({
    id: 'SinceClosing',
    description: 'What happened to the units after the work order was closed. A unit may be listed more than once',
  });

export const ReportAnswer = z
  .object({
    at: Time,
    treeSize: z.int(),
    root: z
      .string()
      .optional()
      .meta({ description: 'Root of the tree of that size, in hexadecimal. Absent in a report for an auditor' }),
    workOrder: WorkOrderDefinition.optional(),
    productName: z.string().optional(),
    closed: z.object({ at: Time, by: z.string(), seq: z.int() }).optional(),
    ...CLOSING,
    reservation: z.string().optional(),
    from: Time.optional(),
    to: Time.optional(),
    figures: Figures.meta({ description: 'For a closed work order: the figures at the closing' }),
    way: Way.optional(),
    now: Now.optional().meta({ description: 'Where the units of an open work order are now. If closed: see `since`' }),
    since: Since.optional(),
    roll: z
      .object({ reserved: Count, given: Count, voided: Count, left: Count })
      .optional()
      .meta({ description: 'reserved = given + voided + left' }),
    lists: z.partialRecord(z.enum([...PARTS, 'left']), z.array(Listed)),
    signedOff: z.array(Listed).optional(),
    cut: z
      .literal(true)
      .optional()
      .meta({ description: 'Lists are shortened here: for complete lists, use `report.json`' }),
  })
  .meta({ id: 'Reconciliation', description: 'Each issued unit counts once, in the first category that applies' });

const Limited = z.strictObject({
  limit: z.coerce.number().int().min(0).max(1000).default(100).meta({ description: 'Units per list' }),
});

const Day = z.iso.date().meta({
  description: 'A day in the time zone of the service (TZ), from midnight to midnight',
  examples: ['2026-11-25'],
});

const OfDay = z.strictObject({
  day: Day,
  shifts: z
    .literal('true')
    .optional()
    .meta({ description: 'The shifts that begin on the day (`CLAIMSTAMP_SHIFTS`), instead of midnight to midnight' }),
});

const OfClosed = z.strictObject({
  since: z.literal('true').optional().meta({
    description:
      'Also lists the units that were voided, scrapped or returned after the closing. Without this parameter, the file of a closed work order never changes.',
  }),
});

const WhySigned = z.string().trim().min(1, 'write a reason').max(200);
const CloseBody = z.strictObject({
  signOff: z
    .union([
      z.strictObject({ all: WhySigned }),
      z.array(z.strictObject({ uci: z.string().max(40), reason: WhySigned })).max(MAX_SIGNED_OFF),
    ])
    .optional()
    .meta({ description: 'The reason for each unaccounted unit, or one reason for all unaccounted units' }),
});

/** Large enough for 20,000 units with a reason for each. */
const MAX_CLOSE_BYTES = 4 * 1024 * 1024;

const ReservationParams = z.object({ name: Name.meta({ description: 'A roll', examples: ['roll-7'] }) });

const NOTED =
  'The report does not slow down the production line. The ledger records who read the report, and the number of Claim IDs.';
const reading = { may: 'units:list', query: Limited, answer: ReportAnswer } as const;
const closing = { tag: 'catalog', may: 'orders:close', params: WorkOrderParams } as const;
const whole = { may: 'units:list', description: NOTED } as const;
const wholeJson = (what: string) =>
  ({ ...whole, summary: `The reconciliation of ${what} with complete lists`, answer: ReportAnswer }) as const;
const wholePdf = (what: string) =>
  ({
    ...whole,
    summary: `The reconciliation of ${what}, ready to sign: a page of figures, then the lists`,
    file: { types: ['application/pdf'], description: 'A4' },
  }) satisfies Partial<Declaration>;
const ofOrder = { tag: 'catalog', params: WorkOrderParams } as const;
const ofClosed = { ...ofOrder, query: OfClosed } as const;
const ofDay = { tag: 'units', query: OfDay } as const;
const ofRoll = { tag: 'units', params: ReservationParams } as const;

export const reconciliationOperations = {
  'GET /v1/work-orders/{id}/reconciliation': {
    ...reading,
    auditor: 'as-made',
    tag: 'catalog',
    summary: 'Reconcile the units of a work order',
    description: NOTED,
    params: WorkOrderParams,
  },
  'GET /v1/work-orders/{id}/counts': {
    ...ofOrder,
    may: 'orders:read',
    summary: 'Count the units of a work order',
    description: 'The figures of the reconciliation, with empty lists. So the answer contains no Claim IDs.',
    answer: ReportAnswer,
  },
  'GET /v1/reconciliation': {
    ...reading,
    tag: 'units',
    summary: 'Reconcile the units issued on a day',
    description: NOTED,
    query: Limited.extend(OfDay.shape),
  },
  'GET /v1/reservations/{name}': {
    ...reading,
    auditor: 'as-made',
    tag: 'units',
    summary: 'Reconcile the labels of a roll: how many were issued, voided and left over',
    description: NOTED,
    params: ReservationParams,
  },
  'GET /v1/work-orders/{id}/report.json': { ...ofClosed, ...wholeJson('a work order'), auditor: 'as-made' },
  'GET /v1/work-orders/{id}/report.pdf': { ...ofClosed, ...wholePdf('a work order'), auditor: 'as-made' },
  'GET /v1/reconciliation/report.json': { ...ofDay, ...wholeJson('a day') },
  'GET /v1/reconciliation/report.pdf': { ...ofDay, ...wholePdf('a day') },
  'GET /v1/reservations/{name}/report.json': { ...ofRoll, ...wholeJson('a roll'), auditor: 'as-made' },
  'GET /v1/reservations/{name}/report.pdf': { ...ofRoll, ...wholePdf('a roll'), auditor: 'as-made' },
  'POST /v1/work-orders/{id}/close': {
    ...closing,
    summary: 'Close a work order, so that it accepts no more units',
    description:
      'The request is refused while a unit of the work order is open or armed at a station. The request is also refused while any unit is unaccounted for and not signed off. A child process counts the units, so agents do not wait. During the count, the work order accepts no more units.',
    body: CloseBody,
    bodyLimit: MAX_CLOSE_BYTES,
    example: { signOff: { all: 'sent back to engineering' } },
    answer: z.object({ workOrder: z.string(), seq: z.int(), figures: Figures, signedOff: Count }),
    refusals: ['not-found', 'work-order-closed', 'station-busy', 'station-armed', 'leftovers', 'busy'],
    lookup: true,
    once: true,
  },
  'POST /v1/work-orders/{id}/reopen': {
    ...closing,
    summary: 'Reopen a closed work order',
    body: z.strictObject({ reason: WhySigned }),
    example: { reason: 'a pallet was found' },
    answer: z.object({ workOrder: z.string() }),
    refusals: ['not-found', 'work-order-open'],
    description: 'If the work order is being closed at this moment, the closing is cancelled.',
    once: true,
  },
} satisfies Declarations;

export function reconciliationRoutes(on: On, services: Services): void {
  readingRoutes(on, services);
  reportRoutes(on, services);
  closingRoutes(on, services);
}

function readingRoutes(on: On, services: Services): void {
  on(reconciliationOperations, 'GET /v1/work-orders/{id}/reconciliation', async (ask) =>
    answer(ask, services, { workOrder: ask.params.id }, 'json', { limit: ask.query.limit, since: true }),
  );
  on(reconciliationOperations, 'GET /v1/work-orders/{id}/counts', async (ask) =>
    answer(ask, services, { workOrder: ask.params.id }, 'json', { limit: 0, since: true }),
  );
  on(reconciliationOperations, 'GET /v1/reconciliation', async (ask) =>
    answer(ask, services, dayScope(services, ask.query), 'json', { limit: ask.query.limit }),
  );
  on(reconciliationOperations, 'GET /v1/reservations/{name}', async (ask) =>
    answer(ask, services, { reservation: ask.params.name }, 'json', { limit: ask.query.limit }),
  );
}

/** Adds the operations that answer with complete reports, including all lists. */
function reportRoutes(on: On, services: Services): void {
  for (const format of FORMATS)
    on(reconciliationOperations, `GET /v1/work-orders/{id}/report.${format}`, async (ask) =>
      answer(ask, services, { workOrder: ask.params.id }, format, { since: ask.query.since === 'true' }),
    );
  for (const format of FORMATS)
    on(reconciliationOperations, `GET /v1/reconciliation/report.${format}`, async (ask) =>
      answer(ask, services, dayScope(services, ask.query), format),
    );
  for (const format of FORMATS)
    on(reconciliationOperations, `GET /v1/reservations/{name}/report.${format}`, async (ask) =>
      answer(ask, services, { reservation: ask.params.name }, format),
    );
}

const FORMATS = ['json', 'pdf'] as const;

function closingRoutes(on: On, { ledger, closing: orders }: Services): void {
  on(reconciliationOperations, 'POST /v1/work-orders/{id}/close', async (ask) => {
    const { params, body, who, once, missed, stillAllowed } = ask;
    const signOff = body.signOff === undefined ? {} : { signOff: readSignOff(body.signOff) };
    const request = { workOrder: params.id, ...signOff, actor: who.actor, by: nameOf(who), stillAllowed, ...once };
    return orders.close(request).catch((error: unknown) => {
      // The check of a list stops at the first Claim ID that does not belong to a leftover unit of the work order. So a
      // refused list counts as one guess.
      if (isCode(error, 'invalid')) missed();
      throw error;
    });
  });
  on(reconciliationOperations, 'POST /v1/work-orders/{id}/reopen', async ({ params, body, who, once }) =>
    ledger.record({ kind: 'reopen-work-order', workOrder: params.id, ...body, actor: who.actor, ...once }),
  );
}

function readSignOff(signOff: NonNullable<z.infer<typeof CloseBody>['signOff']>): SignOff {
  if ('all' in signOff) return signOff;
  return signOff.map(({ uci: typed, reason }, index) => {
    const uci = parse(typed);
    if (uci === undefined) throw refusal('invalid', 'signOff', { index });
    return { uci, reason };
  });
}

function dayScope({ config }: Services, { day, shifts }: z.infer<typeof OfDay>): Scope {
  return shifts === 'true' ? shiftsRange(config.shifts, day) : { from: dayBegins(day), to: dayBegins(day, 1) };
}

/** Refuses unknown names before a child process is started. For an auditor, other products do not exist. */
export async function refuseAbsent(ledger: Services['ledger'], scope: Scope, who: Principal): Promise<void> {
  const order = 'workOrder' in scope ? await ledger.workOrder(scope.workOrder) : undefined;
  if ('workOrder' in scope && (order === undefined || !sees(who, order.product)))
    throw refusal('not-found', 'workOrder', { workOrder: scope.workOrder });
  if (
    'reservation' in scope &&
    (await ledger.units({ ...scope, ...who.auditor, after: 0, limit: 1 })).units.length === 0
  )
    throw refusal('not-found', 'reservation', { reservation: scope.reservation });
}

/** A child process makes the report. The report is sent only after the ledger has recorded who is reading it. */
async function answer(
  { c, who, stillAllowed }: Pick<Ask<Declaration>, 'c' | 'who' | 'stillAllowed'>,
  { reports, ledger }: Services,
  scope: Scope,
  format: 'json' | 'pdf',
  options: Pick<ReportOptions, 'limit' | 'since'> = {},
): Promise<Response> {
  const type = { 'content-type': format === 'json' ? 'application/json' : 'application/pdf' };
  await refuseAbsent(ledger, scope, who);
  // A HEAD request reads no Claim IDs, so the service makes no file for it.
  if (c.req.method === 'HEAD') return c.body(null, 200, type);
  const { auditor } = who;
  const drawn = await reports.draw(scope, format, nameOf(who), present({ ...options, auditor }));
  const { count } = drawn.made;
  if (count > 0) {
    const read = { kind: 'note-bulk-read', what: 'report', filter: { ...scope }, count } as const;
    await ledger.record({ ...read, actor: who.actor }).catch(async (error: unknown) => {
      await drawn.file.close();
      throw error;
    });
  }
  return handOut(c, stillAllowed, drawn, type);
}
