import type { Child } from 'hono/jsx';
import { roleWord } from './verdict-words.ts';
import type { Answer } from '../http/client.ts';
import { COMMON } from '../../words/console/common.ts';
import { TIMELINE } from '../../words/console/timeline.ts';
import { UNITS } from '../../words/console/unit.ts';
import { AUDIT } from '../../words/console/audit.ts';
import { actorSaid } from './actors.tsx';
import { EndOne, reasonsOf } from './end-pages.tsx';
import { Shape } from './icons.tsx';
import { path, Time } from './parts.tsx';
import { Card } from './pictures.tsx';
import { PurposeForms } from './purpose-forms.tsx';
import { CloseReturn, Lives } from './returns-pages.tsx';
import { alarmSaid, grouped } from './station-words.ts';
import { Prints, unitPrints } from './unit-prints.tsx';
import { productSaid, SHAPES } from './unit-status.tsx';
import { Timeline } from './unit-timeline.tsx';
import type { Pages, PageContext } from './pages.tsx';

type History = Answer<'GET /v1/units/{uci}'>;
type Told = Answer<'GET /v1/units/{uci}/events'>['events'][number];

/** The page of one unit: its progress, its history as sentences, its label, and its facts. */
export function unitPage(pages: Pages): void {
  const { config } = pages.services;
  pages.page(
    '/units/:uci',
    'units:read',
    async (page) => {
      const params = { uci: page.param('uci') };
      const unit = await page.call('GET /v1/units/{uci}', { params });
      const { events } = await page.call('GET /v1/units/{uci}/events', { params });
      return {
        title: grouped(unit.uci),
        crumbs: page.who.may.has('units:list') ? [['/units', page.say(COMMON, 'units')]] : [],
        body: <One page={page} unit={unit} events={events} areViewsRecorded={config.auditViews !== 'off'} />,
      };
    },
    { auditor: true },
  );
  unitPrints(pages);
}

interface OneProps {
  page: PageContext;
  unit: History;
  events: Told[];
  areViewsRecorded: boolean;
}

async function One({ page, unit, events, areViewsRecorded }: OneProps) {
  const { say, who } = page;
  const ended = unit.facts.void !== undefined || unit.facts.scrapped !== undefined;
  const mayEnd = !ended && who.may.has('units:void');
  const names = new Map(await page.productNames());
  return (
    <>
      <Head page={page} unit={unit} names={names} mayEnd={mayEnd} />
      <Lives page={page} unit={unit} />
      <div class="two">
        <div class="column">
          <section class="card" aria-label={say(TIMELINE, 'steps')}>
            <Steps page={page} unit={unit} />
          </section>
          <Card title={say(TIMELINE, 'timeline')} note={<p>{say(TIMELINE, 'oldest')}</p>}>
            <Timeline page={page} unit={unit} events={events} />
            {unit.repeats.count === 0 ? null : (
              <p class="card-body soft">{say(UNITS, 'repeats', { count: unit.repeats.count })}</p>
            )}
          </Card>
        </div>
        <div class="column is-side">
          <Prints page={page} uci={unit.uci} />
          {ended || who.auditor !== undefined ? null : (
            <Card title={say(TIMELINE, 'labelNow')} note={<p>{say(TIMELINE, 'labelHint')}</p>}>
              <div class="card-body">
                <div class="liner">
                  <img src={`/v1${path('units', unit.uci)}/label.svg`} alt={say(COMMON, 'label')} />
                </div>
              </div>
            </Card>
          )}
          <Card title={say(TIMELINE, 'facts')}>
            <div class="card-body">
              <Facts page={page} unit={unit} names={names} />
            </div>
          </Card>
          <HistoryExport page={page} unit={unit} />
          <Viewers page={page} unit={unit} areRecorded={areViewsRecorded} />
        </div>
      </div>
      <CloseReturn page={page} unit={unit} />
      {mayEnd ? (
        <div id="end">
          <EndOne page={page} uci={unit.uci} reasons={await reasonsOf(page)} />
        </div>
      ) : null}
      {ended || !who.may.has('units:void') ? null : <PurposeForms page={page} unit={unit} />}
    </>
  );
}

interface HeadProps extends NamedProps {
  mayEnd: boolean;
}

interface NamedProps {
  page: PageContext;
  unit: History;
  /** The name of each product, by id. */
  names: ReadonlyMap<string, string>;
}

function Head({ page, unit, names, mayEnd }: HeadProps) {
  const { say } = page;
  const shipped = unit.shipped ?? unit.lives?.findLast((life) => life.shipped !== undefined)?.shipped;
  const isEnded = unit.status === 'void' || unit.status === 'scrapped';
  const isAlarm = unit.alarm !== undefined;
  return (
    <div class="page-head">
      <div>
        <h1>
          <span class="unit-name">{grouped(unit.uci)}</span>{' '}
          <span class={`status pill${isAlarm ? ' is-bad' : ''}`}>
            <Shape name={isAlarm ? 'stop' : SHAPES[unit.status]} />
            {say(COMMON, unit.status)}
          </span>
        </h1>
        <p class="under">
          {productSaid(names, unit.product)}
          {unit.serial === undefined ? null : (
            <>
              , {say(COMMON, 'serial')} <span class="code">{unit.serial}</span>
            </>
          )}
        </p>
        {isEnded && shipped !== undefined ? (
          <p class="bad">
            {say(UNITS, 'endedShipped', { status: say(COMMON, unit.status), list: shipped.list })}{' '}
            <Time page={page} at={shipped.at} />
          </p>
        ) : null}
      </div>
      <div class="row">
        {mayExport(page) ? (
          <a class="btn" href={`/v1/ledger.zip?${proofOf(unit.uci)}`} download={`${unit.uci}.zip`}>
            {say(UNITS, 'proof')}
          </a>
        ) : null}
        {mayEnd ? (
          <a class="btn btn-danger" href="#end">
            {say(TIMELINE, 'end')}
          </a>
        ) : null}
      </div>
    </div>
  );
}

function mayExport({ who }: PageContext): boolean {
  return who.may.has('ledger:export') && who.auditor === undefined;
}

const STEPS = ['issued', 'printed', 'verified', 'reported', 'registered', 'shipped'] as const;
type Step = (typeof STEPS)[number];

/** A unit's progress from its Claim ID to the shipping list. A step without a time has not happened in this life. */
function Steps({ page, unit }: { page: PageContext; unit: History }) {
  const { say } = page;
  const { lives = [], return: last } = unit;
  // A device need not report or register. A shipped unit has completed all steps that its product requires.
  const isOptional = (step: Step): boolean =>
    step === 'reported' || (step === 'registered' && unit.shipped !== undefined);
  const way = STEPS.filter((step) => !isOptional(step) || timeOf(unit, step) !== undefined);
  return (
    <div class="card-body is-alone">
      {last === undefined ? null : (
        <p class="soft">
          {say(UNITS, 'stepsSince', { rma: last.rma })} <Time page={page} at={last.at} />
        </p>
      )}
      <ol class="steps">
        {way.map((step) => {
          const at = timeOf(unit, step);
          const isKept = step === 'printed' && at === undefined && timeOf(unit, 'verified') !== undefined;
          const before = at ?? lives.map((life) => timeOf(life, step)).findLast((time) => time !== undefined);
          return (
            <li class={at === undefined ? 'is-open' : ''}>
              <Shape name={at === undefined ? 'open' : 'good'} />
              <b>{say(COMMON, step)}</b>
              {at !== undefined ? (
                <Time page={page} at={at} />
              ) : before !== undefined ? (
                <span>
                  {say(UNITS, isKept ? 'labelKept' : 'beforeReturn')} <Time page={page} at={before} />
                </span>
              ) : (
                <span>{step === 'printed' && unit.labels > 0 ? say(UNITS, 'notConfirmed') : '–'}</span>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function timeOf({ facts, shipped }: Pick<History, 'facts' | 'shipped'>, step: Step): string | undefined {
  return step === 'shipped' ? shipped?.at : facts[step];
}

/** The history of the unit as files, for an auditor. */
function HistoryExport({ page, unit: { uci } }: { page: PageContext; unit: History }) {
  const { say } = page;
  if (!mayExport(page)) return null;
  const query = new URLSearchParams({ of: 'events', unit: uci }).toString();
  return (
    <Card title={say(UNITS, 'exportHistory')} id="export">
      <div class="card-body">
        {(
          [
            ['csv', query, 'historyCsv'],
            ['jsonl', query, 'historyJson'],
            ['zip', proofOf(uci), 'historyZip'],
          ] as const
        ).map(([format, asked, words]) => (
          <p>
            <a href={`/v1/ledger.${format}?${asked}`} download={`${uci}.${format}`}>
              {say(UNITS, words)}
            </a>
          </p>
        ))}
        <p class="soft">{say(UNITS, 'exportNoted')}</p>
      </div>
    </Card>
  );
}

/** The query of the bundle that proves the history of a unit. */
function proofOf(uci: string): string {
  return new URLSearchParams({ of: 'units', unit: uci }).toString();
}

/** The number of views and exports that the page of a unit lists. The audit lists all. */
const READS = 10;

/** The people who opened the unit's page or exported the unit. Only people who may see the audit see this list. */
async function Viewers({ page, unit, areRecorded }: { page: PageContext; unit: History; areRecorded: boolean }) {
  const { say, who, call } = page;
  if (!who.may.has('access:read')) return null;
  const query = { unit: unit.uci, limit: READS };
  const [read, exported] = await Promise.all([
    call('GET /v1/audit', { query: { ...query, kind: 'read' } }),
    call('GET /v1/audit', { query: { ...query, kind: 'exported' } }),
  ]);
  const entries = [...read.entries, ...exported.entries].toSorted((a, b) => b.seq - a.seq).slice(0, READS);
  return (
    <Card title={say(UNITS, 'viewers')}>
      <div class="card-body">
        <p class="soft">{say(AUDIT, areRecorded ? 'viewsOn' : 'viewsOff')}</p>
        <ul>
          {entries.map(({ actor, at, type }) => (
            <li>
              <Time page={page} at={at} /> {actorSaid(page, actor)}:{' '}
              {say(AUDIT, type === 'exported' ? 'type.exported' : 'type.viewed')}
            </li>
          ))}
        </ul>
        <p class="soft">{say(UNITS, 'workedOn')}</p>
        <p>
          <a href={`/audit?${new URLSearchParams({ unit: unit.uci }).toString()}`}>{say(UNITS, 'auditOfUnit')}</a>
        </p>
      </div>
    </Card>
  );
}

function purposeSaid({ say }: PageContext, { releasedSample, purpose }: History): string | undefined {
  if (purpose === undefined) return undefined;
  const said = say(UNITS, purpose);
  return releasedSample === undefined ? said : `${said}: ${say(UNITS, 'isReleased')} (${releasedSample.reason})`;
}

function Facts({ page, unit, names }: NamedProps) {
  const { say, who } = page;
  const { workOrder, shipped } = unit;
  const rows: [string, Child | undefined][] = [
    [say(COMMON, 'status'), say(COMMON, unit.status)],
    [say(UNITS, 'alarm'), unit.alarm === undefined ? undefined : alarmSaid(say, unit.alarm)],
    [say(COMMON, 'product'), productSaid(names, unit.product)],
    [say(UNITS, 'deviceName'), unit.name === names.get(unit.product) ? undefined : unit.name],
    [say(COMMON, 'serial'), unit.serial],
    [
      say(COMMON, 'workOrder'),
      workOrder === undefined || !who.may.has('units:list') ? (
        workOrder
      ) : (
        <a href={path('work-orders', workOrder)}>{workOrder}</a>
      ),
    ],
    [say(UNITS, 'purpose'), purposeSaid(page, unit)],
    [say(UNITS, 'reference'), unit.reference && (unit.reference.note ?? say(UNITS, 'yes'))],
    [say(COMMON, 'station'), unit.station],
    [say(UNITS, 'roll'), unit.reservation],
    [
      say(UNITS, 'identity'),
      Object.entries(unit.identity)
        .map((pair) => pair.join(' '))
        .join(', ') || undefined,
    ],
    [say(COMMON, 'labels'), labelsSaid(page, unit)],
    [say(UNITS, 'registration'), unit.outcome],
    [say(UNITS, 'tests'), testsSaid(page, unit)],
    [
      say(UNITS, 'shippingList'),
      shipped === undefined || !who.may.has('catalog:read') || who.auditor !== undefined ? (
        shipped?.list
      ) : (
        <a href={path('shipping-lists', shipped.list)}>{shipped.list}</a>
      ),
    ],
  ];
  return (
    <dl class="facts">
      {rows.map(([name, value]) =>
        value === undefined ? null : (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ),
      )}
    </dl>
  );
}

/** Returns the number of labels of the device, and the number of labels of each other role. */
function labelsSaid({ say }: PageContext, { labels, roleLabels = {} }: History): string {
  const others = Object.entries(roleLabels).map(([role, count]) => `${roleWord(say, role)}: ${count}`);
  return [String(labels), ...others].join(', ');
}

function testsSaid({ say }: PageContext, { tests = [] }: History): string | undefined {
  const said = tests.map(({ procedure, outcome }) => `${procedure}: ${say(UNITS, `test.${outcome}`)}`);
  return said.length === 0 ? undefined : said.join(', ');
}
