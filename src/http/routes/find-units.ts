import { z } from 'zod';
import type { Ledger, UnitList, UnitPage } from '../../contract/ledger.ts';
import type { Found, Sought } from '../../contract/search.ts';
import { EXCEPTIONS } from '../../model/exceptions/kinds.ts';
import { LINK } from '../../model/link/link.ts';
import { Name, ProductId } from '../../model/product.ts';
import { PLACES } from '../../model/figures.ts';
import { identityKey } from '../../model/identity/spelling.ts';
import { parse, parseEnding, parsePrefix } from '../../model/claim-id.ts';
import { MIN_PART, searchText } from '../../model/search/text.ts';
import { textsIn } from '../../model/scan/clean.ts';
import { MAX_SENT, TOLD, type Told } from '../../model/scan/read.ts';
import { ENDS, FACTS } from '../../model/unit.ts';
import { refusal } from '../../platform/error.ts';
import { trimInvisible } from '../../platform/invisible.ts';
import { defined } from '../../platform/own.ts';
import type { Principal } from '../auth.ts';
import { codeIdentity, unmasked } from '../find-unit.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { After, Limit, Next } from '../schemas.ts';
import { UnitAnswer, unitJson } from '../unit-schemas.ts';
import { moment, When } from '../time-params.ts';

/** Text that a person typed or scanned in order to find units. */
const Typed = z.string().overwrite(trimInvisible).min(1).max(MAX_SENT);

/** The filters of a search, without the parameters for paging. */
export const UnitFilter = z.strictObject({
  newest: z
    .literal('true')
    .transform(() => true as const)
    .optional()
    .meta({ description: 'True to list the newest units first' }),
  find: Typed.optional().meta({
    description:
      'A complete Claim ID, S/N or identity value, a part of an S/N or identity value, or the first or last characters of a Claim ID',
  }),
  serial: Typed.optional().meta({ description: 'The S/N; void units are also found' }),
  identity: Typed.optional().meta({
    description: 'The value of an identity property; void units have no identity',
  }),
  prefix: z
    .string()
    .transform((typed, context) => {
      const prefix = parsePrefix(typed);
      if (prefix === undefined)
        context.addIssue({ code: 'custom', message: 'must be the first 3 to 20 characters of a Claim ID' });
      return prefix ?? z.NEVER;
    })
    .optional()
    .meta({ description: 'The first characters of the Claim ID, at least three, in any spelling' }),
  contains: z
    .string()
    .transform((typed, context) => {
      const part = searchText(typed);
      if (Array.from(part).length < MIN_PART)
        context.addIssue({ code: 'custom', message: `must have at least ${MIN_PART} letters or digits` });
      return part;
    })
    .optional()
    .meta({ description: 'A part of the S/N or of an identity value, without separators; case does not matter' }),
  ending: z
    .string()
    .transform((typed, context) => {
      const end = parseEnding(typed);
      if (end === undefined)
        context.addIssue({ code: 'custom', message: 'must be the last 2 to 20 characters of a Claim ID' });
      return end ?? z.NEVER;
    })
    .optional()
    .meta({ description: 'The last characters of the Claim ID, at least two, in any spelling' }),
  from: When.optional().meta({
    description:
      'Units issued at this time or later. For a unit that has not been issued, the time of its reservation counts. Days are in the time zone of the service (TZ)',
  }),
  to: When.optional().meta({ description: 'Units from before this time, or until the end of this day' }),
  product: ProductId.optional(),
  station: Name.optional(),
  workOrder: Name.optional(),
  reservation: Name.optional(),
  status: z.enum([...FACTS, ...ENDS]).optional(),
  part: z.enum(PLACES).optional().meta({
    description:
      'Where issued units are now, as `now` in a reconciliation. `returned`: came back and has not been released again',
  }),
  shipped: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({ description: 'Issued units that are on a shipping list now (`true`), or are not on any (`false`)' }),
  lost: z.enum(['labelled', 'verified', 'registered']).optional().meta({
    description:
      'Issued units that completed the step before this one, but not this one. The steps are issued, labelled, verified, registered, as in a reconciliation',
  }),
  fact: z
    .enum(FACTS)
    .optional()
    .meta({ description: 'Units that have reached this state; they may also have reached later states' }),
  alarm: z
    .literal('true')
    .transform(() => true as const)
    .optional()
    .meta({ description: 'Units whose Claim ID was last reported by another device' }),
  exception: z
    .enum([...EXCEPTIONS, 'file'])
    .optional()
    .meta({
      description:
        'Units with this open exception (`GET /v1/exceptions`). `file`: units made as firmware files that no device has used yet',
    }),
  printed: z
    .literal('false')
    .transform(() => false as const)
    .optional()
    .meta({ description: 'Issued units that do not have a label yet' }),
});
const Page = UnitFilter.extend({ after: After, limit: Limit.default(100) });
type Asked = z.infer<typeof Page>;

const MATCHED = ['uci', 'serial', 'identity', 'contains', 'prefix', 'ending'] as const;
type Matched = (typeof MATCHED)[number];

/** The searches that find units by a part of a value. */
const PIECES = ['contains', 'prefix', 'ending'] as const;

export const findOperations = {
  'GET /v1/units': {
    tag: 'units',
    summary: 'Find units, in the order they were made, page by page',
    description:
      'A page may have fewer units than `limit`, or even none, although there is a next page. For each page with units, the ledger records the reader and the number of Claim IDs.',
    may: 'units:list',
    auditor: 'masked',
    query: Page,
    answer: z.object({
      units: z.array(
        UnitAnswer.extend({
          found: z.object({ property: z.string(), value: z.string() }).optional().meta({
            description:
              'In a search by a part of a value: the identity value that contains the text, if the S/N does not contain it',
          }),
        }).meta({ id: 'FoundUnit' }),
      ),
      next: Next,
      told: z
        .enum(TOLD)
        .optional()
        .meta({ description: 'The reason why the service could not use `find` as a scanned code' }),
      matched: z.enum(MATCHED).optional().meta({ description: 'How the service interpreted `find`' }),
    }),
  },
} satisfies Declarations;

export function findRoutes(on: On, services: Services): void {
  on(findOperations, 'GET /v1/units', async ({ query, who, missed }) => {
    // If auditors could search by a part of a value, they could find out a Claim ID character by character.
    if (who.auditor !== undefined && PIECES.some((name) => query[name] !== undefined))
      throw refusal('not-for-auditors', 'prefix');
    const { units, identities, next, matched, told } = await pageOf(services, query, who);
    if (query.find !== undefined && matched === undefined && who.auditor !== undefined) missed();
    if (units.length > 0) {
      const filter = { ...said(query), ...(matched === undefined ? {} : { find: matched }) };
      const read = { kind: 'note-bulk-read', what: 'units', filter, count: units.length } as const;
      await services.ledger.record({ ...read, actor: who.actor });
    }
    const found = units.map((unit) => ({ ...unitJson(unit), ...present({ found: identities?.[unit.id] }) }));
    return { units: found, next, ...present({ matched, told }) };
  });
}

/**
 * Returns the filter as the event records it. The event shows the kind of search, but not the value searched for.
 */
export function said({ find: _find, limit: _limit, newest: _newest, contains, ending, ...asked }: Asked): {
  [name: string]: string | number | boolean;
} {
  const find = contains === undefined ? (ending === undefined ? undefined : 'ending') : 'contains';
  return present({ ...asked, find });
}

export async function pageOf(
  services: Services,
  { find, ...asked }: Asked,
  { auditor }: Principal,
): Promise<Listed & { matched?: Matched; told?: Told }> {
  const page = { ...readPage(services, asked), ...auditor };
  const { ledger } = services;
  const read = (asks: Searched): Promise<Listed> =>
    auditor === undefined ? searchedPage(services, asks) : visiblePage(ledger, asks);
  if (find === undefined) return read(page);
  const known = auditor === undefined ? undefined : await unmasked(services, find);
  const { told, text } = known === undefined ? await readFind(services, find) : { text: known };
  for (const [matched, by] of meanings(services, text, find)) {
    if (auditor !== undefined && PIECES.some((piece) => piece === matched)) continue;
    const found = await read({ ...page, ...by });
    const isSome = found.units.length > 0 || found.next !== null;
    // The first page decides how the text is interpreted. Later pages use the same interpretation, even if they are
    // empty.
    if (isSome || (page.after > 0 && (await isAny(read, { ...page, ...by })))) return { ...found, matched };
  }
  // An auditor is not told how a text was interpreted, because that depends on the S/Ns and identities of all products.
  return { units: [], next: null, ...(auditor === undefined ? present({ told }) : {}) };
}

/** Returns the code that a scan refers to, spelled as in the ledger. Any other text is returned as it was typed. */
async function readFind({ ledger, config }: Services, find: string): Promise<{ text: string; told?: Told }> {
  const scans = await ledger.scanned(find, { identity: codeIdentity(config) }).catch(() => []);
  const [scan] = scans;
  if (scan === undefined || scans.length > 1) return { text: find };
  const { meaning } = scan;
  if ('claimId' in meaning) return { text: meaning.claimId };
  if ('serial' in meaning) return { text: meaning.serial };
  if ('identity' in meaning) return { text: meaning.identity.value };
  const told = 'told' in meaning && meaning.told !== 'not-ours' ? meaning.told : undefined;
  return { text: textsIn(find)[0] ?? find, ...present({ told }) };
}

/**
 * Returns a page that contains no unit of another product. The next page begins after this page's last visible unit. If
 * this page has no units, it is the last page. So an auditor cannot count the units of other products.
 */
async function visiblePage(ledger: Ledger, page: UnitPage): Promise<UnitList> {
  let list = await ledger.units(page);
  while (list.units.length === 0 && list.next !== null) list = await ledger.units({ ...page, after: list.next });
  return { ...list, next: list.next === null ? null : defined(list.units.at(-1)).id };
}

/** A page of units. `contains` and `ending` need the search index. */
type Searched = UnitPage & { contains?: string; ending?: string };

type Listed = UnitList & Partial<Pick<Found, 'identities'>>;

/** How long, in ms, a request keeps searching for units that also match the other filters. */
const SEARCH_MS = 300;

async function searchedPage({ ledger, search }: Services, { contains, ending, ...page }: Searched): Promise<Listed> {
  const sought: Sought | undefined =
    contains === undefined ? (ending === undefined ? undefined : { ending }) : { contains };
  if (sought === undefined) return ledger.units(page);
  const { newest, limit } = page;
  const end = performance.now() + SEARCH_MS;
  for (let after = page.after; ;) {
    const found = await search.find({ sought, after, limit, ...present({ newest }) });
    if (found === undefined) return { units: [], next: null };
    const { ids, identities, next } = found;
    const units = ids.length === 0 ? [] : (await ledger.units({ ...page, ids, after })).units;
    if (units.length > 0 || next === null || performance.now() > end) return { units, next, identities };
    after = next;
  }
}

async function isAny(read: (page: Searched) => Promise<UnitList>, page: Searched): Promise<boolean> {
  const { units, next } = await read({ ...page, after: 0, limit: 1 });
  return units.length > 0 || next !== null;
}

function readPage({ config }: Services, { from, to, identity, ...rest }: Omit<Asked, 'find'>): Searched {
  return {
    ...present(rest),
    ...(from === undefined ? {} : { from: moment(from, 'begin') }),
    ...(to === undefined ? {} : { to: moment(to, 'end') }),
    ...(identity === undefined ? {} : { identity: { value: identity, ...searchedIdentity(config) } }),
  };
}

/** A typed MAC also finds the unit whose link address is this MAC. */
function searchedIdentity({ identityProperties, identityMacs }: Services['config']) {
  return { properties: [...identityProperties, LINK], macs: [...identityMacs, LINK] };
}

/** Returns the possible meanings of the text, the most likely one first. An S/N never looks like a Claim ID. */
function meanings({ config }: Services, text: string, find: string): [Matched, Partial<Searched>][] {
  const uci = parse(text);
  const prefix = parsePrefix(text);
  const part = searchText(text);
  const ending = uci === undefined ? parseEnding(text) : undefined;
  const found: [Matched, Partial<Searched>][] = [
    ['serial', { serial: text }],
    ['identity', { identity: { value: text, ...searchedIdentity(config) } }],
  ];
  if (uci !== undefined) found.unshift(['uci', { uci }]);
  // A MAC such as a4-c1-38-aa-0-1 can also be read as a Claim ID. But that reading loses the boundaries between the
  // MAC's bytes, so the original text is tried too.
  if (text !== find && identityKey(find) !== undefined)
    found.push(['identity', { identity: { value: find, ...searchedIdentity(config) } }]);
  if (Array.from(part).length >= MIN_PART) found.push(['contains', { contains: part }]);
  if (prefix !== undefined) found.push(['prefix', { prefix }]);
  if (ending !== undefined) found.push(['ending', { ending }]);
  return found;
}
