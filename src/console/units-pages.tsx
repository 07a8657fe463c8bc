import { ClaimstampError } from '../platform/error.ts';
import { isKey } from '../platform/own.ts';
import { Icon } from './icons.tsx';
import { COMMON } from '../../words/console/common.ts';
import { ORDERS } from '../../words/console/order.ts';
import { STATION } from '../../words/console/station.ts';
import { UNITS } from '../../words/console/unit.ts';
import { SEARCH } from '../../words/console/search.ts';
import { addressOf, type FoundName } from './search-suggestions.tsx';
import { Card } from './pictures.tsx';
import { purposeForms } from './purpose-forms.tsx';
import { asked, Choice, Field, statuses } from './parts.tsx';
import {
  FoundAs,
  NO_FILTERS,
  OrderChip,
  Results,
  ROWS,
  searchName,
  SORTED_ROWS,
  type List,
  type Query,
} from './unit-results.tsx';
import { Why, type Pages, type PageContext } from './pages.tsx';

/** The names of the search parameters, as in the API. Links to /units must not contain any other parameters. */
const MEMBERS =
  'find contains prefix ending sort product station workOrder reservation status part shipped lost fact printed alarm exception from to newest after'.split(
    ' ',
  );

/** The unit pages for QA. On these pages, people search for units, read a unit's history, and void or scrap units. */
export function unitsPages(pages: Pages): void {
  pages.page(
    '/units',
    'units:list',
    async (page) => {
      const query = asked(page, MEMBERS);
      const named = await namesFor(page, query);
      const exact = named.find((one) => one.exact);
      // A person who enters the complete name of a work order wants that work order.
      if (exact !== undefined && !(await isUnit(page, query))) return page.c.redirect(addressOf(page, exact), 303);
      return { title: page.say(COMMON, 'units'), body: <Search page={page} query={query} named={named} /> };
    },
    { auditor: true },
  );
  purposeForms(pages);
}

/* Search for units */

/** Returns the names that contain the text of a search. Searches with other filters are for units only. */
async function namesFor(page: PageContext, query: Query): Promise<FoundName[]> {
  const { find: text } = query;
  const isAlone = Object.keys(query).every((name) => name === 'find' || name === 'newest');
  if (text === undefined || !isAlone || page.who.auditor !== undefined) return [];
  return (await page.call('GET /v1/search/suggestions', { query: { text } })).names;
}

/** True if the text of the search is also the complete S/N of a unit. */
async function isUnit({ call }: PageContext, { find }: Query): Promise<boolean> {
  const { units } = await call('GET /v1/units', { query: { serial: find, limit: 1 } });
  return units.length > 0;
}

async function Search({ page, query, named }: { page: PageContext; query: Query; named: FoundName[] }) {
  const { say, call } = page;
  // Each time a person reads a list of Claim IDs, the ledger records this. So the page searches only when the person
  // asks for a search.
  const { sort: _sort, ...api } = query;
  const isAsked = Object.keys(api).some((name) => !NO_FILTERS.includes(name) || name === 'newest');
  const found = isAsked
    ? await call('GET /v1/units', { query: { ...api, limit: query['sort'] === undefined ? ROWS : SORTED_ROWS } }).catch(
        (error: unknown) => refusal(error),
      )
    : undefined;
  const names = await page.productNames();
  const isRefused = found !== undefined && 'refused' in found;
  return (
    <>
      <div class="page-head">
        <h1>{found === undefined || isRefused ? say(COMMON, 'units') : headOf(page, found)}</h1>
        <Actions page={page} query={query} isEmpty={found === undefined || isRefused || found.units.length === 0} />
      </div>
      {found === undefined || isRefused ? null : <FoundAs page={page} found={found} query={query} />}
      {isAsked ? <Chips page={page} query={query} names={names} /> : null}
      {isAsked ? null : (
        <p class="soft">
          {say(UNITS, 'askFirst')} <a href="/units?newest=true">{say(UNITS, 'newestUnits')}</a>
        </p>
      )}
      <Filters page={page} query={query} names={names} open={!isAsked} />
      <NamesFound page={page} names={named} />
      {found === undefined ? null : isRefused ? (
        <p class="refused" role="alert">
          <Why page={page} error={found.refused} />
        </p>
      ) : (
        <Results page={page} found={found} query={query} />
      )}
    </>
  );
}

function headOf({ say }: PageContext, { units, next }: List): string {
  if (units.length === 0) return say(UNITS, 'nothingFound');
  if (next !== null) return say(UNITS, 'match.more', { count: units.length });
  return say(UNITS, units.length === 1 ? 'match.one' : 'match.many', { count: units.length });
}

/** The filters that an export supports. A search with any other filter cannot be exported. */
const IN_EXPORT = ['product', 'workOrder', 'station', 'status', 'from', 'to'];

function Actions({ page: { say, who }, query, isEmpty }: { page: PageContext; query: Query; isEmpty: boolean }) {
  const filters = Object.keys(query).filter((name) => !NO_FILTERS.includes(name));
  // A child process makes complete exports. Other lists are exported exactly as the page shows them.
  const isExport = filters.every((name) => IN_EXPORT.includes(name));
  const members = isExport || query['newest'] === undefined ? filters : [...filters, 'newest'];
  const address = new URLSearchParams(members.map((name): [string, string] => [name, query[name] ?? '']));
  const exports = !isEmpty && filters.length > 0 && (isExport || who.auditor === undefined);
  return (
    <div class="row">
      {exports && who.may.has('ledger:export') ? (
        <a
          class="btn is-brief"
          href={`/v1/${isExport ? 'ledger' : 'units'}.csv?${address.toString()}`}
          download="units.csv"
        >
          <Icon name="download" />
          <span>{say(UNITS, 'exportFound')}</span>
        </a>
      ) : null}
      {who.may.has('units:end') ? (
        <a class="btn" href="/units/end">
          {say(UNITS, 'endMany')}
        </a>
      ) : null}
    </div>
  );
}

/** The search filters that are in use. Each filter can be removed. */
function Chips({ page, query, names }: { page: PageContext; query: Query; names: [string, string][] }) {
  const { say } = page;
  const chips = Object.entries(query).filter(([name]) => !NO_FILTERS.includes(name));
  return (
    <ul class="chips" aria-label={say(UNITS, 'filters')}>
      {chips.map(([name, value]) => {
        const rest = new URLSearchParams(
          Object.entries(query).filter(([other]) => other !== name && other !== 'after'),
        );
        const label = filterName(page, name);
        const words = valueSaid(page, name, value, names);
        return (
          <li class="chip">
            {label}
            <b>{words}</b>
            <a
              href={`/units?${rest.toString()}`}
              aria-label={say(UNITS, 'withoutFilter', { filter: `${label} ${words}` })}
            >
              <Icon name="cross" />
            </a>
          </li>
        );
      })}
      <OrderChip page={page} query={query} />
    </ul>
  );
}

function filterName(page: PageContext, name: string): string {
  const { say } = page;
  const searched = searchName(page, name);
  if (searched !== undefined) return searched;
  if (['find', 'label', 'alarm', 'part', 'shipped', 'lost', 'fact'].includes(name) && isKey(UNITS.en, name))
    return say(UNITS, name);
  if (name === 'printed') return say(UNITS, 'label');
  return isKey(COMMON.en, name) ? say(COMMON, name) : name;
}

function valueSaid({ say }: PageContext, name: string, value: string, names: [string, string][]): string {
  if (name === 'part' && value === 'returned') return say(ORDERS, 'backNow');
  if (name === 'shipped') return say(UNITS, value === 'true' ? 'yes' : 'no');
  if (['status', 'part', 'fact'].includes(name) && isKey(COMMON.en, value)) return say(COMMON, value);
  const lost = `lost.${value}`;
  if (name === 'lost' && isKey(UNITS.en, lost)) return say(UNITS, lost);
  if (name === 'printed') return say(UNITS, 'noLabel');
  if (name === 'alarm') return say(UNITS, 'yes');
  if (name === 'product') return names.find(([id]) => id === value)?.[1] ?? value;
  return value;
}

interface FilterProps {
  page: PageContext;
  query: Query;
  names: [string, string][];
  open: boolean;
}

/** Work orders, products and other things whose name contains the text of the search. */
function NamesFound({ page, names }: { page: PageContext; names: FoundName[] }) {
  const { say } = page;
  if (names.length === 0) return null;
  return (
    <Card title={say(SEARCH, 'names')}>
      <div class="card-body">
        {names.map((one) => (
          <p>
            <a href={addressOf(page, one)}>
              {say(SEARCH, `kind.${one.kind}`, { name: one.name ?? '' })}{' '}
              <b>{one.name === undefined || one.kind === 'lot' ? one.id : `${one.name} (${one.id})`}</b>
            </a>
          </p>
        ))}
      </div>
    </Card>
  );
}

/** The search form. The form is collapsed, so that the results below it are in view. */
function Filters({ page: { say, who }, query, names, open }: FilterProps) {
  const any = ['', say(COMMON, 'any')] as const;
  return (
    <details class="card fold" open={open}>
      <summary>
        {say(UNITS, open ? 'filters' : 'addFilter')}
        <Icon name="down" />
      </summary>
      <form class="search" method="get" action="/units">
        <Field
          label={say(UNITS, 'find')}
          name="find"
          value={query['find']}
          hint={say(UNITS, who.auditor === undefined ? 'findHint' : 'findMasked')}
        />
        <Choice label={say(COMMON, 'product')} name="product" value={query['product']} of={[any, ...names]} />
        <Field label={say(COMMON, 'workOrder')} name="workOrder" value={query['workOrder']} />
        <Field label={say(COMMON, 'station')} name="station" value={query['station']} />
        <Choice label={say(COMMON, 'status')} name="status" value={query['status']} of={statuses(say)} />
        <Choice
          label={say(UNITS, 'label')}
          name="printed"
          value={query['printed']}
          of={[any, ['false', say(UNITS, 'noLabel')]]}
        />
        <Choice
          label={say(UNITS, 'alarm')}
          name="alarm"
          value={query['alarm']}
          of={[any, ['true', say(STATION, 'alarms')]]}
        />
        <Field label={say(COMMON, 'from')} name="from" type="date" value={query['from']} />
        <Field label={say(COMMON, 'to')} name="to" type="date" value={query['to']} />
        <button>{say(UNITS, 'search')}</button>
      </form>
    </details>
  );
}

function refusal(error: unknown): { refused: ClaimstampError } {
  if (error instanceof ClaimstampError) return { refused: error };
  throw error;
}
