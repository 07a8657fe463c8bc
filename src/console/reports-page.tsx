import type { Answer } from '../http/client.ts';
import { shiftDay } from '../platform/day.ts';
import { NOW } from '../../words/console/now.ts';
import { REPORTS } from '../../words/console/reports.ts';
import { Icon } from './icons.tsx';
import { clock, together } from './now-shift.tsx';
import { asked, Field, path, Table, Time } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Shift = Answer<'GET /v1/figures/day'>['shifts'][number];

/** The reports page. The page shows the figures of one day, shift by shift, and offers the day's reports as PDF. */
export function reportsPage(pages: Pages): void {
  const { now, config } = pages.services;
  const head = async ({ say }: PageContext) => ({ title: say(REPORTS, 'reports') });
  pages.page(
    '/reports',
    'units:list',
    async (page) => {
      const { day = shiftDay(config.shifts, now()) } = asked(page, ['day']);
      const { shifts } = await page.call('GET /v1/figures/day', { query: { day } });
      return { ...(await head(page)), body: <Day page={page} day={day} shifts={shifts} /> };
    },
    { head },
  );
}

function Day({ page, day, shifts }: { page: PageContext; day: string; shifts: Shift[] }) {
  const { say } = page;
  const query = new URLSearchParams({ day }).toString();
  const [first, last] = [shifts[0], shifts.at(-1)];
  return (
    <>
      <div class="page-head">
        <h1>{say(REPORTS, 'production', { day })}</h1>
        <div class="row">
          <a class="btn" href={`/v1/figures/day.pdf?${query}`} download={`production-${day}.pdf`}>
            <Icon name="download" />
            <span>{say(REPORTS, 'pdf')}</span>
          </a>
          <a
            class="btn"
            href={`/v1/reconciliation/report.pdf?${query}&shifts=true`}
            download={`reconciliation-${day}.pdf`}
          >
            <Icon name="download" />
            <span>{say(REPORTS, 'reconciliation')}</span>
          </a>
        </div>
      </div>
      <p class="soft">{say(REPORTS, 'hint')}</p>
      {first === undefined || last === undefined ? null : (
        <p class="soft">
          {say(REPORTS, 'counted')} <Time page={page} at={first.from} /> – <Time page={page} at={last.to} />
        </p>
      )}
      <form class="search" method="get" action="/reports">
        <Field label={say(REPORTS, 'day')} name="day" type="date" value={day} required />
        <button>{say(REPORTS, 'show')}</button>
      </form>
      {shifts.map((shift) => (
        <OneShift page={page} shift={shift} />
      ))}
    </>
  );
}

function OneShift({ page, shift: { from, to, stations, orders } }: { page: PageContext; shift: Shift }) {
  const { say } = page;
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const title = say(REPORTS, 'shift', { from: clock(page, begin, begin), to: clock(page, end, begin) });
  const heads = (['issued', 'passed', 'failed', 'reprinted', 'firstPass'] as const).map((head) => ({
    words: say(NOW, head),
    isNumber: true,
  }));
  const rows = stations.length > 1 ? [together(stations), ...stations] : stations;
  return (
    <section>
      <h2>{title}</h2>
      {stations.length === 0 ? (
        <p class="soft">{say(NOW, 'idle')}</p>
      ) : (
        <Table caption={title} heads={[say(NOW, 'station'), ...heads]}>
          {rows.map(({ station, issued, passed, failed, reprinted, firstScans: { units, passed: first } }) => (
            <tr>
              <th scope="row">
                {station === '' ? say(NOW, 'allStations') : <a href={path('stations', station)}>{station}</a>}
              </th>
              {[issued, passed, failed, reprinted].map((count) => (
                <td class="is-number">{count}</td>
              ))}
              <td class="is-number">{units === 0 ? '–' : `${Math.round((1000 * first) / units) / 10} %`}</td>
            </tr>
          ))}
        </Table>
      )}
      {orders.length === 0 ? null : (
        <p>
          {say(REPORTS, 'ofOrders')}{' '}
          {orders.map(({ workOrder, issued }, at) => (
            <>
              {at === 0 ? '' : ', '}
              <a href={path('work-orders', workOrder)}>{workOrder}</a>: {issued}
            </>
          ))}
        </p>
      )}
    </section>
  );
}
