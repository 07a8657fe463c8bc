import { z } from 'zod';
import { FORECAST_WORDS } from '../../../words/console/forecasts.ts';
import { FORECASTS, LEVELS, type Forecast, type Snooze } from '../../decide/forecasts/forecast.ts';
import { snoozeOf } from '../../decide/forecasts/snooze.ts';
import type { Permission } from '../../model/role.ts';
import { refusal } from '../../platform/error.ts';
import { keysOf } from '../../platform/own.ts';
import type { Principal } from '../auth.ts';
import { languageOf } from '../language.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';
import { speak } from '../words.ts';

/** The longest snooze is a quarter of a year. After a longer time, the reason for the snooze would no longer apply. */
const MAX_DAYS = 90;

const DAY_MS = 24 * 60 * 60 * 1000;

const ForecastAnswer = z
  .object({
    code: z.enum(keysOf(FORECASTS)),
    subject: z.string().meta({ description: 'The product, work order, station, token or printer. It may be empty' }),
    level: z.enum(LEVELS),
    remaining: z
      .number()
      .meta({ description: 'How much is left. The unit of measure depends on the code: see docs/admin.md' }),
    runsOutAt: Time.optional(),
    text: z.string().meta({ description: 'What will run out, and what to do, in the language of the caller' }),
    snoozed: z.object({ until: Time, by: z.string() }).optional(),
  })
  .meta({ id: 'Forecast' });

const NewSnooze = z.strictObject({
  code: z.enum(keysOf(FORECASTS)),
  subject: z.string().max(200).default(''),
  days: z.int().min(0).max(MAX_DAYS).meta({ description: '0: show the forecast again' }),
});

const own = { tag: 'service', may: 'forecasts:handle' } as const;

export const forecastOperations = {
  'GET /v1/forecasts': {
    ...own,
    summary: 'What will run out, and when. Only forecasts that the caller can act on',
    answer: z.object({ forecasts: z.array(ForecastAnswer) }),
  },
  'POST /v1/forecasts/snooze': {
    ...own,
    summary: 'Hide a forecast from everyone in the console for some days',
    description:
      'The forecast reappears after that time, or as soon as its level rises. `/metrics` and the log still show it.',
    body: NewSnooze,
    example: { code: 'backup-age', days: 30 },
    answer: z.object({ until: Time }),
    refusals: ['not-found'],
  },
} satisfies Declarations;

export function forecastRoutes(on: On, services: Services): void {
  const { ledger, forecasts, now, log } = services;
  on(forecastOperations, 'GET /v1/forecasts', async ({ c, who }) => {
    const snoozes = await ledger.snoozes();
    const say = speak(languageOf(c));
    return {
      forecasts: actable(forecasts.list(), who).map((forecast) => ({
        ...shownForecast(forecast, snoozeOf(snoozes, forecast, now())),
        text: say(FORECAST_WORDS, forecast.says, forecast.values),
      })),
    };
  });
  on(forecastOperations, 'POST /v1/forecasts/snooze', async ({ body: { code, subject, days }, who }) => {
    const found = actable(forecasts.list(), who).find((one) => one.code === code && one.subject === subject);
    if (found === undefined) throw refusal('not-found', 'forecast', { code, subject });
    const { level } = found;
    const until = now() + days * DAY_MS;
    await ledger.record({ kind: 'snooze-forecast', code, subject, level, until, actor: who.actor });
    log.info({ code, subject, level, until: shownTime(until), actor: who.actor }, 'forecast snoozed');
    return { until: shownTime(until) };
  });
}

/** Returns the forecasts on which this caller can act. */
export function actable(forecasts: readonly Forecast[], { may }: Pick<Principal, 'may'>): Forecast[] {
  return forecasts.filter(({ code }) => {
    const any: readonly Permission[] = FORECASTS[code];
    return any.some((permission) => may.has(permission));
  });
}

function shownForecast({ code, subject, level, remaining, runsOutAt }: Forecast, snooze: Snooze | undefined) {
  const snoozed = snooze && { until: shownTime(snooze.until), by: snooze.actor };
  return { code, subject, level, remaining, ...present({ runsOutAt: shownTime(runsOutAt), snoozed }) };
}
