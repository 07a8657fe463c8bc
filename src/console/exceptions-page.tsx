import type { Child } from 'hono/jsx';
import type { Answer } from '../http/client.ts';
import type { Services } from '../http/services.ts';
import { parseLine } from '../model/event.ts';
import { EXCEPTIONS, type ExceptionKind } from '../model/exceptions/kinds.ts';
import { COMMON } from '../../words/console/common.ts';
import { EXCEPTIONS_PAGE } from '../../words/console/exceptions.ts';
import { STATION } from '../../words/console/station.ts';
import { ClosedCases } from './exceptions-closed.tsx';
import { CaseGroups, type Case } from './exception-cases.tsx';
import { ageOf } from './exception-age.ts';
import { NotExceptions } from './exceptions-side.tsx';
import { Icon, Shape, type ShapeName } from './icons.tsx';
import { clock } from './now-shift.tsx';
import { path, refresh } from './parts.tsx';
import { RefusalList } from './station-exceptions.tsx';
import { alarmSaid } from './station-words.ts';
import type { Pages, PageContext } from './pages.tsx';

/** The maximum number of units shown for each kind of exception. The search shows all units. */
const LISTED = 50;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The exceptions page. First, the page shows the number of exceptions of each kind. Below, the page shows the
 * exceptions by kind, station and work order, and says what to do about each.
 */
export function exceptionsPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/exceptions', 'units:list', async (page) => ({
    title: page.say(EXCEPTIONS_PAGE, 'exceptions'),
    body: await Exceptions({ page, services }),
  }));
  pages.act('/units/:uci/exceptions/close', 'units:void', async (page, fields) => {
    const kind = EXCEPTIONS.find((one) => one === fields.get('kind')) ?? 'wrong-id';
    const params = { uci: page.param('uci') };
    await page.call('POST /v1/units/{uci}/exceptions/close', {
      params,
      body: { kind, note: fields.get('note') ?? '' },
    });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

interface Props {
  page: PageContext;
  services: Services;
}

type Kind = ExceptionKind | 'labels-wait' | 'refused';

/** One kind of exception. Each kind has a count and a card on the page. */
interface Group {
  kind: Kind;
  shape: ShapeName;
  count: string;
  /** The number of exceptions of this kind. If there are very many, counting stops at a limit. */
  size: number;
  /** The age of the oldest exception. For refusals, the time of the latest one. */
  note: string | undefined;
  oldestAt: number | undefined;
  body: Child;
}

async function Exceptions({ page, services }: Props) {
  const { say } = page;
  const counts = page.counts ?? (await page.call('GET /v1/exceptions'));
  const groups = [
    await wrongIds(page, services, counts),
    await labelsWait(page, services),
    refused(page, services),
    await waiting(page, services, counts, 'no-label'),
    await waiting(page, services, counts, 'not-scanned'),
  ].filter(({ size }) => size > 0);
  const isMore = counts.kinds.some(({ more }) => more);
  const total = groups.reduce((sum, { size }) => sum + size, 0);
  const now = services.now();
  const oldest = Math.min(...groups.map(({ oldestAt }) => oldestAt ?? Infinity));
  const title = total === 0 ? 'title.none' : total === 1 ? 'title.one' : 'title.many';
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{say(EXCEPTIONS_PAGE, title, { count: shownCount(page, total, isMore) })}</h1>
          <p class="under">
            {oldest === Infinity ? '' : `${say(EXCEPTIONS_PAGE, 'oldestSince', { time: clock(page, oldest, now) })} `}
            {say(EXCEPTIONS_PAGE, 'asOf', { time: clock(page, now, now) })} {say(EXCEPTIONS_PAGE, 'settled')}
          </p>
        </div>
        {counts.kinds.some(({ count }) => count > 0) && page.who.may.has('ledger:export') ? (
          <a class="btn is-brief" href="/v1/exceptions.csv" download="exceptions.csv">
            <Icon name="download" />
            <span>{say(EXCEPTIONS_PAGE, 'csv')}</span>
          </a>
        ) : null}
      </div>
      {services.config.builderLocal === 'accept' ? <p class="test-mode">{say(STATION, 'testMode')}</p> : null}
      <div class="column">
        {groups.length === 0 ? null : <Counts page={page} groups={groups} />}
        <div class="two">
          <div class="column">
            {groups.length === 0 ? (
              <section class="card">
                <p class="card-body is-alone">
                  <Shape name="good" /> {say(EXCEPTIONS_PAGE, 'noneHint')}
                </p>
              </section>
            ) : null}
            {groups.map((group) => (
              <GroupCard page={page} group={group} />
            ))}
          </div>
          <div class="column is-side">
            <NotExceptions page={page} services={services} counts={counts} />
            <ClosedCases page={page} list={await page.call('GET /v1/exceptions/closed')} />
          </div>
        </div>
      </div>
    </>
  );
}

function Counts({ page: { say }, groups }: { page: PageContext; groups: Group[] }) {
  return (
    <ul class="card counts" aria-label={say(EXCEPTIONS_PAGE, 'byKind')}>
      {groups.map(({ kind, shape, count, note }) => (
        <li>
          <a href={`#${kind}`}>
            <Shape name={shape} />
            <b>{count}</b>
            <span>{say(EXCEPTIONS_PAGE, `kind.${kind}`)}</span>
            {note === undefined ? null : <small>{note}</small>}
          </a>
        </li>
      ))}
    </ul>
  );
}

function GroupCard({ page: { say }, group: { kind, shape, count, note, body } }: { page: PageContext; group: Group }) {
  return (
    <section class="card" id={kind}>
      <div class="card-head">
        <h2>
          <Shape name={shape} />
          {count} {say(EXCEPTIONS_PAGE, `kind.${kind}`)}
        </h2>
        {note === undefined ? null : <p>{note}</p>}
        <p class="to-do">{say(EXCEPTIONS_PAGE, `todo.${kind}`)}</p>
      </div>
      {body}
    </section>
  );
}

/* Exceptions of units */

export type Counted = Answer<'GET /v1/exceptions'>;
type Unit = Answer<'GET /v1/units'>['units'][number];

async function listed(page: PageContext, kind: ExceptionKind, before?: string): Promise<Unit[]> {
  const until = before === undefined ? {} : { to: before };
  const { units } = await page.call('GET /v1/units', {
    query: { exception: kind, newest: 'true', limit: LISTED, ...until },
  });
  return units;
}

const EMPTY = { count: '0', size: 0, note: undefined, oldestAt: undefined, body: null };

async function waiting(
  page: PageContext,
  services: Services,
  counts: Counted,
  kind: 'no-label' | 'not-scanned',
): Promise<Group> {
  const found = counts.kinds.find((one) => one.kind === kind);
  const group = { kind, shape: 'warn', ...EMPTY } as const;
  if (found === undefined || found.count === 0) return group;
  const units = await listed(page, kind, counts.before);
  const oldestAt = found.oldestAt === undefined ? undefined : Date.parse(found.oldestAt);
  const cases = units.map((unit): Case => {
    const { printed, issued } = unit.facts;
    const since = kind === 'not-scanned' ? (printed ?? issued) : issued;
    return { unit, kind, what: page.say(EXCEPTIONS_PAGE, `what.${kind}`), since: Date.parse(since ?? counts.before) };
  });
  return {
    ...group,
    ...countOf(page, found),
    oldestAt,
    note: oldestAt === undefined ? undefined : oldestSaid(page, services.now() - oldestAt),
    body: <Cases page={page} services={services} cases={cases} kind={kind} count={found} before={counts.before} />,
  };
}

/** Returns the devices that reported the Claim ID of another device. The ledger may lack the reported Claim ID. */
async function wrongIds(page: PageContext, services: Services, counts: Counted): Promise<Group> {
  const { say } = page;
  const found = counts.kinds.find(({ kind }) => kind === 'wrong-id');
  const units = found === undefined || found.count === 0 ? [] : await listed(page, 'wrong-id');
  const cases = await Promise.all(
    units.map(async (unit): Promise<Case> => {
      const { alarm = '', uci } = unit;
      return { unit, kind: 'wrong-id', what: alarmSaid(say, alarm), since: await alarmedAt(services, uci) };
    }),
  );
  const known = new Set(units.map(({ alarm = '' }) => alarm.replace(/:.*/, '')));
  const others = services.alarms.list().filter(({ alarm = '' }) => !known.has(alarm));
  const oldestAt = cases.length === 0 ? undefined : Math.min(...cases.map(({ since }) => since));
  const count = { count: (found?.count ?? 0) + others.length, more: found?.more ?? false };
  return {
    kind: 'wrong-id',
    shape: 'stop',
    ...countOf(page, count),
    oldestAt,
    note: oldestAt === undefined ? undefined : oldestSaid(page, services.now() - oldestAt),
    body: (
      <>
        <Cases page={page} services={services} cases={cases} kind="wrong-id" count={count} />
        <Stations page={page} of={others} />
      </>
    ),
  };
}

/** Returns the time of the newest event with an alarm, in ms since 1970. */
async function alarmedAt({ ledger, now }: Services, uci: string): Promise<number> {
  const lines = (await ledger.unit(uci))?.lines ?? [];
  const events = lines.map(parseLine);
  return events.findLast(({ data }) => data['alarm'] !== undefined)?.at ?? events.at(-1)?.at ?? now();
}

interface CasesProps extends Props {
  cases: Case[];
  kind: ExceptionKind;
  count: { count: number; more: boolean };
  before?: string;
}

function Cases({ page, services, cases, kind, count, before }: CasesProps) {
  const isCut = count.more || count.count > LISTED;
  const query = { exception: kind, newest: 'true', ...(before === undefined ? {} : { to: before }) };
  return (
    <>
      <CaseGroups page={page} cases={cases} now={services.now()} />
      {isCut ? (
        <p class="card-body case-more">
          <a href={`/units?${new URLSearchParams(query).toString()}`}>
            {page.say(EXCEPTIONS_PAGE, 'moreUnits', { shown: cases.length })}
          </a>
        </p>
      ) : null}
    </>
  );
}

/* Exceptions without a unit */

async function labelsWait(page: PageContext, { ledger, printing }: Services): Promise<Group> {
  const { say } = page;
  const printers = await Promise.all(
    (await ledger.printers()).map(async ({ name }) => {
      const trouble = printing.trouble(name);
      return { name, trouble, waiting: trouble === undefined ? 0 : (await ledger.openPrintJobs(name)).length };
    }),
  );
  const stuck = printers.filter(({ waiting: count }) => count > 0);
  const size = stuck.reduce((sum, one) => sum + one.waiting, 0);
  return {
    kind: 'labels-wait',
    shape: 'warn',
    ...EMPTY,
    ...countOf(page, { count: size, more: false }),
    body: (
      <ul class="list is-tight">
        {stuck.map(({ name, trouble, waiting: count }) => (
          <li>
            <Shape name="warn" />
            <div>
              <a href="/printers">{name}</a>
              <small>{trouble === undefined ? null : say(STATION, `printer.${trouble.what}`, { printer: name })}</small>
            </div>
            <span class="at">{count}</span>
          </li>
        ))}
      </ul>
    ),
  };
}

function refused(page: PageContext, { refusals, now }: Services): Group {
  const recent = refusals.list().filter(({ lastAt }) => lastAt > now() - DAY_MS);
  const last = Math.max(...recent.map(({ lastAt }) => lastAt));
  const group = { kind: 'refused', shape: 'warn', ...EMPTY } as const;
  if (recent.length === 0) return group;
  return {
    ...group,
    ...countOf(page, { count: recent.length, more: false }),
    note: page.say(EXCEPTIONS_PAGE, 'last', { age: ageOf(page.language, now() - last) }),
    body: <Stations page={page} of={recent} />,
  };
}

type Refusals = ReturnType<Services['refusals']['list']>;

/**
 * Shows refusals and alarms by station. Some refusals and alarms belong to no unit, for example if the ledger lacks the
 * reported Claim ID.
 */
function Stations({ page, of }: { page: PageContext; of: Refusals }) {
  const stations = [...new Set(of.map(({ station }) => station))].toSorted();
  return (
    <>
      {stations.map((station) => (
        <>
          <h3 class="case-group">
            <a href={path('stations', station)}>{station}</a>
          </h3>
          <div class="card-body refusals">
            <RefusalList desk page={page} refusals={of.filter((one) => one.station === station)} />
          </div>
        </>
      ))}
    </>
  );
}

/* Words */

function shownCount({ language }: PageContext, count: number, more: boolean): string {
  return `${new Intl.NumberFormat(language).format(count)}${more ? '+' : ''}`;
}

function countOf(page: PageContext, { count, more }: { count: number; more: boolean }): Pick<Group, 'count' | 'size'> {
  return { count: shownCount(page, count, more), size: count };
}

function oldestSaid({ say, language }: PageContext, age: number): string {
  return say(EXCEPTIONS_PAGE, 'oldest', { age: ageOf(language, age) });
}
