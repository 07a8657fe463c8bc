import type { ForecastWords } from '../../../words/console/forecasts.ts';
import { keysOf } from '../../platform/own.ts';
import type { Facts, Forecast } from './forecast.ts';

/*
 * An alarm reports one of the few conditions that require calling a person. An alarm begins once and ends once, even if
 * its condition disappears and returns in between. Times come from a monotonic clock, in ms.
 */

/** The codes of alarms. For each alarm, how long its condition must last before the alarm begins (ms). */
const BEGINS_AFTER_MS = {
  held: 0,
  clock: 0,
  backup: 0,
  disk: 0,
  numbers: 0,
  'numbers-empty': 0,
  printer: 10 * 60 * 1000,
  webhook: 0,
  'erp-files': 0,
} as const;
export type AlarmCode = keyof typeof BEGINS_AFTER_MS;
export const ALARM_CODES = keysOf(BEGINS_AFTER_MS);

/** If a condition returns within this time, the same alarm continues. */
const ENDS_AFTER_MS = 5 * 60 * 1000;

/** Returns the alarm of a forecast that is critical. When a counter has no numbers left, a second alarm begins. */
function alarmOf({ code, level, remaining }: Forecast): AlarmCode | undefined {
  if (level !== 'critical') return undefined;
  if (code === 'webhook' || code === 'erp-files') return code;
  if (code !== 'serial-counter' && code !== 'number-pool') return undefined;
  return remaining === 0 ? 'numbers-empty' : 'numbers';
}

/** A condition that can cause an alarm. The alarm's sentence is made from `says` and `values`. */
export interface Condition {
  code: AlarmCode;
  /**
   * The printer, the webhook, the folder, or the product and its counter. Empty if the condition concerns none of
   * these.
   */
  subject: string;
  says: ForecastWords;
  values: Forecast['values'];
}

/** What alarms need to know about the line, in addition to the facts for forecasts. */
export interface LineState {
  /** True while the service issues nothing because an older ledger was restored. */
  held: boolean;
  ledger: 'ready' | 'disk-full' | 'latched';
  /** The reason why the ledger cannot be written, in the words of /readyz. */
  why?: string | undefined;
  /** The number of days since the clock was last right, by the clock itself. Set only if the number is high. */
  aheadDays?: number | undefined;
}

export function conditionsOf(line: LineState, facts: Facts, forecasts: readonly Forecast[]): Condition[] {
  const critical = (code: Forecast['code']): Forecast | undefined =>
    forecasts.find((one) => one.code === code && one.level === 'critical');
  const backup = critical('backup-age');
  const disk = critical('disk');
  const found: Condition[] = [];
  if (line.held) found.push({ code: 'held', subject: '', says: 'alarm.held', values: {} });
  const { aheadDays: days } = line;
  if (days !== undefined) found.push({ code: 'clock', subject: '', says: 'alarm.clock', values: { days } });
  if (backup) found.push({ code: 'backup', subject: '', says: backup.says, values: backup.values });
  if (line.ledger !== 'ready')
    found.push({ code: 'disk', subject: '', says: 'alarm.disk', values: { why: line.why ?? line.ledger } });
  else if (disk) found.push({ code: 'disk', subject: '', says: disk.says, values: disk.values });
  for (const { name, waiting, trouble } of facts.printers ?? []) {
    if (trouble === undefined) continue;
    const values = { printer: name, waiting, trouble };
    found.push({ code: 'printer', subject: name, says: 'print-queue.trouble', values });
  }
  for (const forecast of forecasts) {
    const code = alarmOf(forecast);
    const { subject, says, values } = forecast;
    if (code !== undefined) found.push({ code, subject, says, values });
  }
  return found;
}

/** Returns the codes of alarms whose conditions could not be measured. A failed measurement must not end an alarm. */
export function unknownAlarms(failed: ReadonlySet<string>): Set<AlarmCode> {
  const codes: [string, AlarmCode][] = [
    ['backup', 'backup'],
    ['disk', 'disk'],
    ['printers', 'printer'],
    ['webhooks', 'webhook'],
    ['counters', 'numbers'],
    ['counters', 'numbers-empty'],
    ['erpFiles', 'erp-files'],
  ];
  return new Set(codes.flatMap(([source, code]) => (failed.has(source) ? [code] : [])));
}

/** A condition that has been seen. `active` is true once the condition has begun an alarm. */
export interface Watched {
  condition: Condition;
  since: number;
  lastSeen: number;
  active: boolean;
}

export function alarmKey({ code, subject }: Pick<Condition, 'code' | 'subject'>): string {
  return `${code} ${subject}`;
}

export interface Step {
  watched: Map<string, Watched>;
  begun: Condition[];
  ended: Condition[];
}

/** Compares the conditions at the time `at` with those that were seen earlier. */
export function stepAlarms(
  before: ReadonlyMap<string, Watched>,
  present: readonly Condition[],
  unknown: ReadonlySet<AlarmCode>,
  at: number,
): Step {
  const watched = new Map<string, Watched>();
  const begun: Condition[] = [];
  const ended: Condition[] = [];
  for (const condition of present) {
    const key = alarmKey(condition);
    const since = before.get(key)?.since ?? at;
    const was = before.get(key)?.active ?? false;
    const active = was || at - since >= BEGINS_AFTER_MS[condition.code];
    if (active && !was) begun.push(condition);
    watched.set(key, { condition, since, lastSeen: at, active });
  }
  for (const [key, former] of before) {
    if (watched.has(key)) continue;
    if (unknown.has(former.condition.code)) watched.set(key, { ...former, lastSeen: at });
    // A condition that did not last long enough is forgotten.
    else if (!former.active) continue;
    else if (at - former.lastSeen < ENDS_AFTER_MS) watched.set(key, former);
    else ended.push(former.condition);
  }
  return { watched, begun, ended };
}
