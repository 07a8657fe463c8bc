import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { NAME_KINDS, type Found, type Sought } from '../../contract/search.ts';
import { isGrouped, parse, parseEnding, parsePrefix } from '../../model/claim-id.ts';
import { maskedUnit } from '../../model/masking.ts';
import { MAX_SENT } from '../../model/scan/read.ts';
import { MIN_PART, searchText } from '../../model/search/text.ts';
import { ENDS, FACTS, statusOf, type Unit } from '../../model/unit.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import type { Services } from '../services.ts';

const Figures = z
  .object({
    state: z.enum(['off', 'starting', 'building', 'ready', 'failed']).meta({
      description:
        '`building`: the index is being built for the first time. `failed`: the index cannot be updated at the moment, and the service tries again automatically',
    }),
    done: z.int().meta({ description: 'The number of events that the search covers' }),
    total: z.int().meta({ description: 'The number of events in the ledger' }),
    problem: z.enum(['disk-full', 'other']).optional(),
  })
  .meta({ id: 'Search', description: 'How much of the ledger the partial-match search covers' });

/** The maximum number of suggested names of each kind, and the maximum number of suggested units. */
const NAMES = 3;
const UNITS = 6;
const UNITS_BY_ENDING = 3;
/** How many of the newest units are read to find the best suggestions. */
const UNITS_READ = 30;
/** The index answers in short steps, each of which may find only some of the units. */
const STEPS = 4;

const Suggested = z.object({
  unit: z.string().meta({ description: 'The masked Claim ID. `GET /v1/units/{uci}` accepts it' }),
  serial: z.string().optional(),
  product: z.string(),
  station: z.string().optional(),
  status: z.enum([...FACTS, ...ENDS]),
  by: z.enum(['contains', 'ending']).meta({ description: 'A part of the S/N or identity, or the end of the Claim ID' }),
  found: z.object({ property: z.string(), value: z.string() }).optional().meta({
    description: 'The identity value that contains the text, if the S/N does not contain it',
  }),
});
export type Suggested = z.infer<typeof Suggested>;

export const searchOperations = {
  'GET /v1/search': {
    tag: 'units',
    summary: 'How much of the ledger the partial-match search covers',
    may: 'units:list',
    unattended: true,
    answer: Figures,
  },
  'GET /v1/search/suggestions': {
    tag: 'units',
    summary: 'Suggestions for text that is being typed: names and the newest units',
    description: 'Claim IDs are masked, so the ledger does not record who read suggestions.',
    may: 'units:list',
    unattended: true,
    query: z.strictObject({
      text: z
        .string()
        .trim()
        .min(1)
        .max(MAX_SENT)
        .meta({ examples: ['WO-1'] }),
    }),
    answer: z.object({
      search: Figures,
      names: z.array(
        z.object({
          kind: z.enum(NAME_KINDS),
          id: z.string(),
          name: z.string().optional(),
          exact: z
            .boolean()
            .optional()
            .meta({ description: 'True if the text is the complete name. Exact names come first' }),
        }),
      ),
      units: z.array(Suggested).meta({ description: 'First those whose S/N ends in the text, then other S/Ns' }),
      more: z.boolean().meta({ description: 'More units match than those in the list' }),
      prefix: z.string().optional().meta({ description: 'The text, if it could be the beginning of a Claim ID' }),
      ending: z.string().optional().meta({ description: 'The text, if it could be the end of a Claim ID' }),
      short: z.boolean().meta({ description: 'The text is too short for the partial-match search' }),
    }),
  },
  'POST /v1/search/rebuild': {
    tag: 'units',
    summary: 'Delete the search index and build a new one',
    description: 'Production continues while the index is built. Meanwhile, the search finds only some of the units.',
    may: 'ledger:backup',
    status: 202,
    answer: Figures,
    refusals: ['not-found'],
  },
} satisfies Declarations;

export function searchRoutes(on: On, services: Services): void {
  const { search } = services;
  on(searchOperations, 'GET /v1/search', async () => {
    await started(search);
    return search.figures();
  });
  on(searchOperations, 'GET /v1/search/suggestions', async ({ query: { text } }) => suggest(services, text));
  on(searchOperations, 'POST /v1/search/rebuild', async () => {
    search.rebuild();
    return search.figures();
  });
}

/**
 * After its start, the search process needs a moment to find out how much of the ledger the index file already covers.
 */
const START_MS = 2000;
const LOOK_EVERY_MS = 50;

async function started(search: Services['search']): Promise<void> {
  search.start();
  const end = performance.now() + START_MS;
  while (search.figures().state === 'starting' && performance.now() < end) await pause(LOOK_EVERY_MS);
}

async function suggest(services: Services, text: string) {
  const { search } = services;
  const part = searchText(text);
  const short = Array.from(part).length < MIN_PART;
  const prefix = isGrouped(text, 'begin') ? parsePrefix(text) : undefined;
  const ending = parse(text) === undefined && isGrouped(text, 'end') ? parseEnding(text) : undefined;
  const [names = [], contain, end] = await Promise.all([
    part === '' ? [] : search.names(part, NAMES),
    short ? NO_UNITS : unitsWith(services, { contains: part }, UNITS),
    ending === undefined ? NO_UNITS : unitsWith(services, { ending }, UNITS_BY_ENDING),
  ]);
  const suggested = ({ units, identities }: With, by: Suggested['by']): Suggested[] =>
    units.map((unit) => ({
      unit: maskedUnit(unit),
      product: unit.product,
      status: statusOf(unit),
      by,
      ...present({ serial: unit.serial, station: unit.station, found: identities[unit.id] }),
    }));
  return {
    search: search.figures(),
    names,
    units: [...suggested(contain, 'contains'), ...suggested(end, 'ending')],
    more: contain.more || end.more,
    ...present({ prefix, ending }),
    short,
  };
}

interface With extends Pick<Found, 'identities'> {
  units: Unit[];
  more: boolean;
}

const NO_UNITS: With = { units: [], identities: {}, more: false };

/** Returns the best of the newest units: S/Ns that end in the text, then other S/Ns, then identities. */
async function unitsWith({ search, ledger }: Services, sought: Sought, limit: number): Promise<With> {
  const ids: number[] = [];
  const identities: Found['identities'] = {};
  let after: number | null = 0;
  for (let step = 0; step < STEPS && after !== null && ids.length < UNITS_READ; step++) {
    const found = await search.find({ sought, after, newest: true, limit: UNITS_READ - ids.length });
    if (found === undefined) break;
    ids.push(...found.ids);
    Object.assign(identities, found.identities);
    after = found.next;
  }
  if (ids.length === 0) return { ...NO_UNITS, more: after !== null };
  const { units } = await ledger.units({ ids, after: 0, newest: true, limit: UNITS_READ });
  const text = 'contains' in sought ? sought.contains : '';
  const rankOf = ({ id, serial = '' }: Unit): number =>
    identities[id] !== undefined ? 2 : searchText(serial).endsWith(text) ? 0 : 1;
  const best = units.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, limit);
  return { units: best, identities, more: units.length > limit || after !== null };
}
