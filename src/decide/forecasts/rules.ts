import { counterForecast } from './counters.ts';
import { drillForecasts } from './drills.ts';
import { erpFilesForecasts } from './erp-files.ts';
import type {
  BackupFact,
  DiskFact,
  Facts,
  Forecast,
  Level,
  PostgresFact,
  PrinterFact,
  StationKeyFact,
} from './forecast.ts';
import { webhookForecast } from './webhooks.ts';

/* The rules that make forecasts from facts. The rules are pure functions. `now` is in ms since 1970. */

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Two weeks are enough time to order a certificate or a disk. */
const SOON_MS = 14 * DAY_MS;

/** A weekend may pass before anyone sees the forecast. */
const URGENT_MS = 2 * DAY_MS;

const MIB = 2 ** 20;
const GIB = 2 ** 30;

export function forecastsOf(facts: Facts, now: number): Forecast[] {
  const { counters = [], tokens = [], stationKeys = [], kiosks = [], printerTokens = [] } = facts;
  const { workOrders = [], printers = [], webhooks = [] } = facts;
  const found: (Forecast | undefined)[] = [
    ...counters.map((one) => counterForecast(one, now)),
    ...workOrders.map(workOrderForecast),
    facts.hourlyCap && hourlyCapForecast(facts.hourlyCap),
    facts.products && productsForecast(facts.products),
    facts.disk && diskForecast(facts.disk, now),
    facts.certificate && certificateForecast(facts.certificate, now),
    ...tokens.map(({ name, expiresAt }) => ending('token', name, { expiresAt, now }, { token: name })),
    ...stationKeys.map((one) => stationKeyForecast(one, now)),
    ...kiosks.map(({ station, expiresAt }) => ending('kiosk', station, { expiresAt, now }, { station })),
    ...printerTokens.map(({ printer, expiresAt }) => ending('printer-token', printer, { expiresAt, now }, { printer })),
    facts.backup && backupForecast(facts.backup, now),
    facts.backupRoom && roomForecast(facts.backupRoom),
    ...printers.map((one) => printerForecast(one, now)),
    ...webhooks.map(webhookForecast),
    ...(facts.erpFiles ? erpFilesForecasts(facts.erpFiles) : []),
    ...(facts.drills ? drillForecasts(facts.drills, now) : []),
    ...(facts.postgres ? postgresForecasts(facts.postgres) : []),
  ];
  return found.filter((one) => one !== undefined);
}

function urgency(leftMs: number): Level | undefined {
  if (leftMs <= URGENT_MS) return 'critical';
  return leftMs <= SOON_MS ? 'warning' : undefined;
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** Makes the forecast for a credential that expires. A credential that has already expired gets no forecast. */
function ending(
  code: 'token' | 'kiosk' | 'printer-token',
  subject: string,
  { expiresAt, now }: { expiresAt: number; now: number },
  values: Forecast['values'],
): Forecast | undefined {
  const level = urgency(expiresAt - now);
  if (level === undefined || expiresAt <= now) return undefined;
  return { code, subject, level, remaining: seconds(expiresAt - now), runsOutAt: expiresAt, says: code, values };
}

/** A plan or limit counts as nearly reached when this part of it is used. */
const NEARLY = 0.9;

function workOrderForecast({
  id,
  units,
  planned,
  refuses,
}: NonNullable<Facts['workOrders']>[number]): Forecast | undefined {
  if (units < NEARLY * planned) return undefined;
  const remaining = Math.max(0, planned - units);
  const values = { order: id, units, planned };
  const about = { code: 'work-order', subject: id, remaining, values } as const;
  if (remaining > 0) return { ...about, level: refuses ? 'warning' : 'notice', says: 'work-order' };
  return refuses
    ? { ...about, level: 'critical', says: 'work-order.refuses' }
    : { ...about, level: 'warning', says: 'work-order.full' };
}

function hourlyCapForecast({ made, most }: { made: number; most: number }): Forecast | undefined {
  if (made < NEARLY * most) return undefined;
  const remaining = Math.max(0, most - made);
  const level = remaining === 0 ? 'critical' : 'warning';
  return { code: 'hourly-cap', subject: '', level, remaining, says: 'hourly-cap', values: { made, most } };
}

function productsForecast({ count, most }: { count: number; most: number }): Forecast | undefined {
  if (count < NEARLY * most) return undefined;
  const remaining = Math.max(0, most - count);
  const level = remaining === 0 ? 'critical' : 'warning';
  return { code: 'products', subject: '', level, remaining, says: 'products', values: { count, most } };
}

/** With less free space than this, a large export or one backup can fill the disk. */
const LITTLE_ROOM = 2 * GIB;

/**
 * The service stops writing when only 64 MiB are free. 512 MiB is eight times as much, which gives a person time to
 * act.
 */
const HARDLY_ROOM = 512 * MIB;

function diskForecast({ free, size, loss }: DiskFact, now: number): Forecast | undefined {
  // A small disk, such as a test's disk, must not count as nearly full just because it is small.
  const isLittle = (bytes: number): boolean => free < Math.min(bytes, size / 4);
  const bySize: Level | undefined = isLittle(HARDLY_ROOM) ? 'critical' : isLittle(LITTLE_ROOM) ? 'warning' : undefined;
  const byRate = loss === undefined ? undefined : urgency(loss.fullInMs);
  const level = bySize === 'critical' || byRate === 'critical' ? 'critical' : (bySize ?? byRate);
  if (level === undefined) return undefined;
  return {
    code: 'disk',
    subject: '',
    level,
    remaining: free,
    ...(loss === undefined ? {} : { runsOutAt: now + loss.fullInMs }),
    says: loss === undefined ? 'disk' : 'disk.rate',
    values: { free: bytesText(free), ...(loss === undefined ? {} : { daily: bytesText(loss.perDay) }) },
  };
}

export function bytesText(bytes: number): string {
  return bytes < GIB ? `${Math.floor(bytes / MIB)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;
}

function certificateForecast(
  { names, expiresAt }: { names: string; expiresAt: number },
  now: number,
): Forecast | undefined {
  const level = urgency(expiresAt - now);
  if (level === undefined) return undefined;
  return {
    code: 'certificate',
    subject: '',
    level,
    remaining: seconds(Math.max(0, expiresAt - now)),
    runsOutAt: expiresAt,
    says: expiresAt <= now ? 'certificate.over' : 'certificate',
    values: { names },
  };
}

/** The maximum number of device addresses in the sentence. */
const MAX_SHOWN = 5;

function stationKeyForecast({ station, expiresAt, former, users }: StationKeyFact, now: number): Forecast | undefined {
  const level = urgency(expiresAt - now);
  if (level === undefined || expiresAt <= now) return undefined;
  const devices = [...users.slice(0, MAX_SHOWN), ...(users.length > MAX_SHOWN ? ['…'] : [])].join(', ');
  const about = {
    code: 'station-key',
    subject: station,
    remaining: seconds(expiresAt - now),
    runsOutAt: expiresAt,
    values: { station, devices },
  } as const;
  if (!former) return { ...about, level, says: 'station-key.last' };
  // After a key rotation, the former key is supposed to expire. The former key's expiry matters only if a device still
  // uses this key.
  if (users.length === 0) return { ...about, level: 'notice', says: 'station-key.unused' };
  return { ...about, level, says: 'station-key.used' };
}

function backupForecast({ scheduled, lastAt, everyMs, runningMs }: BackupFact, now: number): Forecast | undefined {
  const about = { code: 'backup-age', subject: '' } as const;
  if (!scheduled) return { ...about, level: 'notice', remaining: 0, says: 'backup-age.off', values: {} };
  const hours = (ms: number): number => Math.round(ms / HOUR_MS);
  if (lastAt === undefined) {
    // The service makes the first backup as soon as it starts. An hour is enough for the backup of a large ledger, even
    // if the backup must be repeated after 15 minutes.
    if (runningMs < HOUR_MS) return undefined;
    return { ...about, level: 'critical', remaining: 0, says: 'backup-age.never', values: {} };
  }
  const age = now - lastAt;
  const values = { hours: hours(age), every: hours(everyMs) };
  const late = { ...about, remaining: 0, runsOutAt: lastAt + everyMs, says: 'backup-age', values } as const;
  if (age > 2 * everyMs + HOUR_MS) return { ...late, level: 'critical' };
  return age > everyMs + HOUR_MS ? { ...late, level: 'warning' } : undefined;
}

/**
 * A new backup is completed before an old one is removed, and each backup is larger than the last, because the ledger
 * grows. So the folder must have room for a few backups.
 */
const MIN_BACKUPS = 3;

/** Returns how many copies of the ledger, at its current size, fit in the backup folder. */
export function roomFor({ free, ledgerBytes }: { free: number; ledgerBytes: number }): number {
  return Math.floor(free / Math.max(1, ledgerBytes));
}

function roomForecast(fact: { free: number; ledgerBytes: number }): Forecast | undefined {
  const remaining = roomFor(fact);
  if (remaining >= MIN_BACKUPS) return undefined;
  const level = remaining === 0 ? 'critical' : 'warning';
  const values = { free: bytesText(fact.free), backups: remaining };
  return { code: 'backup-room', subject: '', level, remaining, says: 'backup-room', values };
}

/** A roll of a thousand labels takes half an hour to print, so a shorter wait is normal. */
const LONG_WAIT_MS = HOUR_MS;

function printerForecast({ name, waiting, oldestAt, trouble }: PrinterFact, now: number): Forecast | undefined {
  if (waiting === 0) return undefined;
  const waitsLong = oldestAt !== undefined && now - oldestAt > LONG_WAIT_MS;
  if (trouble === undefined && !waitsLong) return undefined;
  const about = { code: 'print-queue', subject: name, remaining: waiting } as const;
  if (trouble === undefined)
    return { ...about, level: 'notice', says: 'print-queue', values: { printer: name, waiting } };
  return { ...about, level: 'warning', says: 'print-queue.trouble', values: { printer: name, waiting, trouble } };
}

/**
 * PostgreSQL stops accepting writes when the oldest transaction ID reaches this age. PostgreSQL keeps three million IDs
 * in reserve.
 */
export const MAX_TRANSACTION_AGE = 2 ** 31 - 3_000_000;

/**
 * Autovacuum begins to freeze old IDs at an age of 200 million. If the age reaches a billion, autovacuum is too slow.
 * The emergency mode of autovacuum begins at 1.6 billion.
 */
const OLD_TRANSACTIONS: [number, Level][] = [
  [1_600_000_000, 'critical'],
  [1_000_000_000, 'warning'],
];

function postgresForecasts({ connections, transactionAge }: PostgresFact): Forecast[] {
  const found: Forecast[] = [];
  if (connections !== undefined && connections.used >= NEARLY * connections.most) {
    const remaining = Math.max(0, connections.most - connections.used);
    const level = remaining === 0 ? 'critical' : 'warning';
    const code = 'postgres-connections';
    found.push({ code, subject: '', level, remaining, says: code, values: { ...connections } });
  }
  const level = OLD_TRANSACTIONS.find(([age]) => (transactionAge ?? 0) >= age)?.[1];
  if (transactionAge !== undefined && level !== undefined) {
    const remaining = Math.max(0, MAX_TRANSACTION_AGE - transactionAge);
    const code = 'postgres-transactions';
    found.push({ code, subject: '', level, remaining, says: code, values: { age: transactionAge, remaining } });
  }
  return found;
}

/**
 * A forecast that says which facts could not be measured. Without this forecast, a failed measurement would look as if
 * nothing were wrong.
 */
export function notMeasured(source: string, why: string): Forecast {
  const values = { source, why };
  return { code: 'not-measured', subject: source, level: 'warning', remaining: 0, says: 'not-measured', values };
}
