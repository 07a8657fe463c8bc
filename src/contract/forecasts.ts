import type { AlarmCode, LineState } from '../decide/forecasts/alarms.ts';
import type { Facts, Forecast } from '../decide/forecasts/forecast.ts';

/** What will run out. A job measures it; reading costs nothing. */
export interface Forecasts {
  /** Returns the forecasts of the last look, the most urgent first. */
  list: () => Forecast[];
  /** Returns what was measured at the last look. */
  facts: () => Facts;
  /** Returns the names of the facts that could not be measured. */
  failed: () => string[];
  /** Returns how the line was at the last look. */
  line: () => LineState | undefined;
  /** Returns the alarms that have begun and not ended. */
  alarms: () => { code: AlarmCode; subject: string }[];
}
