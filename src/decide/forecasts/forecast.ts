import type { ForecastWords } from '../../../words/console/forecasts.ts';
import type { CounterPeriod } from '../../model/serial.ts';
import type { Permission } from '../../model/role.ts';
import type { DrillKind } from '../../model/event-data.ts';

/*
 * A forecast says what will run out, when, and what to do. A job measures facts (jobs/forecasts/), and the rules in
 * this folder make forecasts from them.
 */

/** From `notice` (can wait) to `critical` (the line may stop soon, or has no protection). */
export const LEVELS = ['notice', 'warning', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

/** The codes of forecasts. A person with one of the permissions can act on the forecast, and sees it in the console. */
export const FORECASTS = {
  'serial-counter': ['catalog:write'],
  'work-order': ['stations:changeover', 'orders:close'],
  'hourly-cap': ['catalog:write'],
  products: ['catalog:write'],
  disk: ['ledger:backup'],
  certificate: ['ledger:backup'],
  token: ['access:write'],
  'station-key': ['access:write'],
  kiosk: ['access:write'],
  'printer-token': ['access:write'],
  'backup-age': ['ledger:backup'],
  'backup-room': ['ledger:backup'],
  'print-queue': ['stations:changeover'],
  'postgres-connections': ['ledger:backup'],
  'postgres-transactions': ['ledger:backup'],
  drill: ['drills:record'],
  'not-measured': ['ledger:backup'],
} as const satisfies Record<string, readonly Permission[]>;
export type ForecastCode = keyof typeof FORECASTS;

export interface Forecast {
  code: ForecastCode;
  /** The product, work order, station, token or printer that the forecast is about. Empty if there is only one. */
  subject: string;
  level: Level;
  /** How much is left, in the unit of the code: S/Ns, units, Claim IDs, products, bytes, seconds, labels and so on. */
  remaining: number;
  /** The time in ms since 1970. Absent if the time cannot be told. */
  runsOutAt?: number;
  says: ForecastWords;
  values: Record<string, string | number>;
}

/**
 * A forecast that is hidden from everyone for a while, because one person is taking care of it. Only a forecast's last
 * snooze is valid.
 */
export interface Snooze {
  code: ForecastCode;
  subject: string;
  /** The level when the forecast was snoozed. If the level rises, the forecast is shown again. */
  level: Level;
  /** The times are in ms since 1970. */
  until: number;
  actor: string;
  at: number;
}

/** What was measured. A fact is absent if it cannot be measured or does not exist in this installation. */
export interface Facts {
  counters?: CounterFact[];
  workOrders?: { id: string; units: number; planned: number; refuses: boolean }[];
  /** The number of new Claim IDs in the last hour. */
  hourlyCap?: { made: number; most: number } | undefined;
  products?: { count: number; most: number };
  disk?: DiskFact;
  certificate?: { names: string; expiresAt: number } | undefined;
  tokens?: { name: string; expiresAt: number }[];
  stationKeys?: StationKeyFact[];
  kiosks?: { station: string; expiresAt: number }[];
  printerTokens?: { printer: string; expiresAt: number }[];
  backup?: BackupFact;
  backupRoom?: { free: number; ledgerBytes: number } | undefined;
  printers?: PrinterFact[];
  postgres?: PostgresFact | undefined;
  /** Undefined if nobody asked for forecasts of drills. */
  drills?: DrillFact | undefined;
}
export type FactName = keyof Facts;

export interface CounterFact {
  product: string;
  pattern: string;
  prefix: string;
  used: number;
  capacity: number;
  period?: CounterPeriod | undefined;
}

export interface DiskFact {
  free: number;
  size: number;
  /**
   * How many bytes of free space the disk loses each day, and the ms until it is full. Absent while there are too few
   * samples.
   */
  loss?: { perDay: number; fullInMs: number } | undefined;
}

export interface StationKeyFact {
  station: string;
  expiresAt: number;
  /** True if the station has another key that expires later or does not expire. */
  former: boolean;
  /** The addresses that have used the expiring key of this station since the service started. */
  users: string[];
}

export interface BackupFact {
  /** False if no folder for scheduled backups is set. */
  scheduled: boolean;
  lastAt: number | undefined;
  everyMs: number;
  /** The time in ms since the schedule was started. */
  runningMs: number;
}

export interface PrinterFact {
  name: string;
  waiting: number;
  /** The time when the oldest waiting job was queued, in ms since 1970. */
  oldestAt?: number | undefined;
  /** Why the first job waits. */
  trouble?: string | undefined;
}

/** When each drill was last held, in ms since 1970, and after how many days the next one is due. */
export interface DrillFact {
  days: number;
  heldAt: { [kind in DrillKind]?: number };
}

export interface PostgresFact {
  connections?: { used: number; most: number } | undefined;
  /** The age of the oldest transaction ID of the database, in transactions. */
  transactionAge?: number | undefined;
  bytes?: number | undefined;
}

export interface ForecastCount {
  code: ForecastCode;
  level: Level;
  count: number;
}

/** Counts the forecasts for each code and level, for readers who must not see names. */
export function countForecasts(list: readonly Forecast[]): ForecastCount[] {
  const counts = new Map<string, ForecastCount>();
  for (const { code, level } of list) {
    const key = `${code} ${level}`;
    counts.set(key, { code, level, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
