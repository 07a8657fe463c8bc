import { ALARM_CODES } from '../decide/forecasts/alarms.ts';
import { countForecasts, type Facts } from '../decide/forecasts/forecast.ts';
import type { Forecasts } from '../contract/forecasts.ts';
import { MAX_TRANSACTION_AGE, roomFor } from '../decide/forecasts/rules.ts';
import { version } from '../platform/package-root.ts';
import { keysOf } from '../platform/own.ts';

/*
 * Reports what will run out, in the Prometheus text format. If a number could not be measured, it is left out, because
 * an old number would look like a current one. The time when something runs out is given as a timestamp, so that it
 * does not depend on the reader's clock.
 */

type Labels = Record<string, string>;
type Sample = [Labels, number];

/**
 * The maximum number of lines per metric, so that many products do not overload Prometheus. The most urgent lines come
 * first.
 */
const MAX_LINES = 200;

const seconds = (ms: number): number => Math.floor(ms / 1000);

export function forecastMetrics(forecasts: Forecasts): string[] {
  const facts = forecasts.facts();
  return [
    ...info(),
    ...ofProduction(facts),
    ...ofEnds(facts),
    ...ofServer(facts),
    ...ofErpFiles(facts),
    ...gauge(
      'claimstamp_forecasts',
      'Forecasts by code and level.',
      countForecasts(forecasts.list()).map(({ code, level, count }) => [{ code, level }, count]),
    ),
    ...gauge(
      'claimstamp_alarm_active',
      `Alarms that are active: ${ALARM_CODES.join(', ')}.`,
      forecasts.alarms().map(({ code, subject }) => [{ code, subject }, 1]),
    ),
    ...gauge(
      'claimstamp_forecast_source_failed',
      '1 for each kind of value that could not be measured.',
      forecasts.failed().map((source) => [{ source }, 1]),
    ),
  ];
}

function info(): string[] {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return [
    ...gauge('claimstamp_build_info', 'The version of the service and of Node.', [
      [{ version, node: process.versions.node }, 1],
    ]),
    ...gauge('claimstamp_time_zone_info', 'The time zone of the service.', [[{ zone: timeZone }, 1]]),
  ];
}

function ofProduction({ counters: all = [], workOrders = [], hourlyCap, products, printers = [] }: Facts): string[] {
  const [counters, pools] = [all.filter(({ pool }) => !pool), all.filter(({ pool }) => pool)];
  return [
    ...gauge(
      'claimstamp_serial_counter_remaining',
      'S/Ns that are left in the current counter of a product.',
      least(counters.map(({ product, prefix, capacity, used }) => [{ product, prefix }, capacity - used])),
    ),
    ...gauge(
      'claimstamp_serial_counter_capacity',
      'Total S/Ns in the current counter of a product.',
      least(counters.map(({ product, prefix, capacity }) => [{ product, prefix }, capacity])),
    ),
    ...gauge(
      'claimstamp_number_pool_remaining',
      'Numbers left in a pool of a product.',
      least(pools.map(({ product, prefix: pool, capacity, used }) => [{ product, pool }, capacity - used])),
    ),
    ...gauge(
      'claimstamp_number_pool_capacity',
      'Total numbers in a pool of a product.',
      least(pools.map(({ product, prefix: pool, capacity }) => [{ product, pool }, capacity])),
    ),
    ...gauge(
      'claimstamp_work_order_remaining',
      "Units that a station's work order still has to make; negative if it has made more than planned.",
      least(workOrders.map(({ id, planned, units }) => [{ work_order: id }, planned - units])),
    ),
    ...gauge(
      'claimstamp_hourly_cap_remaining',
      'New Claim IDs that agents may still get in this hour.',
      hourlyCap && [[{}, Math.max(0, hourlyCap.most - hourlyCap.made)]],
    ),
    ...gauge(
      'claimstamp_products_remaining',
      'Unknown products that agents may still add.',
      products && [[{}, Math.max(0, products.most - products.count)]],
    ),
    ...gauge(
      'claimstamp_print_queue_length',
      'Print jobs that are queued or being sent.',
      printers.map(({ name, waiting }) => [{ printer: name }, waiting]),
    ),
    ...gauge(
      'claimstamp_printer_trouble',
      '1 while the first job of a printer cannot be sent.',
      printers.map(({ name, trouble }) => [{ printer: name }, trouble === undefined ? 0 : 1]),
    ),
  ];
}

function ofEnds({ certificate, tokens = [], stationKeys = [], kiosks = [], printerTokens = [] }: Facts): string[] {
  return [
    ...gauge(
      'claimstamp_certificate_expires_timestamp_seconds',
      'Earliest time when a certificate of the TLS chain in use expires.',
      certificate && [[{}, seconds(certificate.expiresAt)]],
    ),
    ...gauge(
      'claimstamp_token_expires_timestamp_seconds',
      'Time when a token expires.',
      least(tokens.map(({ name, expiresAt }) => [{ token: name }, seconds(expiresAt)])),
    ),
    ...gauge(
      'claimstamp_station_key_expires_timestamp_seconds',
      'Time when a station key expires. former="true": the station has a newer key.',
      least(perStation(stationKeys).map(([labels, at]) => [labels, seconds(at)])),
    ),
    ...gauge(
      'claimstamp_former_key_users',
      'Addresses that have used the former key of a station since the service started.',
      [...sumByStation(stationKeys)].map(([station, users]) => [{ station }, users]),
    ),
    ...gauge(
      'claimstamp_kiosk_expires_timestamp_seconds',
      'Time when the first screen at a station is signed out automatically.',
      least(firstOf(kiosks).map(([station, at]) => [{ station }, seconds(at)])),
    ),
    ...gauge(
      'claimstamp_printer_token_expires_timestamp_seconds',
      'Time when the token of a print agent expires.',
      least(printerTokens.map(({ printer, expiresAt }) => [{ printer }, seconds(expiresAt)])),
    ),
  ];
}

function ofErpFiles({ erpFiles }: Facts): string[] {
  if (erpFiles === undefined) return [];
  const { trouble, failed, stuck, unread, unreadMs } = erpFiles;
  return [
    ...gauge('claimstamp_erp_files', 'Files in the folder of the ERP: refused, not taken for an hour, or unread.', [
      [{ place: 'failed' }, failed],
      [{ place: 'inbox' }, stuck],
      [{ place: 'outbox' }, unread],
    ]),
    ...gauge('claimstamp_erp_oldest_unread_seconds', 'Age of the oldest file in outbox.', [[{}, seconds(unreadMs)]]),
    ...gauge('claimstamp_erp_folder_trouble', '1 while the folder of the ERP cannot be used.', [
      [{}, trouble === undefined ? 0 : 1],
    ]),
  ];
}

function ofServer({ disk, backup, backupRoom, postgres }: Facts): string[] {
  const { connections, transactionAge, bytes } = postgres ?? {};
  return [
    ...gauge('claimstamp_disk_free_bytes', "Free bytes on the ledger's disk.", disk && [[{}, disk.free]]),
    ...gauge('claimstamp_disk_size_bytes', "Size of the ledger's disk.", disk && [[{}, disk.size]]),
    ...gauge(
      'claimstamp_backup_interval_seconds',
      'The time between two scheduled backups.',
      backup?.scheduled ? [[{}, seconds(backup.everyMs)]] : undefined,
    ),
    ...gauge(
      'claimstamp_backup_room_remaining',
      'Copies of the current ledger that still fit into the backup folder.',
      backupRoom && [[{}, roomFor(backupRoom)]],
    ),
    ...gauge(
      'claimstamp_postgres_connections_remaining',
      'How many more connections PostgreSQL accepts.',
      connections && [[{}, Math.max(0, connections.most - connections.used)]],
    ),
    ...gauge(
      'claimstamp_postgres_transactions_remaining',
      'How many more transactions PostgreSQL accepts if VACUUM does not run.',
      transactionAge === undefined ? undefined : [[{}, Math.max(0, MAX_TRANSACTION_AGE - transactionAge)]],
    ),
    ...gauge(
      'claimstamp_postgres_size_bytes',
      "Size of the ledger's database in PostgreSQL.",
      bytes === undefined ? undefined : [[{}, bytes]],
    ),
  ];
}

/**
 * No two samples may have the same labels. So if a station has several keys or screens, only the one that expires first
 * is reported.
 */
function perStation(keys: NonNullable<Facts['stationKeys']>): Sample[] {
  const kinds = [true, false].flatMap((former) =>
    firstOf(keys.filter((key) => key.former === former)).map(([station, at]): Sample => [
      { station, former: String(former) },
      at,
    ]),
  );
  return kinds;
}

function firstOf(ends: readonly { station: string; expiresAt: number }[]): [string, number][] {
  const first = new Map<string, number>();
  for (const { station, expiresAt } of ends) first.set(station, Math.min(first.get(station) ?? Infinity, expiresAt));
  return [...first];
}

function sumByStation(keys: NonNullable<Facts['stationKeys']>): Map<string, number> {
  const users = new Map<string, number>();
  for (const { station, former, users: own } of keys)
    if (former) users.set(station, (users.get(station) ?? 0) + own.length);
  return users;
}

function least(samples: readonly Sample[]): Sample[] {
  return samples.toSorted(([, a], [, b]) => a - b).slice(0, MAX_LINES);
}

function gauge(name: string, help: string, samples: readonly Sample[] | undefined): string[] {
  if (samples === undefined || samples.length === 0) return [];
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(([labels, value]) => `${name}${labelled(labels)} ${value}`),
  ];
}

function labelled(labels: Labels): string {
  const names = keysOf(labels);
  if (names.length === 0) return '';
  return `{${names.map((name) => `${name}="${escaped(labels[name] ?? '')}"`).join(',')}}`;
}

/** In the Prometheus text format, backslashes, quotation marks and line breaks are escaped. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
