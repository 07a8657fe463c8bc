import { z } from 'zod';
import { identityRules } from '../../config.ts';
import { readBody } from '../../model/body.ts';
import { isDamagedMac } from '../../model/identity/spelling.ts';
import type { IdentityRules } from '../../model/identity/placeholders.ts';
import { type ErrorCode, isCode, refusal } from '../../platform/error.ts';
import { openTurns } from '../../platform/turns.ts';
import { parseLine } from '../../model/event.ts';
import { gatherProblems } from '../../decide/imports/check-units.ts';
import { MAX_IMPORT } from '../../decide/imports/import-units.ts';
import type { ImportedUnit } from '../../model/imports/imported-unit.ts';
import { withLink } from '../../model/link/link-identity.ts';
import { LINK } from '../../model/link/link.ts';
import type { UnitHistory } from '../../contract/ledger.ts';
import { MAX_UNITS_AT_ONCE } from '../../decide/make-units.ts';
import { isInPool } from '../../decide/pools/draw.ts';
import { Name, ProductId, type Product } from '../../model/product.ts';
import { isSerial } from '../../model/serial.ts';
import type { Unit } from '../../model/unit.ts';
import { purposeOf, type Purpose, type WorkOrder } from '../../model/work-order.ts';
import { isCanonical } from '../../model/claim-id.ts';
import { openViews } from '../unit-views.ts';
import { deviceJson5, fileUnit } from '../device-zip.ts';
import { findUnit } from '../find-unit.ts';
import { findRoutes } from './find-units.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { EventAnswer, MadeAnswer, shownTime, UnitParams } from '../schemas.ts';
import { HistoryAnswer, unitJson } from '../unit-schemas.ts';

const Serial = z.string().refine(isSerial, 'must be 1 to 32 letters, digits, ". _ / -" or spaces');

/** The limit on the total is far above the number of units that any factory makes at once. */
const Of = z.int().min(1).max(1_000_000_000).optional().meta({
  description:
    'If you make units in several calls: the total for all calls. The first call is refused if the S/N counter has too few numbers left for all of them',
});

const MakeBody = z.strictObject({
  product: ProductId,
  count: z.int().min(1).max(MAX_UNITS_AT_ONCE).default(1),
  of: Of,
  workOrder: Name.optional(),
  serial: Serial.optional(),
});

const ReserveBody = z.strictObject({
  name: Name,
  product: ProductId,
  count: z.int().min(1).max(MAX_UNITS_AT_ONCE),
  of: Of,
});

const ImportBody = z.strictObject({
  as: z.enum(['issued', 'reserved']).default('issued'),
  check: z.literal(true).optional().meta({
    description: 'Check only: the service answers as for an import, but imports nothing',
  }),
  units: z
    .array(
      z.strictObject({
        place: z.string().max(260).meta({ description: 'The position of the Claim ID in a file; messages show it' }),
        uci: z.string().refine(isCanonical, 'must be a Claim ID of 10 to 20 characters'),
        device: z
          .record(z.string(), z.unknown())
          .meta({ description: "The rest of the device's device.json5; `product` is required" }),
        as: z
          .enum(['issued', 'reserved'])
          .optional()
          .meta({ description: 'Needed only if it differs from the `as` of the entire import' }),
        serial: Serial.optional().meta({ description: 'The S/N, if the device did not send it' }),
        workOrder: Name.optional(),
        reservation: Name.optional().meta({ description: 'The roll that the unit comes from' }),
        identifiedBy: z.array(z.string().max(64)).max(16).optional().meta({
          description:
            "The properties that identified the unit. The import is refused if one of these is not an identity property in the service's settings",
        }),
        ends: z
          .array(
            z.strictObject({
              type: z.enum(['void', 'scrapped']),
              reason: z.string().min(1).max(64),
              note: z.string().min(1).max(200).optional(),
            }),
          )
          .max(2)
          .optional()
          .meta({ description: 'How the unit ended (void or scrapped), oldest first' }),
      }),
    )
    .min(1)
    .max(MAX_IMPORT),
});

/** Large enough for the largest import with a large device section for every unit. */
const MAX_IMPORT_BYTES = 32 * 1024 * 1024;

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';

const unit = {
  tag: 'units',
  may: 'units:read',
  kiosk: 'own-unit',
  lookup: true,
  params: UnitParams,
} as const;

const Noted = z
  .object({
    count: z.int(),
    first: z.array(z.string()).meta({ description: 'The places of the first few of these units' }),
  })
  .optional();

export const unitOperations = {
  'POST /v1/units': {
    tag: 'units',
    summary: 'Issue units manually',
    description:
      'Makes units for firmware files, or for a single device. The Claim IDs are durable before the service answers.',
    may: 'units:make',
    body: MakeBody,
    example: { product: PRODUCT, count: 2 },
    status: 201,
    answer: MadeAnswer,
    refusals: [
      'product-unknown',
      'not-found',
      'wrong-product',
      'order-required',
      'work-order-closed',
      'over-issue',
      'serial-taken',
      'serial-of-pattern',
      'serial-like-claim-id',
      'serials-exhausted',
      'pool-exhausted',
      'clock-wrong',
      'lot-missing',
    ],
    once: true,
  },
  'POST /v1/reservations': {
    tag: 'units',
    summary: 'Reserve units for a pre-printed roll',
    may: 'units:make',
    body: ReserveBody,
    example: { name: 'roll-7', product: PRODUCT, count: 2 },
    status: 201,
    answer: MadeAnswer.extend({ name: z.string() }),
    refusals: ['product-unknown', 'serials-exhausted', 'pool-exhausted', 'clock-wrong', 'lot-missing'],
    once: true,
  },
  'POST /v1/units/import': {
    tag: 'units',
    summary: 'Import Claim IDs that were made elsewhere. If one unit is refused, no unit is imported',
    may: 'units:make',
    lookup: true,
    body: ImportBody,
    bodyLimit: MAX_IMPORT_BYTES,
    longList: { name: 'units', most: MAX_IMPORT },
    example: {
      units: ['JT08FFQXWQ', 'JT08FFQXWR', 'JT08FFQXWS', 'JT08FFQXWT', 'JT08FFQXWV'].map((uci, index) => ({
        place: `line ${index + 1}`,
        uci,
        device: { product: PRODUCT, name: 'Thermostat' },
      })),
    },
    status: 201,
    answer: z.object({ imported: z.int(), unidentified: Noted, notMacs: Noted, inPools: Noted }),
    refusals: [
      'product-unknown',
      'product-missing',
      'not-found',
      'wrong-product',
      'work-order-closed',
      'duplicate',
      'serial-taken',
      'serial-of-pattern',
      'serial-like-claim-id',
      'identity-conflict',
    ],
    once: true,
  },
  'GET /v1/units/{uci}': {
    ...unit,
    auditor: 'masked',
    summary: 'One unit: its facts, its identity and the body that its agent sent',
    answer: HistoryAnswer,
  },
  'GET /v1/units/{uci}/events': {
    ...unit,
    auditor: 'masked',
    summary: "A unit's events, in ledger order and byte for byte",
    answer: z.object({ events: z.array(EventAnswer) }),
  },
  'GET /v1/units/{uci}/device.json5': {
    ...unit,
    summary: "The unit's device.json5, for its firmware",
    file: {
      types: ['text/plain'],
      description: 'JSON5 with `id`, `product`, and the numbers from the pools of the product',
    },
  },
} satisfies Declarations;

export function unitRoutes(on: On, services: Services): void {
  findRoutes(on, services);
  makeRoutes(on, services);
  importRoute(on, services);
  oneUnitRoutes(on, services);
}

function makeRoutes(on: On, { ledger, config }: Services): void {
  const strict = config.products === 'strict';
  on(unitOperations, 'POST /v1/units', async ({ body, who, once }) =>
    ledger.record({
      kind: 'make',
      as: 'issued',
      ...present(body),
      strict,
      site: config.site,
      actor: who.actor,
      ...once,
    }),
  );

  on(unitOperations, 'POST /v1/reservations', async ({ body, who, once }) => {
    const { name, ...rest } = present(body);
    const make = { kind: 'make', as: 'reserved', ...rest, reservation: name, strict, site: config.site } as const;
    return { name, ...(await ledger.record({ ...make, actor: who.actor, ...once })) };
  });
}

function importRoute(on: On, { imports, config, ledger }: Services): void {
  const strict = config.products === 'strict';
  const rules = identityRules(config);
  on(unitOperations, 'POST /v1/units/import', async ({ body, who, once, missed }) => {
    const units: ImportedUnit[] = [];
    const problems = gatherProblems();
    const noted = openNotes(body.as, rules, await ledger.products());
    const turn = openTurns();
    for (const { device, ...unit } of body.units) {
      if (problems.isFull()) break;
      await turn();
      problems.at(unit.place, () => void units.push(noted.unit(readUnit(unit, device, rules))));
    }
    const command = { kind: 'import', as: body.as, units, strict, site: config.site, actor: who.actor } as const;
    const guessed = (): void => missed(Math.ceil(units.length / UNITS_A_MISS));
    if (problems.hasAny()) {
      // The ledger also checks the units that passed the first check, so that one refusal lists the problems from both
      // checks.
      if (units.length > 0) await imports.import({ ...command, check: true }).catch(problems.addAll);
      guessed();
      problems.refuse();
    }
    const answer = await imports.import({ ...command, check: body.check }, once.once).catch((error: unknown) => {
      if (LEDGER_TELLS.some((code) => isCode(error, code))) guessed();
      throw error;
    });
    if (body.check && !who.may.has('units:list')) guessed();
    return { ...answer, ...noted.all() };
  });
}

function oneUnitRoutes(on: On, services: Services): void {
  const noteView = openViews(services);
  on(unitOperations, 'GET /v1/units/{uci}', async ({ c, params, who }) => {
    const history = await findUnit(services, who, params.uci);
    await noteView(who, history.unit);
    const { workOrder } = history.unit;
    const order = workOrder === undefined ? undefined : await services.ledger.workOrder(workOrder);
    const signedOff = await signedOffJson(services, history.unit, order);
    return c.body(historyJson(history, purposeOf(order), signedOff), 200, JSON_TYPE);
  });
  on(unitOperations, 'GET /v1/units/{uci}/events', async ({ c, params, who }) => {
    const { lines } = await findUnit(services, who, params.uci);
    return c.body(`{"events":[${lines.join(',')}]}`, 200, JSON_TYPE);
  });
  on(unitOperations, 'GET /v1/units/{uci}/device.json5', async ({ c, params, who }) =>
    c.text(deviceJson5(fileUnit((await findUnit(services, who, params.uci)).unit))),
  );
}

/**
 * If an import is refused, the answer names the first wrong units. So the refusal reveals that the ledger does not
 * contain the units listed before these. Many callers may import units but not look them up, so a refused import counts
 * as a list of guesses. A successful check reveals that the ledger contains none of the units, and changes nothing. So
 * the check counts as well, unless the caller may list all units.
 */
const LEDGER_TELLS: ErrorCode[] = [
  'invalid',
  'serial-like-claim-id',
  'duplicate',
  'serial-taken',
  'serial-of-pattern',
  'identity-conflict',
  'product-unknown',
  'serials-exhausted',
];

/**
 * Up to twenty imports of a hundred units each can fail in a row without any wait. After a failed import of 20,000
 * units, the next look-up has to wait nine minutes. At this rate, in a ledger with a million Claim IDs of 50 bits,
 * guessing finds one Claim ID a year.
 */
const UNITS_A_MISS = 100;

/** The maximum number of places in a note. */
const MAX_PLACES = 5;

/** Counts the units of an import that have no identity, an invalid MAC, or a number of a pool. */
function openNotes(as: 'issued' | 'reserved' | undefined, { macs }: IdentityRules, products: Product[]) {
  const [unidentified, notMacs, inPools]: [string[], string[], string[]] = [[], [], []];
  const withPools = products.filter(({ pools = [] }) => pools.length > 0);
  const note = (places: string[]): z.infer<typeof Noted> =>
    places.length === 0 ? undefined : { count: places.length, first: places.slice(0, MAX_PLACES) };
  return {
    unit({ unfilled, ...unit }: ImportedUnit): ImportedUnit {
      const isLabel = (unit.as ?? as) === 'reserved' && unfilled === undefined;
      if (unit.identity.length === 0 && !isLabel && unit.ends === undefined) unidentified.push(unit.place);
      if (unit.identity.some(([name, , key]) => macs.includes(name) && key === undefined)) notMacs.push(unit.place);
      if (withPools.some((product) => isInPool(product, unit.identity))) inPools.push(unit.place);
      return unit;
    },
    all: () => present({ unidentified: note(unidentified), notMacs: note(notMacs), inPools: note(inPools) }),
  };
}

function readUnit(unit: Omit<UnitToImport, 'device'>, device: object, config: IdentityRules): ImportedUnit {
  const rules = unit.identifiedBy?.includes(LINK) ? withLink(config) : config;
  const { product, ...body } = readBody(Buffer.from(JSON.stringify(device)), rules);
  if (product === undefined) throw refusal('product-missing', 'line');
  const unknown = unit.identifiedBy?.find((name) => !rules.properties.includes(name));
  if (unknown !== undefined) throw refusal('invalid', 'identityNotSet', { name: unknown });
  // A unit from an export has `identifiedBy`. The unit's identity is what the device itself sent, so it may be a
  // damaged MAC.
  const damaged = body.identity.find(([name, value]) => rules.macs.includes(name) && isDamagedMac(value));
  if (damaged !== undefined && unit.identifiedBy === undefined)
    throw refusal('invalid', 'damagedMac', { name: damaged[0] });
  const { ends, ...rest } = unit;
  const ended = ends === undefined ? {} : { ends: ends.map((end) => present(end)) };
  return { ...present(rest), ...body, product, ...ended };
}

type UnitToImport = z.infer<typeof ImportBody>['units'][number];

const JSON_TYPE = { 'content-type': 'application/json' };

type SignedOff = z.infer<typeof HistoryAnswer>['signedOff'];

async function signedOffJson(
  { ledger }: Services,
  { uci }: Pick<Unit, 'uci'>,
  order: WorkOrder | undefined,
): Promise<SignedOff> {
  if (order?.closed === undefined) return undefined;
  const { seq, at, by } = order.closed;
  const reason = await ledger.signedOff(uci, seq);
  return reason === undefined ? undefined : { at: shownTime(at), by, seq, reason };
}

/**
 * A unit with its history. `attributes` is inserted as text, because it must be identical to the agent's body, byte for
 * byte.
 */
function historyJson(
  { unit, identity, lines, repeats, sourceChanges }: UnitHistory,
  purpose: Purpose,
  signedOff: SignedOff,
): string {
  const attributes = lines.map(parseLine).find((event) => event.seq === unit.issuedSeq)?.attributes;
  const body: Record<string, unknown> = attributes === undefined ? {} : JSON.parse(attributes);
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const json = JSON.stringify({
    ...unitJson(unit),
    name: text(body['name']),
    model: text(body['model']),
    identity: Object.fromEntries(identity),
    repeats: repeats ? { count: repeats.count, lastAt: new Date(repeats.lastAt).toISOString() } : { count: 0 },
    sourceChanges,
    purpose: purpose === 'production' ? undefined : purpose,
    signedOff,
    events: lines.length,
  });
  return attributes === undefined ? json : `${json.slice(0, -1)},"attributes":${attributes}}`;
}
