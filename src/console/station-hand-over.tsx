import type { Answer } from '../http/client.ts';
import type { Station } from '../model/station.ts';
import { STATION } from '../../words/console/station.ts';
import { CloseList } from './station-exceptions.tsx';
import type { PageContext } from './pages.tsx';

type Shift = Answer<'GET /v1/stations/{name}/hand-over'>['now'];

/**
 * Shows what the stations on a screen have done since the last badge scan, and what they did before that scan. The
 * hand-over is only information; no operator has to confirm it.
 */
export async function HandOver({ page, stations }: { page: PageContext; stations: Station[] }) {
  const { say, call } = page;
  const found = await Promise.all(
    stations.map(({ name }) => call('GET /v1/stations/{name}/hand-over', { params: { name } })),
  );
  return (
    <section aria-label={say(STATION, 'handOver')}>
      <CloseList page={page} />
      {found.map(({ station, now, before }) => (
        <>
          <h2>{stations.length > 1 ? `${say(STATION, 'handOver')}: ${station}` : say(STATION, 'handOver')}</h2>
          <table>
            <thead>
              <tr>
                <td></td>
                <ShiftHead page={page} shift={now} isNow />
                {before === undefined ? null : <ShiftHead page={page} shift={before} />}
              </tr>
            </thead>
            <tbody>
              {COUNTS.map((count) => (
                <tr>
                  <th scope="row">{say(STATION, `count.${count}`)}</th>
                  <td>{now[count]}</td>
                  {before === undefined ? null : <td>{before[count]}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </>
      ))}
    </section>
  );
}

const COUNTS = ['issued', 'passed', 'failed', 'reprinted', 'open'] as const;

function ShiftHead({ page, shift, isNow = false }: { page: PageContext; shift: Shift; isNow?: boolean }) {
  const clock = new Intl.DateTimeFormat(page.language, { timeStyle: 'short' });
  const [from, to] = [shift.from, shift.to].map((time) => clock.format(new Date(time)));
  const { operator = page.say(STATION, 'noName') } = shift;
  return (
    <th scope="col">
      {operator}
      <br />
      {isNow ? page.say(STATION, 'sinceTime', { from: from ?? '' }) : `${from} – ${to}`}
    </th>
  );
}
