import { ClaimstampError } from '../platform/error.ts';
import { isKey } from '../platform/own.ts';
import { Icon } from './icons.tsx';
import type { Answer } from '../http/client.ts';
import type { Fact } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import { STATION } from '../../words/console/station.ts';
import { UNITS } from '../../words/console/unit.ts';
import { purposeForms } from './purpose-forms.tsx';
import { asked, Choice, Field, path, statuses, Table, Time } from './parts.tsx';
import { grouped } from './station-words.ts';
import { Status } from './unit-page.tsx';
import { Why, type Pages, type PageContext } from './pages.tsx';

/** The names of the search parameters, as in the API. Links to /units must not contain any other parameters. */
const SEARCH = 'find product station workOrder reservation status printed alarm exception from to newest after'.split(
  ' ',
);

const ROWS = 50;

/**
 * The pages of units for QA. On these pages, people search for units, read a unit's history, and void or scrap units.
 */
export function unitsPages(pages: Pages): void {
  pages.page(
    '/units',
    'units:list',
    async (page) => ({
      title: page.say(COMMON, 'units'),
      body: <Search page={page} query={asked(page, SEARCH)} />,
    }),
    { auditor: true },
  );
  purposeForms(pages);
}

/* Search for units */

type List = Answer<'GET /v1/units'>;

async function Search({ page, query }: { page: PageContext; query: Query }) {
  const { say, call } = page;
  // The ledger records that a person has read a list of Claim IDs. So the page searches only when the user asks for it.
  const isAsked = Object.keys(query).length > 0;
  const found = isAsked
    ? await call('GET /v1/units', { query: { ...query, limit: ROWS } }).catch((error: unknown) => refusal(error))
    : undefined;
  const { products } = await call('GET /v1/products');
  const names = products.map(({ id, name }): [string, string] => [id, name ?? id]);
  const isRefused = found !== undefined && 'refused' in found;
  return (
    <>
      <div class="page-head">
        <h1>{found === undefined || isRefused ? say(COMMON, 'units') : headOf(page, found)}</h1>
        <Actions page={page} query={query} />
      </div>
      {isAsked ? <Chips page={page} query={query} names={names} /> : null}
      {found === undefined ? null : isRefused ? (
        <p class="refused" role="alert">
          <Why page={page} error={found.refused} />
        </p>
      ) : (
        <Results page={page} found={found} query={query} />
      )}
      <Filters page={page} query={query} names={names} open={!isAsked} />
    </>
  );
}

type Query = Record<string, string>;

function headOf({ say }: PageContext, { units, next }: List): string {
  if (units.length === 0) return say(UNITS, 'nothingFound');
  if (next !== null) return say(UNITS, 'match.more', { count: units.length });
  return say(UNITS, units.length === 1 ? 'match.one' : 'match.many', { count: units.length });
}

/** The filters that an export supports. A search with any other filter cannot be exported. */
const IN_EXPORT = ['product', 'workOrder', 'station', 'status', 'from', 'to'];

function Actions({ page: { say, who }, query }: { page: PageContext; query: Query }) {
  const filters = Object.keys(query).filter((name) => name !== 'newest' && name !== 'after');
  const exports = filters.length > 0 && filters.every((name) => IN_EXPORT.includes(name));
  const address = new URLSearchParams(filters.map((name): [string, string] => [name, query[name] ?? '']));
  return (
    <div class="row">
      {exports && who.may.has('ledger:export') ? (
        <a class="btn is-brief" href={`/v1/ledger.csv?${address.toString()}`} download="units.csv">
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

/** The search filters that are in use. Each of them can be removed. */
function Chips({ page, query, names }: { page: PageContext; query: Query; names: [string, string][] }) {
  const { say } = page;
  const chips = Object.entries(query).filter(([name]) => name !== 'newest' && name !== 'after');
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
    </ul>
  );
}

function filterName({ say }: PageContext, name: string): string {
  if (name === 'find' || name === 'label' || name === 'alarm') return say(UNITS, name);
  if (name === 'printed') return say(UNITS, 'label');
  return isKey(COMMON.en, name) ? say(COMMON, name) : name;
}

function valueSaid({ say }: PageContext, name: string, value: string, names: [string, string][]): string {
  if (name === 'status' && isKey(COMMON.en, value)) return say(COMMON, value);
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

/** The search form. The results come first, so the form below them is collapsed. */
function Filters({ page: { say, who }, query, names, open }: FilterProps) {
  const any = ['', say(COMMON, 'any')] as const;
  return (
    <details class="card fold" open={open}>
      <summary>
        {say(UNITS, 'filters')}
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

function Results({ page, found, query }: { page: PageContext; found: List; query: Query }) {
  const { say } = page;
  return (
    <div id="found">
      {found.units.length === 0 ? (
        <div class="card blank">
          <Icon name="find" />
          <p>{say(UNITS, 'findHelp')}</p>
        </div>
      ) : (
        <UnitTable page={page} units={found.units} />
      )}
      {found.next === null ? null : (
        <p class="row">
          <a class="btn" href={`/units?${new URLSearchParams({ ...query, after: String(found.next) }).toString()}`}>
            {say(COMMON, 'more')}
          </a>
        </p>
      )}
    </div>
  );
}

export interface Row {
  uci: string;
  serial?: string | undefined;
  station?: string | undefined;
  workOrder?: string | undefined;
  status: Fact;
  facts: Partial<Record<Fact, string>>;
}

export function UnitTable({ page, units }: { page: PageContext; units: readonly Row[] }) {
  const { say } = page;
  return (
    <Table
      caption={say(COMMON, 'units')}
      heads={(['claimId', 'serial', 'status', 'station', 'workOrder', 'issued'] as const).map((head) =>
        say(COMMON, head),
      )}
    >
      {units.map(({ uci, serial, station, workOrder, status, facts }) => (
        <tr>
          <th scope="row">
            <a class="row" href={path('units', uci)}>
              <code>{grouped(uci)}</code>
            </a>
          </th>
          <td>{serial ?? '–'}</td>
          <td>
            <Status page={page} status={status} />
          </td>
          <td>{station ?? '–'}</td>
          <td>{workOrder ?? '–'}</td>
          <td>{facts.issued === undefined ? '–' : <Time page={page} at={facts.issued} />}</td>
        </tr>
      ))}
    </Table>
  );
}
