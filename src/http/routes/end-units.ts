import { z } from 'zod';
import { MAX_ENDED, type EndUnits } from '../../decide/end-units.ts';
import { isCode, refusal } from '../../platform/error.ts';
import { scannedId } from '../find-unit.ts';
import type { Services } from '../services.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Uci } from '../schemas.ts';

const Reason = z.strictObject({
  reason: z.string().meta({ description: 'One of the codes that GET /v1/reasons lists' }),
  note: z.string().trim().min(1, 'omit the note, or enter a note that is not empty').max(200).optional(),
});

const Typed = z.string().max(40);
const ListBody = Reason.extend({
  units: z
    .array(
      z.union([
        Typed,
        z.strictObject({
          uci: Typed,
          place: z.string().max(80).meta({ description: 'The position of the Claim ID in a file; messages show it' }),
        }),
      ]),
    )
    .min(1)
    .max(MAX_ENDED)
    .meta({ description: 'Claim IDs as people type them. If one is refused, no unit is changed' }),
});

/** Large enough for the longest list with a Claim ID and a place for each unit. */
const MAX_LIST_BYTES = 1024 * 1024;

/**
 * A refused list reveals which Claim IDs are in the ledger. So a refused list counts as one miss for every hundred
 * units. At this rate, a single typing error in a list causes no wait.
 */
const UNITS_A_MISS = 100;

type End = EndUnits['kind'];

const MAY = { void: 'units:void', scrap: 'units:end' } as const;

const SUMMARIES = {
  void: 'Retire a Claim ID permanently, and free its identity',
  scrap: 'The device of this unit is destroyed',
} as const;
const EXAMPLES = {
  void: { uci: 'JT08FFQXWR', units: ['JT08FFQXWT'], reason: 'label-damaged' },
  scrap: { uci: 'JT08FFQXWS', units: ['JT08FFQXWV'], reason: 'test-failed' },
} as const;

const endingOne = (kind: End) =>
  ({
    tag: 'units',
    summary: SUMMARIES[kind],
    may: MAY[kind],
    lookup: true,
    params: z.object({ uci: Uci.meta({ examples: [EXAMPLES[kind].uci] }) }),
    body: Reason,
    example: { reason: EXAMPLES[kind].reason, note: 'torn during application' },
    answer: z.object({ uci: z.string() }),
    refusals: ['not-found', 'unit-ended', 'station-busy'],
  }) satisfies Declaration;

const endingList = (kind: End) =>
  ({
    tag: 'units',
    summary: `${SUMMARIES[kind]}for a list of units: either all units or none`,
    description: 'A refusal describes the problems of the first twenty refused units, with their position in the list.',
    may: MAY[kind],
    lookup: true,
    body: ListBody,
    bodyLimit: MAX_LIST_BYTES,
    example: { units: EXAMPLES[kind].units, reason: EXAMPLES[kind].reason },
    answer: z.object({ ended: z.int() }),
    refusals: ['not-found', 'unit-ended', 'station-busy'],
    once: true,
  }) satisfies Declaration;

export const endingOperations = {
  'POST /v1/units/{uci}/void': endingOne('void'),
  'POST /v1/units/void': endingList('void'),
  'POST /v1/units/{uci}/scrap': endingOne('scrap'),
  'POST /v1/units/scrap': endingList('scrap'),
  'GET /v1/reasons': {
    tag: 'units',
    summary: 'Reason codes for void and scrap, from the settings',
    may: 'catalog:read',
    answer: z.object({ void: z.array(z.string()), scrap: z.array(z.string()) }),
  },
} satisfies Declarations;

export function endingRoutes(on: On, services: Services): void {
  on(endingOperations, 'GET /v1/reasons', async () => ({
    void: services.config.voidReasons,
    scrap: services.config.scrapReasons,
  }));
  for (const kind of ['void', 'scrap'] as const) {
    oneRoute(on, services, kind);
    listRoute(on, services, kind);
  }
}

function oneRoute(on: On, services: Services, kind: End): void {
  on(endingOperations, `POST /v1/units/{uci}/${kind}`, async ({ params, body, who }) => {
    const uci = await scannedId(services, params.uci);
    await services.ledger.record({ kind, units: [{ uci }], ...reasonFor(services, kind, body), actor: who.actor });
    return { uci };
  });
}

function listRoute(on: On, services: Services, kind: End): void {
  on(endingOperations, `POST /v1/units/${kind}`, async ({ body: { units: typed, ...why }, who, once, missed }) => {
    const units = await readList(services, typed);
    const ending = { kind, units, ...reasonFor(services, kind, why), actor: who.actor, ...once } as const;
    const ended = await services.ledger.record(ending).catch((error: unknown) => {
      // When this error is thrown, operation.ts also counts one miss, so one is subtracted here.
      if (isCode(error, 'not-found')) missed(Math.ceil(units.length / UNITS_A_MISS) - 1);
      throw error;
    });
    return { ended: ended.units.length };
  });
}

function reasonFor(
  { config }: Services,
  kind: End,
  { reason, note }: z.infer<typeof Reason>,
): Pick<EndUnits, 'reason' | 'note'> {
  const codes = kind === 'void' ? config.voidReasons : config.scrapReasons;
  if (!codes.includes(reason)) throw refusal('invalid', 'noReason', { reason, reasons: codes.join(', ') });
  if (reason === 'other' && note === undefined) throw refusal('invalid', 'noteMissing');
  return { reason, ...present({ note }) };
}

/** Refuses malformed Claim IDs before looking up any unit. */
async function readList(services: Services, typed: z.infer<typeof ListBody>['units']): Promise<EndUnits['units']> {
  const wrong: string[] = [];
  const units: { uci: string; place: string }[] = [];
  for (const [index, one] of typed.entries()) {
    const [text, place] = typeof one === 'string' ? [one, `line ${index + 1}`] : [one.uci, one.place];
    try {
      units.push({ uci: await scannedId(services, text), place });
    } catch (error) {
      if (!isCode(error, 'not-found')) throw error;
      wrong.push(place);
    }
  }
  if (wrong.length === 0) return units;
  const more = wrong.length > NAMED ? `, and ${wrong.length - NAMED} more` : '';
  throw refusal('invalid', 'notClaimIds', { places: `${wrong.slice(0, NAMED).join(', ')}${more}` });
}

/** The maximum number of places that a refusal's text names. */
const NAMED = 20;
