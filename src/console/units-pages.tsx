import { ClaimstampError } from '../platform/error.ts';
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

/** The names of the search parameters in the API. A link to /units must not contain any other parameters. */
const SEARCH = 'find product station workOrder status printed alarm from to newest after'.split(' ');

const ROWS = 50;

/**
 * The pages of units for QA. On these pages, people search units, read the history of a unit, and make units void or
 * scrap units.
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

async function Search({ page, query }: { page: PageContext; query: Record<string, string> }) {
  const { say, call, who } = page;
  // The ledger records that a person read a list of Claim IDs. So the page searches only if the user asks for a search.
  const isAsked = Object.keys(query).length > 0;
  const found = isAsked
    ? await call('GET /v1/units', { query: { ...query, limit: ROWS } }).catch((error: unknown) => refusal(error))
    : undefined;
  const any = ['', say(COMMON, 'any')] as const;
  return (
    <>
      <h1>{say(COMMON, 'units')}</h1>
      <form class="search" method="get" action="/units">
        <Field
          label={say(UNITS, 'find')}
          name="find"
          value={query['find']}
          hint={say(UNITS, who.auditor === undefined ? 'findHint' : 'findMasked')}
        />
        <Field label={say(COMMON, 'product')} name="product" value={query['product']} />
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
      {who.may.has('units:end') ? (
        <p>
          <a href="/units/end">{say(UNITS, 'endMany')}</a>
        </p>
      ) : null}
      {found === undefined ? null : 'refused' in found ? (
        <p class="refused" role="alert">
          <Why page={page} error={found.refused} />
        </p>
      ) : (
        <Results page={page} found={found} query={query} />
      )}
    </>
  );
}

function refusal(error: unknown): { refused: ClaimstampError } {
  if (error instanceof ClaimstampError) return { refused: error };
  throw error;
}

function Results({ page, found, query }: { page: PageContext; found: List; query: Record<string, string> }) {
  const { say } = page;
  return (
    <div id="found">
      {found.units.length === 0 ? <p>{say(UNITS, 'nothingFound')}</p> : <UnitTable page={page} units={found.units} />}
      {found.next === null ? null : (
        <p>
          <a href={`/units?${new URLSearchParams({ ...query, after: String(found.next) }).toString()}`}>
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
