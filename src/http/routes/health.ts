import { z } from 'zod';
import { LANGUAGES } from '../../../words/sentence.ts';
import { countForecasts, FORECASTS, LEVELS } from '../../decide/forecasts/forecast.ts';
import { keysOf } from '../../platform/own.ts';
import { forecastMetrics } from '../forecast-metrics.ts';
import { version } from '../../platform/package-root.ts';
import type { BackupFigures } from '../../contract/backup.ts';
import { refusal } from '../../platform/error.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import type { TrafficFigures } from '../traffic.ts';

/** A probe needs no token, but writes to the disk. So the result of a probe is reused for this time (ms). */
const PROBE_LASTS_MS = 1000;

const open = { tag: 'service', may: 'anybody' } as const;

export const healthOperations = {
  'GET /healthz': {
    ...open,
    summary: 'Check whether the service is alive',
    answer: z.object({ status: z.literal('ok'), version: z.string() }),
  },
  'GET /readyz': {
    ...open,
    summary: 'Check whether the service is ready for agents: 200, or 503 with all the reasons why it is not',
    answer: z.object({
      status: z.enum(['ready', 'not ready']),
      problems: z.array(z.string()),
      forecasts: z
        .array(z.object({ code: z.enum(keysOf(FORECASTS)), level: z.enum(LEVELS), count: z.int() }))
        .meta({ description: 'What will run out, by code. Forecasts do not change the status' }),
    }),
  },
  'GET /.well-known/security.txt': {
    ...open,
    summary: 'Where to report vulnerabilities (RFC 9116), if a contact is set',
    file: { types: ['text/plain'], description: 'RFC 9116' },
    refusals: ['not-found'],
  },
  'GET /metrics': {
    ...open,
    summary: 'Metrics',
    may: 'metrics:read',
    file: { types: ['text/plain'], description: 'Prometheus text format 0.0.4' },
  },
} satisfies Declarations;

/** Returns one sentence for each reason why the service is not ready. */
export type Probe = () => Promise<string[]>;

export function openProbe({ ledger, stopping }: Pick<Services, 'ledger' | 'stopping'>): Probe {
  let probed: { at: number; problems: Promise<string[]> } | undefined;
  return async () => {
    if (stopping()) return ['the service is stopping'];
    const now = performance.now();
    if (probed === undefined || now - probed.at > PROBE_LASTS_MS) probed = { at: now, problems: ledger.problems() };
    return probed.problems;
  };
}

export function healthRoutes(on: On, services: Services, probe: Probe): void {
  on(healthOperations, 'GET /healthz', async () => ({ status: 'ok' as const, version }));
  on(healthOperations, 'GET /readyz', async ({ c }) => {
    const found = await probe();
    const ready = found.length === 0;
    return c.json(
      { status: ready ? 'ready' : 'not ready', problems: found, forecasts: countForecasts(services.forecasts.list()) },
      ready ? 200 : 503,
    );
  });
  on(healthOperations, 'GET /.well-known/security.txt', async ({ c }) =>
    c.text(securityText(services), 200, { 'content-type': 'text/plain; charset=utf-8' }),
  );
  on(healthOperations, 'GET /metrics', async ({ c }) =>
    c.text(metrics(services), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
}

/**
 * RFC 9116, 2.5.5 recommends less than a year. The expiry date moves forward every day, so `security.txt` stays valid
 * as long as the service is running.
 */
const CONTACT_LASTS_MS = 180 * 24 * 60 * 60 * 1000;

function securityText({ config, now }: Pick<Services, 'config' | 'now'>): string {
  const { securityContact, publicUrl } = config;
  if (securityContact.length === 0) throw refusal('not-found', 'address', { method: 'GET' });
  // The date has no time of day, so that all answers on one day are the same.
  const expires = `${new Date(now() + CONTACT_LASTS_MS).toISOString().slice(0, 10)}T00:00:00Z`;
  const lines = [
    ...securityContact.map((contact) => `Contact: ${contact}`),
    `Expires: ${expires}`,
    `Preferred-Languages: ${Object.keys(LANGUAGES).join(', ')}`,
    ...(publicUrl === undefined ? [] : [`Canonical: ${publicUrl.replace(/\/$/, '')}/.well-known/security.txt`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Returns the metrics in the Prometheus text format, version 0.0.4. */
export function metrics({ ledger, guard, counts, refusals, alarms, traffic, scheduled, forecasts }: Services): string {
  const { issued, repeats, ...outcomes } = counts();
  const { commits, commitMs, commands, events, waiting, state } = ledger.figures();
  const writable = state === 'ready' && forecasts.line()?.ledger !== 'latched';
  const lines = [
    ...metric('claimstamp_issued_total', 'counter', 'Requests answered with a unit for the first time.', issued),
    ...metric('claimstamp_repeats_total', 'counter', 'Requests answered with an existing unit.', repeats),
    ...metric('claimstamp_ledger_commits_total', 'counter', 'Transactions of the ledger.', commits),
    ...metric(
      'claimstamp_ledger_commit_seconds_total',
      'counter',
      "Time spent in ledger transactions. For a shared ledger, only the time while the ledger's head was locked.",
      (commitMs / 1000).toFixed(6),
    ),
    ...metric('claimstamp_ledger_commands_total', 'counter', 'Commands in these transactions.', commands),
    ...metric('claimstamp_ledger_events_total', 'counter', 'Events appended.', events),
    ...metric('claimstamp_ledger_waiting', 'gauge', 'Commands that wait for the writer.', waiting),
    ...metric('claimstamp_ledger_writable', 'gauge', '1 if the last commit succeeded.', writable ? 1 : 0),
    ...metric(
      'claimstamp_ledger_held',
      'gauge',
      '1 while nothing is issued because the ledger does not continue from its last checkpoint.',
      guard.discontinuity() === undefined ? 0 : 1,
    ),
    ...metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
    ...trafficMetrics(traffic.figures()),
    ...backupMetrics(scheduled()),
    ...forecastMetrics(forecasts),
    '# HELP claimstamp_registrations_total Registrations sent to the device cloud, by outcome.',
    '# TYPE claimstamp_registrations_total counter',
    ...Object.entries(outcomes).map(
      ([outcome, count]) => `claimstamp_registrations_total{outcome="${outcome}"} ${count}`,
    ),
    '# HELP claimstamp_alarms_total Alarms: Claim IDs of other devices, identities at two sources, rates, by station and alarm.',
    '# TYPE claimstamp_alarms_total counter',
    ...alarms
      .list()
      .map(
        ({ station, alarm, code, count }) =>
          `claimstamp_alarms_total{station="${station}",alarm="${alarm ?? code}"} ${count}`,
      ),
    '# HELP claimstamp_refusals_total Requests refused, by station and reason.',
    '# TYPE claimstamp_refusals_total counter',
    ...refusals
      .list()
      .map(({ station, code, count }) => `claimstamp_refusals_total{station="${station}",reason="${code}"} ${count}`),
  ];
  return `${lines.join('\n')}\n`;
}

function backupMetrics(figures: BackupFigures | undefined): string[] {
  if (figures === undefined) return [];
  const { lastAt, failures, lineFailures } = figures;
  return [
    ...metric('claimstamp_backup_failures_total', 'counter', 'Scheduled backups that could not be made.', failures),
    ...(lineFailures === undefined
      ? []
      : metric(
          'claimstamp_backup_lines_failures_total',
          'counter',
          'How many times new events could not be appended to the backup folder.',
          lineFailures,
        )),
    ...(lastAt === undefined
      ? []
      : metric(
          'claimstamp_backup_last_timestamp_seconds',
          'gauge',
          'The time when the newest scheduled backup was made.',
          Math.floor(lastAt / 1000),
        )),
  ];
}

function trafficMetrics({ open, cuts }: TrafficFigures): string[] {
  const name = 'claimstamp_connections_cut_total';
  return [
    ...metric('claimstamp_connections_open', 'gauge', 'Connections that are open now.', open),
    `# HELP ${name} Connections that were closed or refused before any route saw a request.`,
    `# TYPE ${name} counter`,
    ...Object.entries(cuts).map(([reason, count]) => `${name}{reason="${reason}"} ${count}`),
  ];
}

function metric(name: string, type: string, help: string, value: number | string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}
