import type { Answer } from '../http/client.ts';
import type { Fact } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import { UNITS } from '../../words/console/unit.ts';
import { STATION } from '../../words/console/station.ts';
import { RefusalList } from './station-exceptions.tsx';
import { alarmSaid } from './station-words.ts';
import { path } from './parts.tsx';
import { UnitTable } from './units-pages.tsx';
import type { Pages, PageContext } from './pages.tsx';

/** The maximum number of units in a list. The search page shows all units. */
const LISTED = 50;

type List = Answer<'GET /v1/units'>;

/**
 * The page of exceptions. The page shows alarms, missing and unverified labels, and refused devices of all stations.
 */
export function exceptionsPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/exceptions', 'units:list', async (page) => {
    const { say } = page;
    const [alarms, notPrinted, notVerified] = await Promise.all([
      listed(page, ALARMS),
      listed(page, NOT_PRINTED),
      listed(page, NOT_VERIFIED),
    ]);
    return {
      title: say(UNITS, 'exceptions'),
      body: (
        <>
          <h1>{say(UNITS, 'exceptions')}</h1>
          {services.config.builderLocal === 'accept' ? <p class="test-mode">{say(STATION, 'testMode')}</p> : null}
          <h2>{say(STATION, 'alarms')}</h2>
          <Alarms page={page} units={alarms.units} />
          <More page={page} list={alarms} query={ALARMS} />
          <Stations page={page} of={services.alarms.list()} />
          <h2>{say(STATION, 'notPrinted')}</h2>
          <Units page={page} list={notPrinted} query={NOT_PRINTED} />
          <h2>{say(STATION, 'notVerified')}</h2>
          <Units page={page} list={notVerified} query={NOT_VERIFIED} />
          <h2>{say(STATION, 'refused')}</h2>
          <Stations page={page} of={services.refusals.list()} empty />
        </>
      ),
    };
  });
}

type Query = { alarm?: 'true'; status?: Fact; printed?: 'false'; newest: 'true' };

const ALARMS: Query = { alarm: 'true', newest: 'true' };
const NOT_PRINTED: Query = { status: 'issued', printed: 'false', newest: 'true' };
const NOT_VERIFIED: Query = { status: 'printed', newest: 'true' };

function listed({ call }: PageContext, query: Query): Promise<List> {
  return call('GET /v1/units', { query: { ...query, limit: LISTED } });
}

interface ListProps {
  page: PageContext;
  list: List;
  query: Query;
}

function Units({ page, list, query }: ListProps) {
  if (list.units.length === 0) return <p class="soft">{page.say(COMMON, 'none')}</p>;
  return (
    <>
      <UnitTable page={page} units={list.units} />
      <More page={page} list={list} query={query} />
    </>
  );
}

function More({ page: { say }, list, query }: ListProps) {
  if (list.next === null) return null;
  return (
    <p>
      <a href={`/units?${new URLSearchParams(query).toString()}`}>{say(COMMON, 'more')}</a>
    </p>
  );
}

function Alarms({ page, units }: { page: PageContext; units: List['units'] }) {
  const { say } = page;
  if (units.length === 0) return <p class="soft">{say(COMMON, 'none')}</p>;
  return (
    <ul>
      {units.map(({ uci, serial, station, alarm = '' }) => (
        <li>
          <a href={path('units', uci)}>
            <code>{uci}</code>
          </a>{' '}
          {serial} {station}: <strong>{alarmSaid(say, alarm)}</strong>
        </li>
      ))}
    </ul>
  );
}

type Refusals = ReturnType<Pages['services']['refusals']['list']>;

/**
 * Shows refusals and alarms by station. A refusal or an alarm may name a Claim ID that is not in the ledger, and so has
 * no unit.
 */
function Stations({ page, of, empty = false }: { page: PageContext; of: Refusals; empty?: boolean }) {
  const stations = [...new Set(of.map(({ station }) => station))].toSorted();
  if (empty && stations.length === 0) return <p class="soft">{page.say(STATION, 'noRefusals')}</p>;
  return (
    <>
      {stations.map((station) => (
        <>
          <h3>{station}</h3>
          <RefusalList desk page={page} refusals={of.filter((one) => one.station === station)} />
        </>
      ))}
    </>
  );
}
