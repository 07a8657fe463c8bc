import type { ForecastWords } from '../../../words/console/forecasts.ts';
import type { CounterPeriod } from '../../model/serial.ts';
import type { Permission } from '../../model/role.ts';
import type { DrillKind } from '../../model/event-data.ts';

/*
 * A forecast says what will run out, when that will happen, and what to do. A job measures the facts (jobs/forecasts/),
 * and the rules in this folder turn facts into forecasts.
 */

/** The levels from `notice` (can wait) to `critical` (the line may stop soon, or has no protection). */
export const LEVELS = ['notice', 'warning', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * The codes of forecasts, and the permissions for each. A person who has one of these permissions can act on the
 * forecast and sees it in the console.
 */
export const FORECASTS = {
  'serial-counter': ['catalog:write'],
  'number-pool': ['catalog:write'],
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
  webhook: ['access:write'],
  'erp-files': ['catalog:write', 'orders:close'],
  'not-measured': ['ledger:backup'],
} as const satisfies Record<string, readonly Permission[]>;
export type ForecastCode = keyof typeof FORECASTS;

export interface Forecast {
  code: ForecastCode;
  /**
   * The product, work order, station, token or printer that the forecast is about. Empty if the forecast is about
   * something that the installation has only once, such as the disk.
   */
  subject: string;
  level: Level;
  /**
   * How much is left. What is counted depends on the code: S/Ns, units, Claim IDs, products, bytes, seconds, labels and
   * so on.
   */
  remaining: number;
  /** The time when the supply runs out, in ms since 1970. Absent if this time cannot be predicted. */
  runsOutAt?: number;
  says: ForecastWords;
  values: Record<string, string | number>;
}

/**
 * A snoozed forecast is hidden from everyone for a while, because one person is taking care of the problem. Only the
 * last snooze of a forecast is valid.
 */
export interface Snooze {
  code: ForecastCode;
  subject: string;
  /** The level at the time of the snooze. If the level rises later, the forecast is shown again. */
  level: Level;
  /** The times are in ms since 1970. */
  until: number;
  actor: string;
  at: number;
}

/**
 * The facts that were measured. A fact is absent if it could not be measured or does not exist in this installation.
 */
export interface Facts {
  counters?: CounterFact[];
  workOrders?: { id: string; units: number; planned: number; refuses: boolean }[];
  /** The number of new Claim IDs in the last hour, and the limit. */
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
  /** Undefined if no forecasts of drills are wanted. */
  drills?: DrillFact | undefined;
  webhooks?: WebhookFact[];
  /** Undefined if no files are exchanged with an ERP. */
  erpFiles?: ErpFilesFact | undefined;
}
export type FactName = keyof Facts;

/** If the counter belongs to a pool, `prefix` is the property of the pool, and `pool` is true. */
export interface CounterFact {
  product: string;
  pool?: true;
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
   * How many bytes of free space the disk loses each day, and how many ms remain until the disk is full. Absent while
   * there are not enough samples.
   */
  loss?: { perDay: number; fullInMs: number } | undefined;
}

export interface StationKeyFact {
  station: string;
  expiresAt: number;
  /** True if the station has another key that expires later or does not expire. */
  former: boolean;
  /** The addresses that have used this station's expiring key since the service started. */
  users: string[];
}

export interface BackupFact {
  /** False if no folder for scheduled backups is set. */
  scheduled: boolean;
  lastAt: number | undefined;
  everyMs: number;
  /** How long the schedule has been running, in ms. */
  runningMs: number;
}

export interface PrinterFact {
  name: string;
  waiting: number;
  /** The time when the oldest waiting job was queued, in ms since 1970. */
  oldestAt?: number | undefined;
  /** The reason why the job at the head of the queue waits. */
  trouble?: string | undefined;
}

/** The time when each drill was last held (ms since 1970), and how many days later the next one is due. */
export interface DrillFact {
  days: number;
  heldAt: { [kind in DrillKind]?: number };
}

export interface WebhookFact {
  name: string;
  /** The number of events that the receiver has not accepted yet. */
  waiting: number;
  /** For how many ms the receiver has accepted nothing, and the result of the last attempt. */
  failingMs?: number | undefined;
  result?: string | undefined;
  /** The reason why the service sends nothing. */
  paused?: 'person' | 'failing' | 'gone' | 'restored' | undefined;
}

/** The state of the files that are exchanged with an ERP. */
export interface ErpFilesFact {
  /** The reason why the folder cannot be used, and how long this has lasted, in ms. */
  trouble?: { why: string; forMs: number } | undefined;
  /**
   * The file in `inbox` that could not be read or moved for the longest time (`forMs`, in ms). `isHandled` is true if
   * the service has already read this file and taken or refused its work orders, but could not move the file. `count`
   * is the number of such files.
   */
  file?: { name: string; why: string; forMs: number; isHandled: boolean; count: number } | undefined;
  /** The number of refused files that no one has removed from `failed`. */
  failed: number;
  /** The number of files that have waited in `inbox` for more than an hour. */
  stuck: number;
  /** The number of files in `outbox`, and the age of the oldest one, in ms. */
  unread: number;
  unreadMs: number;
  /** True if the service writes no more files, because too many are still unread. */
  isFull: boolean;
}

export interface PostgresFact {
  connections?: { used: number; most: number } | undefined;
  /** The age of the database's oldest transaction ID, in transactions. */
  transactionAge?: number | undefined;
  bytes?: number | undefined;
}

export interface ForecastCount {
  code: ForecastCode;
  level: Level;
  count: number;
}

/**
 * Counts the forecasts for each code and level. Leaves out the names of stations, products and so on, because some
 * readers must not see them.
 */
export function countForecasts(list: readonly Forecast[]): ForecastCount[] {
  const counts = new Map<string, ForecastCount>();
  for (const { code, level } of list) {
    const key = `${code} ${level}`;
    counts.set(key, { code, level, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
