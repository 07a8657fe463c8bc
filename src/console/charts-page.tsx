import type { LineFigures } from '../decide/line-figures.ts';
import { COMMON } from '../../words/console/common.ts';
import { CHARTS } from '../../words/console/chart.ts';
import { asked, Field } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

/** The charts page. Each chart also shows its figures as numbers. */
export function chartsPage(pages: Pages): void {
  const head = async ({ say }: PageContext) => ({
    title: say(CHARTS, 'charts'),
    scripts: ['charts.js'],
    styles: ['uPlot.min.css'],
  });
  pages.page(
    '/charts',
    'units:list',
    async (page) => {
      const day = today(pages.services.now());
      const { from = day, to = day } = asked(page, ['from', 'to']);
      const figures = await page.call('GET /v1/figures', { query: { from, to } });
      return { ...(await head(page)), body: <Charts page={page} figures={figures} from={from} to={to} /> };
    },
    { head },
  );
}

/** Returns today's date in the time zone of the service. */
function today(now: number): string {
  const date = new Date(now);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

interface ChartsProps {
  page: PageContext;
  figures: LineFigures;
  from: string;
  to: string;
}

function Charts({ page, figures, from, to }: ChartsProps) {
  const { say } = page;
  return (
    <>
      <h1>{say(CHARTS, 'charts')}</h1>
      <form class="search" method="get" action="/charts">
        <Field label={say(COMMON, 'from')} name="from" type="date" value={from} />
        <Field label={say(COMMON, 'to')} name="to" type="date" value={to} />
        <button>{say(CHARTS, 'show')}</button>
      </form>
      <p class="soft">{say(CHARTS, 'leftOut', figures.leftOut)}</p>
      <h2>{say(CHARTS, 'perHour')}</h2>
      <PerHour page={page} issued={figures.issued} />
      <h2>{say(CHARTS, 'firstPass')}</h2>
      <p class="soft">{say(CHARTS, 'firstPassHint')}</p>
      <Shares
        page={page}
        head={say(COMMON, 'station')}
        rows={figures.firstScans.map((one) => shareOf(page, one.station, one))}
      />
      <h2>{say(CHARTS, 'firstTests')}</h2>
      <p class="soft">{say(CHARTS, 'firstTestsHint')}</p>
      <Shares
        page={page}
        head={say(CHARTS, 'procedure')}
        rows={figures.firstTests.map((one) => shareOf(page, one.procedure, one))}
      />
      <h2>{say(CHARTS, 'reprints')}</h2>
      <Shares
        page={page}
        head={say(COMMON, 'reason')}
        rows={figures.reprints.map(({ reason, copies }) => ({
          name: reason,
          count: copies,
          of: figures.reprints[0]?.copies ?? 1,
          said: String(copies),
        }))}
      />
    </>
  );
}

/** Shows a table of units per hour. The script charts.js draws a chart from this table. */
function PerHour({ page, issued }: { page: PageContext; issued: LineFigures['issued'] }) {
  const { say, language } = page;
  if (issued.length === 0) return <p>{say(CHARTS, 'noFigures')}</p>;
  const stations = [...new Set(issued.map(({ station }) => station))].toSorted();
  const hours = [...new Set(issued.map(({ hour }) => hour))].toSorted();
  const counts = new Map(issued.map(({ hour, station, units }) => [`${hour} ${station}`, units]));
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'short' });
  return (
    <>
      <div id="chart" aria-hidden="true"></div>
      <div class="scroll" tabindex={0} role="region" aria-label={say(CHARTS, 'perHour')}>
        <table id="per-hour" class="figures">
          <thead>
            <tr>
              <th scope="col">{say(CHARTS, 'hour')}</th>
              {stations.map((station) => (
                <th scope="col">{station}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hours.map((hour) => (
              <tr data-at={Date.parse(hour) / 1000}>
                <th scope="row">{format.format(new Date(hour))}</th>
                {stations.map((station) => (
                  <td>{counts.get(`${hour} ${station}`) ?? 0}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface Share {
  name: string;
  count: number;
  of: number;
  said: string;
}

/** Returns the share of units that passed their first scan or first test. */
function shareOf({ say }: PageContext, name: string, { units, passed }: { units: number; passed: number }): Share {
  const percent = Math.round((1000 * passed) / units) / 10;
  const said = `${percent} % (${say(COMMON, 'of', { units: passed, planned: units })})`;
  return { name, count: passed, of: units, said };
}

function Shares({ page: { say }, head, rows }: { page: PageContext; head: string; rows: Share[] }) {
  if (rows.length === 0) return <p>{say(CHARTS, 'noFigures')}</p>;
  return (
    <table class="figures shares">
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">{say(CHARTS, 'figure')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, count, of, said }) => (
          <tr>
            <th scope="row">{name}</th>
            <td>
              <label class="progress">
                {said}
                <meter max={of} value={count}></meter>
              </label>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
