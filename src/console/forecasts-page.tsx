import { FORECASTS } from '../decide/forecasts/forecast.ts';
import { refusal } from '../platform/error.ts';
import { isKey } from '../platform/own.ts';
import type { Answer } from '../http/client.ts';
import { FORECAST_WORDS } from '../../words/console/forecasts.ts';
import { COMMON } from '../../words/console/common.ts';
import { Act, refresh, Table, Time } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Forecast = Answer<'GET /v1/forecasts'>['forecasts'][number];

/** The numbers of days for which a forecast can be snoozed. */
const DAYS = [1, 7, 30, 90];

/** The forecasts page. The page shows only forecasts on which the person can act. Kiosks never see it. */
export function forecastsPage(pages: Pages): void {
  pages.page('/forecasts', 'forecasts:handle', async (page) => {
    const { forecasts } = await page.call('GET /v1/forecasts');
    const hidden = forecasts.filter(({ snoozed }) => snoozed !== undefined);
    const open = forecasts.filter(({ snoozed }) => snoozed === undefined);
    return {
      title: page.say(FORECAST_WORDS, 'forecasts'),
      body: (
        <>
          <h1>{page.say(FORECAST_WORDS, 'forecasts')}</h1>
          <p>{page.say(FORECAST_WORDS, 'hint')}</p>
          <div id="snoozed"></div>
          {open.length === 0 ? <p>{page.say(FORECAST_WORDS, 'none')}</p> : <Open page={page} forecasts={open} />}
          {hidden.length === 0 ? null : <Snoozed page={page} forecasts={hidden} />}
        </>
      ),
    };
  });
  pages.act('/forecasts/snooze', 'forecasts:handle', async (page, fields) => {
    const { code = '', subject = '', days = '' } = Object.fromEntries(fields);
    if (!isKey(FORECASTS, code)) throw refusal('not-found', 'forecast', { code, subject });
    await page.call('POST /v1/forecasts/snooze', { body: { code, subject, days: Number(days) } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function Open({ page, forecasts }: { page: PageContext; forecasts: Forecast[] }) {
  const { say } = page;
  return (
    <>
      <Table
        caption={say(FORECAST_WORDS, 'forecasts')}
        heads={(['level', 'what', 'when', 'snooze'] as const).map((head) => say(FORECAST_WORDS, head))}
      >
        {forecasts.map((forecast) => (
          <tr>
            <th scope="row" class={forecast.level === 'critical' ? 'bad' : ''}>
              {say(FORECAST_WORDS, `level.${forecast.level}`)}
            </th>
            <td class="sentence">{forecast.text}</td>
            <td>{forecast.runsOutAt === undefined ? '–' : <Time page={page} at={forecast.runsOutAt} />}</td>
            <td>
              <Act page={page} action="/forecasts/snooze" into="snoozed">
                <About forecast={forecast} />
                <select name="days" aria-label={say(FORECAST_WORDS, 'days')}>
                  {DAYS.map((days) => (
                    <option value={String(days)} selected={days === 7}>
                      {say(FORECAST_WORDS, days === 1 ? 'forDay' : 'forDays', { days })}
                    </option>
                  ))}
                </select>
                <button>{say(FORECAST_WORDS, 'snooze')}</button>
              </Act>
            </td>
          </tr>
        ))}
      </Table>
      <p class="soft">{say(FORECAST_WORDS, 'snoozeHint')}</p>
    </>
  );
}

function About({ forecast: { code, subject } }: { forecast: Forecast }) {
  return (
    <>
      <input type="hidden" name="code" value={code} />
      <input type="hidden" name="subject" value={subject} />
    </>
  );
}

function Snoozed({ page, forecasts }: { page: PageContext; forecasts: Forecast[] }) {
  const { say } = page;
  return (
    <>
      <h2>{say(FORECAST_WORDS, 'snoozed')}</h2>
      <Table
        caption={say(FORECAST_WORDS, 'snoozed')}
        heads={(['what', 'snoozedBy', 'showAgain'] as const).map((head) => say(FORECAST_WORDS, head))}
      >
        {forecasts.map((forecast) => (
          <tr>
            <td class="sentence">{forecast.text}</td>
            <td>
              {forecast.snoozed ? <Time page={page} at={forecast.snoozed.until} /> : null}
              <br />
              {forecast.snoozed?.by}
            </td>
            <td>
              <Act page={page} action="/forecasts/snooze" into="snoozed">
                <About forecast={forecast} />
                <input type="hidden" name="days" value="0" />
                <button>{say(FORECAST_WORDS, 'showAgain')}</button>
              </Act>
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** The line at the top of the start page, shown to people who can act on a forecast. */
export async function forecastLine(page: PageContext) {
  if (page.who.kiosk !== undefined || !page.who.may.has('forecasts:handle')) return null;
  const { forecasts } = await page.call('GET /v1/forecasts');
  const open = forecasts.filter(({ snoozed }) => snoozed === undefined);
  if (open.length === 0) return null;
  return (
    <p>
      <a class={open.some(({ level }) => level === 'critical') ? 'bad' : ''} href="/forecasts">
        {page.say(FORECAST_WORDS, 'some', { count: open.length })}
      </a>
    </p>
  );
}
