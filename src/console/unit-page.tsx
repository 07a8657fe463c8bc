import type { Answer } from '../http/client.ts';
import type { Fact } from '../model/unit.ts';
import { COMMON } from '../../words/console/common.ts';
import { TIMELINE } from '../../words/console/timeline.ts';
import { UNITS } from '../../words/console/unit.ts';
import { EndOne, reasonsOf } from './end-pages.tsx';
import { Shape, type ShapeName } from './icons.tsx';
import { path } from './parts.tsx';
import { Card } from './pictures.tsx';
import { PurposeForms } from './purpose-forms.tsx';
import { Lives } from './returns-pages.tsx';
import { alarmSaid, grouped } from './station-words.ts';
import { Prints, unitPrints } from './unit-prints.tsx';
import { Timeline } from './unit-timeline.tsx';
import type { Pages, PageContext } from './pages.tsx';

type History = Answer<'GET /v1/units/{uci}'>;
type Told = Answer<'GET /v1/units/{uci}/events'>['events'][number];

/** The page of one unit: its progress, its history as sentences, its label, and its facts. */
export function unitPage(pages: Pages): void {
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
        body: <One page={page} unit={unit} events={events} />,
      };
    },
    { auditor: true },
  );
  unitPrints(pages);
}

async function One({ page, unit, events }: { page: PageContext; unit: History; events: Told[] }) {
  const { say, who } = page;
  const ended = unit.facts.void !== undefined || unit.facts.scrapped !== undefined;
  const mayEnd = unit.facts.void === undefined && who.may.has('units:void');
  return (
    <>
      <Head page={page} unit={unit} mayEnd={mayEnd} />
      <div class="two">
        <div class="column">
          <section class="card" aria-label={say(TIMELINE, 'steps')}>
            <Steps page={page} unit={unit} />
          </section>
          <Card title={say(TIMELINE, 'timeline')} note={<p>{say(TIMELINE, 'oldest')}</p>}>
            <Timeline page={page} events={events} />
            {unit.repeats.count === 0 ? null : (
              <p class="card-body soft">{say(UNITS, 'repeats', { count: unit.repeats.count })}</p>
            )}
          </Card>
        </div>
        <div class="column is-side">
          {ended || who.auditor !== undefined ? null : (
            <Card title={say(TIMELINE, 'labelNow')} note={<p>{say(TIMELINE, 'labelHint')}</p>}>
              <div class="card-body">
                <div class="liner">
                  <img src={`/v1${path('units', unit.uci)}/label.svg`} alt={say(COMMON, 'label')} />
                </div>
              </div>
            </Card>
          )}
          <Prints page={page} uci={unit.uci} />
          <Card title={say(TIMELINE, 'facts')}>
            <div class="card-body">
              <Facts page={page} unit={unit} />
            </div>
          </Card>
        </div>
      </div>
      <Lives page={page} unit={unit} />
      {mayEnd ? (
        <div id="end">
          <EndOne page={page} uci={unit.uci} reasons={await reasonsOf(page)} />
        </div>
      ) : null}
      {ended || !who.may.has('units:void') ? null : <PurposeForms page={page} unit={unit} />}
    </>
  );
}

/** The shape for each status. Pages show the shape next to the word for the status. */
const SHAPES: Record<Fact, ShapeName> = {
  reserved: 'open',
  issued: 'half',
  printed: 'half',
  verified: 'good',
  reported: 'good',
  registered: 'good',
  void: 'void',
  scrapped: 'scrap',
};

export function Status({ page: { say }, status }: { page: PageContext; status: Fact }) {
  return (
    <span class="status">
      <Shape name={SHAPES[status]} />
      {say(COMMON, status)}
    </span>
  );
}

function Head({ page, unit, mayEnd }: { page: PageContext; unit: History; mayEnd: boolean }) {
  const { say } = page;
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
          {unit.name ?? unit.product}
          {unit.serial === undefined ? null : (
            <>
              , {say(COMMON, 'serial')} <span class="code">{unit.serial}</span>
            </>
          )}
        </p>
      </div>
      {mayEnd ? (
        <div class="row">
          <a class="btn btn-danger" href="#end">
            {say(TIMELINE, 'end')}
          </a>
        </div>
      ) : null}
    </div>
  );
}

/** A unit's progress from its Claim ID to the device cloud. A step without a time has not happened yet. */
function Steps({ page, unit: { facts } }: { page: PageContext; unit: History }) {
  const { say, language } = page;
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' });
  const way = (['issued', 'printed', 'verified', 'reported', 'registered'] as const).filter(
    (step) => step !== 'reported' || facts.reported !== undefined,
  );
  return (
    <div class="card-body is-alone">
      <ol class="steps">
        {way.map((step) => {
          const at = facts[step];
          return (
            <li class={at === undefined ? 'is-open' : ''}>
              <Shape name={at === undefined ? 'open' : 'good'} />
              <b>{say(COMMON, step)}</b>
              <span>{at === undefined ? '–' : format.format(new Date(at))}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function purposeSaid({ say }: PageContext, { releasedSample, purpose }: History): string | undefined {
  if (purpose === undefined) return undefined;
  const said = say(UNITS, purpose);
  return releasedSample === undefined ? said : `${said}: ${say(UNITS, 'isReleased')} (${releasedSample.reason})`;
}

function Facts({ page, unit }: { page: PageContext; unit: History }) {
  const { say } = page;
  const rows: [string, string | undefined][] = [
    [say(COMMON, 'status'), say(COMMON, unit.status)],
    [say(UNITS, 'alarm'), unit.alarm === undefined ? undefined : alarmSaid(say, unit.alarm)],
    [say(COMMON, 'product'), unit.name === undefined ? unit.product : `${unit.name} (${unit.product})`],
    [say(COMMON, 'serial'), unit.serial],
    [say(COMMON, 'workOrder'), unit.workOrder],
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
    [say(COMMON, 'labels'), String(unit.labels)],
    [say(UNITS, 'registration'), unit.outcome],
    [say(UNITS, 'tests'), testsSaid(page, unit)],
    [say(UNITS, 'shippingList'), unit.shipped?.list],
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

function testsSaid({ say }: PageContext, { tests = [] }: History): string | undefined {
  const said = tests.map(({ procedure, outcome }) => `${procedure}: ${say(UNITS, `test.${outcome}`)}`);
  return said.length === 0 ? undefined : said.join(', ');
}
