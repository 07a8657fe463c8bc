import type { AlarmCode, LineState } from '../decide/forecasts/alarms.ts';
import type { Facts, Forecast } from '../decide/forecasts/forecast.ts';

/** What will run out. A job measures it, so reading it costs nothing. */
export interface Forecasts {
  /** Returns the forecasts of the last measurement, most urgent first. */
  list: () => Forecast[];
  /** Returns the facts of the last measurement. */
  facts: () => Facts;
  /** Returns the names of the facts that could not be measured. */
  failed: () => string[];
  /** Returns the state of the line at the last measurement. */
  line: () => LineState | undefined;
  /** Returns the alarms that have begun and have not ended. */
  alarms: () => { code: AlarmCode; subject: string }[];
}
