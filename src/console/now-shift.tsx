import type { Answer } from '../http/client.ts';
import type { Services } from '../http/services.ts';
import { SLICE_MS } from '../decide/shift-figures.ts';
import { NOW } from '../../words/console/now.ts';
import { path } from './parts.tsx';
import { Card, Meter, Spark } from './pictures.tsx';
import type { PageContext } from './pages.tsx';

/** The maximum number of work orders in the list. The work orders page shows all work orders. */
const MOST_ORDERS = 6;

/** A time that is less than this (ms) away from the present is shown without a date. */
const NEAR_MS = 12 * 60 * 60 * 1000;

type Figures = Answer<'GET /v1/figures/shift'>;

/** Shows a time close to the present as hours and minutes, and any other time with its date. */
export function clock({ language }: PageContext, at: number, now: number): string {
  const near = Math.abs(at - now) < NEAR_MS;
  return new Intl.DateTimeFormat(language, {
    timeStyle: 'short',
    hourCycle: 'h23',
    ...(near ? {} : { dateStyle: 'medium' }),
  }).format(new Date(at));
}

interface ShiftProps {
  page: PageContext;
  services: Services;
  figures: Figures;
}

/** The figures of this shift, by station and by work order. */
export function ShiftPart(props: ShiftProps) {
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
        {say(NOW, 'shift', said)}{' '}
        <span class="num">{say(NOW, 'asOf', { time: clock(page, Date.parse(figures.at), now) })}</span>
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

/** Adds up the figures of all stations. */
export function together(stations: Station[]): Station {
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
  /**
   * The count of the highest bar in all rows. This count sets the scale. If the count is undefined, the highest bar
   * in this row sets the scale.
   */
  most: number | undefined;
  /** The number of the time slice that contains `now`. */
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

/** Shows the open work orders that have a planned quantity, and when each will be complete at this shift's pace. */
async function Orders({ page, services, figures }: ShiftProps) {
  const { say } = page;
  const now = services.now();
  const hours = (now - Date.parse(figures.from)) / 3_600_000;
  const orders = (await services.ledger.workOrders()).flatMap(({ closed, planned, ...order }) =>
    closed === undefined && planned !== undefined && order.units > 0 ? [{ ...order, planned }] : [],
  );
  return (
    <Card title={say(NOW, 'orders')} note={<p>{say(NOW, 'ordersHint')}</p>}>
      {orders.length === 0 ? <p class="card-body soft">{say(NOW, 'noOrders')}</p> : null}
      <ul class="list orders">
        {orders.slice(0, MOST_ORDERS).map(({ id, units, planned, lot }) => {
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
