import { FORECAST_WORDS } from '../../../words/console/forecasts.ts';
import type { Forecasts } from '../../contract/forecasts.ts';
import { conditionsOf, unknownAlarms, type LineState } from '../../decide/forecasts/alarms.ts';
import type { Facts, FactName, Forecast } from '../../decide/forecasts/forecast.ts';
import { forecastsOf, notMeasured } from '../../decide/forecasts/rules.ts';
import { rank, steady, type Steady } from '../../decide/forecasts/steady.ts';
import { speak } from '../../http/words.ts';
import type { Log } from '../../platform/log.ts';
import type { AlarmCalls } from './alarm-calls.ts';
import { openMeasuring } from './bounded.ts';
import type { Sources } from './measure.ts';

/** Checks at intervals what will run out, without delaying the requests of agents. */
export interface ForecastWatch extends Forecasts {
  /** Resolves after the first check. */
  start: (sources: Sources) => Promise<void>;
  /** Makes one check. If a check is already in progress, waits for it instead. */
  look: () => Promise<void>;
  close: () => Promise<void>;
}

export interface WatchOptions {
  log: Log;
  now: () => number;
  /** A monotonic clock in ms. A change of the wall clock must not change the intervals. */
  clock: () => number;
  line: () => Promise<LineState>;
  alarms: AlarmCalls;
}

/** A check is cheap: it reads a few rows by their keys. Prometheus usually polls at the same interval. */
const LOOK_EVERY_MS = 15_000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long (in ms) a source must fail before this is reported. A single failed call may be a coincidence. */
const FAILS_FOR_MS = 2 * 60 * 1000;

/** The maximum number of forecasts in one line of the log. Nobody would read more. */
const MAX_LOGGED = 50;

export function openForecasts({ log, now, clock, line, alarms }: WatchOptions): ForecastWatch {
  let measure: ReturnType<typeof openMeasuring> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let facts: Facts = {};
  let lineNow: LineState | undefined;
  let shown: ReadonlyMap<string, Steady> = new Map();
  let failingSince: ReadonlyMap<FactName, number> = new Map();
  let loggedAt = -Infinity;

  const list = (): Forecast[] =>
    [...shown.values()]
      .map(({ forecast }) => forecast)
      .toSorted((a, b) => rank(b) - rank(a) || (a.runsOutAt ?? Infinity) - (b.runsOutAt ?? Infinity));
  const logDaily = (): void => {
    if (clock() - loggedAt < DAY_MS) return;
    loggedAt = clock();
    const found = list();
    if (found.length === 0) return log.info('forecasts: nothing will run out soon');
    const forecasts = found.slice(0, MAX_LOGGED).map(logged);
    log.warn({ count: found.length, forecasts }, 'forecasts: something will run out');
  };
  const lookOnce = async (): Promise<void> => {
    if (measure === undefined) return;
    const { facts: measured, failed } = await measure();
    const at = clock();
    failingSince = new Map([...failed.keys()].map((name) => [name, failingSince.get(name) ?? at]));
    const lasting = [...failed].filter(([name]) => at - (failingSince.get(name) ?? at) >= FAILS_FOR_MS);
    const found = [...forecastsOf(measured, now()), ...lasting.map(([name, why]) => notMeasured(name, why))];
    facts = measured;
    shown = steady(shown, found, at);
    lineNow = await line();
    alarms.step(conditionsOf(lineNow, measured, list()), unknownAlarms(new Set(failed.keys())));
    logDaily();
  };
  const look = (): Promise<void> =>
    (running ??= lookOnce()
      .catch((err: unknown) => log.error({ err }, 'internal error in the forecasts'))
      .finally(() => (running = undefined)));
  return {
    list,
    facts: () => facts,
    line: () => lineNow,
    failed: () => [...failingSince.keys()],
    alarms: alarms.active,
    start(sources) {
      measure = openMeasuring(sources);
      alarms.start();
      timer = setInterval(() => void look(), LOOK_EVERY_MS);
      return look();
    },
    look,
    async close() {
      clearInterval(timer);
      await running;
      await alarms.close();
    },
  };
}

function logged({ code, subject, level, remaining, runsOutAt, says, values }: Forecast): object {
  const text = speak('en')(FORECAST_WORDS, says, values);
  const when = runsOutAt === undefined ? {} : { runsOutAt: new Date(runsOutAt).toISOString() };
  return { code, subject, level, remaining, ...when, text };
}
