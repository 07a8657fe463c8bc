import type { AlarmCode, LineState } from '../decide/forecasts/alarms.ts';
import type { Facts, Forecast } from '../decide/forecasts/forecast.ts';

/** Forecasts of what will run out. A job measures the forecasts in the background, so reading them costs nothing. */
export interface Forecasts {
  /** Returns the forecasts from the last measurement, most urgent first. */
  list: () => Forecast[];
  /** Returns the facts from the last measurement. */
  facts: () => Facts;
  /** Returns the names of the facts that could not be measured. */
  failed: () => string[];
  /** Returns the state of the production line at the last measurement. */
  line: () => LineState | undefined;
  /** Returns the alarms that have begun and not yet ended. */
  alarms: () => { code: AlarmCode; subject: string }[];
}
