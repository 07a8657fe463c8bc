import type { Child } from 'hono/jsx';
import type { Answer } from '../http/client.ts';
import type { Services } from '../http/services.ts';
import { SLICE_MS } from '../decide/shift-figures.ts';
import { ClaimstampError } from '../platform/error.ts';
import { NOW } from '../../words/console/now.ts';
import { STATION } from '../../words/console/station.ts';
import { Icon, Shape, type ShapeName } from './icons.tsx';
import { path } from './parts.tsx';
import { Card, Meter, Spark } from './pictures.tsx';
import type { Pages, PageContext } from './pages.tsx';

/** The maximum number of units that the page counts. Larger counts are shown as `99+`. */
const COUNTED = 100;

/** Units of the last minutes are still at their station, so they need nobody. */
const SETTLED_MS = 15 * 60 * 1000;

/** The number of days whose units the page counts. The page of exceptions shows older ones. */
const DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The most rows of the lists beside. */
const SIDE_ROWS = 6;

type Figures = Answer<'GET /v1/figures/shift'>;

/** The start page for QA and managers: what needs somebody, this shift, orders, printers, backups, forecasts. */
export function nowPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/now', 'units:list', async (page) => {
    const needs = await needsOf(page, services);
    return {
      title: page.say(NOW, 'now'),
      body: <Now page={page} services={services} needs={needs} />,
    };
  });
  // The shift is counted by a child process, so the page does not wait for it.
  pages.part('/now/shift', 'units:list', async (page) => {
    try {
      return <ShiftPart page={page} services={services} figures={await page.call('GET /v1/figures/shift')} />;
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      return <p class="card-body is-alone soft">{page.say(NOW, 'notCounted')}</p>;
    }
  });
}

interface Need {
  shape: ShapeName;
  words: string;
  hint?: string | undefined;
  at?: number | undefined;
  link: string;
}

/** What needs somebody, the most urgent first. The list has no Claim ID, so no read of Claim IDs is recorded. */
async function needsOf({ say }: PageContext, services: Services): Promise<Need[]> {
  const { ledger, alarms, refusals, printing, guard, now } = services;
  const recent = { from: now() - DAYS * DAY_MS, to: now() - SETTLED_MS, after: 0, limit: COUNTED } as const;
  const [wrong, notPrinted, notVerified, printers] = await Promise.all([
    ledger.units({ after: 0, limit: COUNTED, alarm: true }),
    ledger.units({ ...recent, status: 'issued', printed: false }),
    ledger.units({ ...recent, status: 'printed' }),
    ledger.printers(),
  ]);
  const counted = (list: Awaited<typeof wrong>): string => (list.next === null ? String(list.units.length) : '99+');
  const waits = await Promise.all(
    printers.map(async ({ name }) => ({
      name,
      trouble: printing.trouble(name),
      waiting: (await ledger.openPrintJobs(name)).length,
    })),
  );
  const list = (shown: boolean, need: Need): Need[] => (shown ? [need] : []);
  return [
    ...list(guard.discontinuity() !== undefined, {
      shape: 'stop',
      words: say(NOW, 'held'),
      hint: say(NOW, 'heldHint'),
      link: '/hold',
    }),
    ...list(wrong.units.length > 0, {
      shape: 'stop',
      words: say(NOW, 'alarmUnits', { count: counted(wrong) }),
      hint: say(NOW, 'alarmUnitsHint'),
      link: '/units?alarm=true&newest=true',
    }),
    ...alarms.list().map(({ station, count, lastAt }) => ({
      shape: 'stop' as const,
      words: say(NOW, 'alarms', { station, count }),
      at: lastAt,
      link: '/exceptions',
    })),
    ...waits.flatMap(({ name, trouble, waiting }) =>
      list(trouble !== undefined && waiting > 0, {
        shape: 'warn',
        words: say(NOW, 'printerWaits', { printer: name, count: waiting }),
        hint: trouble && say(STATION, `printer.${trouble.what}`, { printer: name }),
        link: '/printers',
      }),
    ),
    ...refusals.list().map(({ station, count, lastAt }) => ({
      shape: 'warn' as const,
      words: say(NOW, 'refusals', { station, count }),
      at: lastAt,
      link: '/exceptions',
    })),
    ...list(notPrinted.units.length > 0, {
      shape: 'warn',
      words: say(NOW, 'notPrinted', { count: counted(notPrinted) }),
      hint: say(NOW, 'notPrintedHint'),
      link: '/units?status=issued&printed=false&newest=true',
    }),
    ...list(notVerified.units.length > 0, {
      shape: 'warn',
      words: say(NOW, 'notVerified', { count: counted(notVerified) }),
      hint: say(NOW, 'notVerifiedHint'),
      link: '/units?status=printed&newest=true',
    }),
  ];
}

/** Shows a time of today as hours and minutes, and another time with its date. */
function clock({ language }: PageContext, at: number, now: number): string {
  const near = Math.abs(at - now) < DAY_MS / 2;
  return new Intl.DateTimeFormat(
    language,
    near ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' },
  ).format(new Date(at));
}

async function Now({ page, services, needs }: { page: PageContext; services: Services; needs: Need[] }) {
  const { say } = page;
  const count = needs.length;
  return (
    <>
      <div class="page-head">
        <h1>{say(NOW, count === 0 ? 'needs.none' : count === 1 ? 'needs.one' : 'needs.many', { count })}</h1>
      </div>
      <div class="two">
        <div class="column">
          {count === 0 ? null : <Needs page={page} needs={needs} now={services.now()} />}
          <div class="column" hx-get="/now/shift" hx-trigger="load, every 10s">
            <p class="soft">{say(NOW, 'counting')}</p>
          </div>
        </div>
        <div class="column is-side">
          <Printers page={page} services={services} />
          <Backups page={page} services={services} />
          {page.who.may.has('forecasts:handle') ? <Ends page={page} /> : null}
        </div>
      </div>
    </>
  );
}

function Needs({ page, needs, now }: { page: PageContext; needs: Need[]; now: number }) {
  const { say } = page;
  return (
    <section class="card" aria-label={say(NOW, 'needs')}>
      <ul class="list needs">
        {needs.map(({ shape, words, hint, at, link }) => (
          <li>
            <Shape name={shape} />
            <div>
              <b>{words}</b>
              {hint === undefined ? null : <small>{hint}</small>}
            </div>
            <span class="at">{at === undefined ? null : clock(page, at, now)}</span>
            <a class="go" href={link} aria-label={`${say(NOW, 'look')}: ${words}`}>
              <span>{say(NOW, 'look')}</span>
              <Icon name="go" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ShiftProps {
  page: PageContext;
  services: Services;
  figures: Figures;
}

function ShiftPart(props: ShiftProps) {
  return (
    <>
      <StationTable {...props} />
      <Orders {...props} />
    </>
  );
}

type Station = Figures['stations'][number];

function StationTable({ page, services, figures }: ShiftProps) {
  const { say } = page;
  const now = services.now();
  const [from, to] = [Date.parse(figures.from), Date.parse(figures.to)];
  const slices = Math.max(1, Math.ceil((to - from) / SLICE_MS));
  const most = Math.max(1, ...figures.stations.flatMap(({ slices: bars }) => bars.flatMap(([, ...counts]) => counts)));
  const row = { page, slices, most, slice: Math.floor((now - from) / SLICE_MS), now };
  const heads = (['issued', 'passed', 'failed', 'reprinted', 'firstPass'] as const).map((head) => say(NOW, head));
  const said = { from: clock(page, from, now), to: clock(page, to, now) };
  return (
    <Card title={say(NOW, 'byStation')} note={<p>{say(NOW, 'byStationHint')}</p>}>
      <p class="card-body soft">
        <span class="live"></span>
        {say(NOW, 'shift', said)} <span class="num">{say(NOW, 'asOf', { time: clock(page, now, now) })}</span>
      </p>
      <table class="table folds now" role="table">
        <thead>
          <tr>
            <th scope="col">{say(NOW, 'station')}</th>
            <th scope="col">
              <span class="axis">
                <span>{said.from}</span>
                <span>{said.to}</span>
              </span>
            </th>
            {heads.map((head) => (
              <th scope="col" class="is-number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.stations.length > 1 ? (
            <Row {...row} station={together(figures.stations)} all most={undefined} />
          ) : null}
          {figures.stations.map((station) => (
            <Row {...row} station={station} />
          ))}
        </tbody>
      </table>
      {figures.stations.length === 0 ? <p class="card-body is-alone soft">{say(NOW, 'idle')}</p> : null}
    </Card>
  );
}

/** Adds the figures of all stations. */
function together(stations: Station[]): Station {
  const sum = (of: (station: Station) => number): number => stations.reduce((all, one) => all + of(one), 0);
  const slices = new Map<number, [number, number, number]>();
  for (const [slice, passed, failed] of stations.flatMap((one) => one.slices)) {
    const [, before, failedBefore] = slices.get(slice) ?? [slice, 0, 0];
    slices.set(slice, [slice, before + passed, failedBefore + failed]);
  }
  return {
    station: '',
    issued: sum(({ issued }) => issued),
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    reprinted: sum(({ reprinted }) => reprinted),
    firstScans: { units: sum((one) => one.firstScans.units), passed: sum((one) => one.firstScans.passed) },
    lastAt: '',
    slices: [...slices.values()],
  };
}

interface RowProps {
  page: PageContext;
  station: Station;
  slices: number;
  /** The count of the highest bar, or undefined for the highest of this row. */
  most: number | undefined;
  /** The number of the present slice. */
  slice: number;
  now: number;
  all?: true;
}

function Row({ page, station, slices, most, slice, now, all }: RowProps) {
  const { say } = page;
  const { firstScans, passed, failed } = station;
  const highest = Math.max(1, ...station.slices.flatMap(([, ...counts]) => counts));
  const name = all ? say(NOW, 'allStations') : station.station;
  const share = firstScans.units === 0 ? '–' : `${Math.round((1000 * firstScans.passed) / firstScans.units) / 10} %`;
  return (
    <tr {...(all ? { class: 'is-all' } : {})}>
      <th scope="row" class="is-line">
        {all ? name : <a href={path('stations', name)}>{name}</a>}
        {all ? null : <small>{say(NOW, 'last', { time: clock(page, Date.parse(station.lastAt), now) })}</small>}
      </th>
      <td class="spark-cell is-line">
        <Spark
          name={say(NOW, 'spark', { station: name, passed, failed })}
          bars={station.slices.map(([at, up, down]) => ({ slice: at, passed: up, failed: down }))}
          slices={slices}
          most={most ?? highest}
          now={slice}
        />
      </td>
      {(['issued', 'passed', 'failed', 'reprinted'] as const).map((what) => (
        <td class="is-number">
          <span class="key">{say(NOW, what)}</span>
          {station[what]}
        </td>
      ))}
      <td class="is-number is-off">{share}</td>
    </tr>
  );
}

/** Open work orders with a planned number, and their end at the pace of this shift. */
async function Orders({ page, services, figures }: ShiftProps) {
  const { say } = page;
  const now = services.now();
  const hours = (now - Date.parse(figures.from)) / 3_600_000;
  const orders = (await services.ledger.workOrders()).filter(
    ({ closed, planned, units }) => closed === undefined && planned !== undefined && units > 0,
  );
  return (
    <Card title={say(NOW, 'orders')} note={<p>{say(NOW, 'ordersHint')}</p>}>
      {orders.length === 0 ? <p class="card-body soft">{say(NOW, 'noOrders')}</p> : null}
      <ul class="list orders">
        {orders.slice(0, SIDE_ROWS).map(({ id, units, planned = 0, lot }) => {
          const issued = figures.orders.find(({ workOrder }) => workOrder === id)?.issued ?? 0;
          const rate = hours > 0 ? issued / hours : 0;
          const left = planned - units;
          const end = now + (left / rate) * 3_600_000;
          return (
            <li>
              <div>
                <a href={path('work-orders', id)}>
                  <b>{id}</b>
                </a>
                {lot === undefined ? null : <small>{lot}</small>}
              </div>
              <div class="mid">
                <Meter
                  name={say(NOW, 'orderMeter', { units, planned })}
                  parts={[{ kind: 'good', count: units }]}
                  of={planned}
                />
                <small class="num">{say(NOW, 'orderUnits', { units, planned })}</small>
              </div>
              <div class="at">
                <b>
                  {left <= 0
                    ? say(NOW, 'orderFull')
                    : rate === 0
                      ? say(NOW, 'orderUnknown')
                      : say(NOW, 'orderEnd', { time: clock(page, end, now) })}
                </b>
                {rate === 0 ? null : <small class="num">{say(NOW, 'perHour', { rate: Math.round(rate) })}</small>}
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

interface SideProps {
  page: PageContext;
  services: Services;
}

async function Printers({ page, services: { ledger, printing } }: SideProps) {
  const { say } = page;
  const printers = await ledger.printers();
  const troubled = printers.toSorted((a, b) => rank(printing.trouble(a.name)) - rank(printing.trouble(b.name)));
  return (
    <Card title={say(NOW, 'printers')} note={<a href="/printers">{say(NOW, 'all')}</a>}>
      {printers.length === 0 ? <p class="card-body soft">{say(NOW, 'noPrinters')}</p> : null}
      <ul class="list is-tight">
        {troubled.slice(0, SIDE_ROWS).map(({ name }) => {
          const trouble = printing.trouble(name);
          return (
            <li>
              <Shape name={trouble === undefined ? 'good' : 'warn'} />
              <div>
                <b>{name}</b>
                <small>
                  {trouble === undefined
                    ? say(NOW, 'printerReady')
                    : say(STATION, `printer.${trouble.what}`, { printer: name })}
                </small>
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

const rank = (trouble: object | undefined): number => (trouble === undefined ? 1 : 0);

async function Backups({ page, services }: SideProps) {
  const { say } = page;
  const { scheduled, ledger, now } = services;
  const backups = scheduled();
  const checkpoint = await ledger.checkpoint();
  const isRecent = backups?.lastAt !== undefined && now() - backups.lastAt < 2 * DAY_MS;
  return (
    <Card title={say(NOW, 'backups')}>
      <ul class="list is-tight">
        <Fact
          shape={isRecent ? 'good' : 'warn'}
          name={say(
            NOW,
            backups === undefined ? 'backupOff' : backups.lastAt === undefined ? 'noBackup' : 'lastBackup',
          )}
          at={backups?.lastAt === undefined ? null : clock(page, backups.lastAt, now())}
        />
        <Fact
          shape={checkpoint === undefined ? 'idle' : 'good'}
          name={say(NOW, checkpoint === undefined ? 'noCheckpoint' : 'checkpoint')}
          note={checkpoint && say(NOW, 'events', { size: checkpoint.size })}
          at={checkpoint === undefined ? null : clock(page, checkpoint.at, now())}
        />
      </ul>
    </Card>
  );
}

function Fact({ shape, name, note, at }: { shape: ShapeName; name: string; note?: string | undefined; at: Child }) {
  return (
    <li>
      <Shape name={shape} />
      <div>
        <b>{name}</b>
        {note === undefined ? null : <small>{note}</small>}
      </div>
      <span class="at">{at}</span>
    </li>
  );
}

async function Ends({ page }: { page: PageContext }) {
  const { say, language } = page;
  const forecasts = (await page.call('GET /v1/forecasts')).forecasts.filter(({ snoozed }) => snoozed === undefined);
  return (
    <Card title={say(NOW, 'ends')} note={<a href="/forecasts">{say(NOW, 'all')}</a>}>
      {forecasts.length === 0 ? <p class="card-body soft">{say(NOW, 'endsNone')}</p> : null}
      <ul class="list is-tight">
        {forecasts.slice(0, SIDE_ROWS).map(({ level, text, runsOutAt }) => (
          <li>
            <Shape name={level === 'critical' ? 'stop' : 'warn'} />
            <div>
              <small>{text}</small>
            </div>
            <span class="at">
              {runsOutAt === undefined
                ? null
                : new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(runsOutAt))}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
