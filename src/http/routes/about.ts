import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ALARM_CODES } from '../../decide/forecasts/alarms.ts';
import { countForecasts, FORECASTS, LEVELS } from '../../decide/forecasts/forecast.ts';
import { keysOf } from '../../platform/own.ts';
import { packageRoot, version } from '../../platform/package-root.ts';
import { backupState, keyOf, needsAttention, newestCheckpoint, programOf, type BackupState } from '../health.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';
import { shownSettings } from '../shown-settings.ts';
import { supportBundle } from '../support-bundle.ts';
import { actable } from './forecasts.ts';
import type { Probe } from './health.ts';
import { siteRoutes } from './site-settings.ts';

const Bytes = z.int().min(0);

const BackupAnswer = z
  .object({
    folder: z.string(),
    everyHours: z.int(),
    keep: z.int(),
    lastAt: Time.optional().meta({ description: 'The newest backup in the folder' }),
    nextAt: Time.optional().meta({ description: 'The time when the next backup is due' }),
    making: z.boolean().meta({ description: 'True while a backup is being made' }),
    problem: z.string().optional().meta({ description: 'The reason why the last attempt failed' }),
    failures: z.int().meta({ description: 'Failed attempts since the start of the service' }),
    lineFailures: z
      .int()
      .optional()
      .meta({ description: 'How many times new events could not be appended to the folder since the start' }),
    sameDisk: z.boolean().optional().meta({ description: 'The folder is on the same disk as the ledger' }),
    free: Bytes.optional().meta({ description: 'Free bytes on the disk of the folder' }),
  })
  .meta({ id: 'Backups' });

const HealthAnswer = z
  .object({
    attention: z.boolean().meta({ description: 'True if a person has to do something' }),
    problems: z
      .array(z.string())
      .meta({ description: 'The reasons why the service is not ready for agents, as in /readyz' }),
    held: z
      .boolean()
      .meta({ description: 'True while the ledger is held: nothing is issued until the ledger is accepted' }),
    alarms: z.array(z.object({ code: z.enum(ALARM_CODES), subject: z.string() })),
    forecasts: z.array(z.object({ code: z.enum(keysOf(FORECASTS)), level: z.enum(LEVELS), count: z.int() })).meta({
      description: 'What will run out, by code. Only forecasts that the caller can act on',
    }),
    backups: BackupAnswer.optional().meta({ description: 'Absent if no backup folder is set' }),
    checkpoint: z
      .object({ size: z.int(), at: Time, root: z.string() })
      .optional()
      .meta({ description: 'The newest stored checkpoint' }),
    key: z.object({
      origin: z.string(),
      fingerprint: z.string().meta({
        description: 'The first 16 hexadecimal digits of the SHA-256 of the public key that signs checkpoints',
      }),
      verifierKey: z.string().meta({ description: 'signed-note: name+id+key' }),
    }),
    version: z.string(),
    node: z.string(),
    platform: z.string(),
    startedAt: Time,
    data: z.object({ folder: z.string(), free: Bytes.optional(), size: Bytes.optional() }),
  })
  .meta({ id: 'Health' });

const SettingAnswer = z
  .object({
    name: z.string().meta({ description: 'The name in the configuration file' }),
    variable: z.string().meta({ description: 'The name in the environment' }),
    value: z.string().optional().meta({ description: 'Absent if the setting has no value, and for secrets' }),
    set: z.boolean().meta({ description: 'The setting has a value' }),
    secret: z.boolean(),
    source: z.string().meta({ description: '`default`, `environment NAME` or `file PATH`' }),
    without: z.string().optional().meta({ description: 'The behaviour if the setting has no value' }),
    help: z.string(),
  })
  .meta({ id: 'Setting' });

export const aboutOperations = {
  'GET /v1/health': {
    tag: 'service',
    may: 'forecasts:handle',
    summary: 'The state of the service: readiness, alarms, backups, checkpoint, key, version, disk',
    answer: HealthAnswer,
  },
  'POST /v1/backups': {
    tag: 'service',
    may: 'ledger:backup',
    summary: 'Make a backup now, in the folder for scheduled backups',
    description:
      'The answer is sent before the backup is made. `GET /v1/health` shows when the backup is complete, or why it failed. While a backup is being made, another request does not start a second one. The ledger records who asked for the backup.',
    status: 202,
    answer: BackupAnswer,
    refusals: ['not-found', 'ledger-unavailable'],
  },
  'GET /v1/settings': {
    tag: 'service',
    may: 'settings:read',
    summary: 'The settings of the service, each with its value and source, without secrets',
    answer: z.object({
      file: z.string().optional().meta({ description: 'The configuration file, if there is one' }),
      settings: z.array(SettingAnswer),
    }),
  },
  'GET /v1/support': {
    tag: 'service',
    may: 'settings:read',
    summary: 'A support bundle: versions, settings, states and counts, without Claim IDs, names of people or secrets',
    file: { types: ['application/json'], description: 'One JSON object' },
  },
  'GET /licences.txt': {
    tag: 'service',
    may: 'anybody',
    summary: 'The licences of the libraries in this version',
    file: { types: ['text/plain'], description: 'The file THIRD_PARTY_NOTICES' },
  },
} satisfies Declarations;

export function aboutRoutes(on: On, services: Services, probe: Probe): void {
  const { guard, forecasts, config, log, now } = services;
  on(aboutOperations, 'GET /v1/health', async ({ who }) => {
    const problems = await probe();
    const { startedAt, ...program } = programOf();
    const checkpoint = await newestCheckpoint(services);
    const backups = backupState(services);
    return {
      attention: problems.length > 0 || needsAttention(services),
      problems,
      held: guard.discontinuity() !== undefined,
      alarms: forecasts.alarms().map(({ code, subject }) => ({ code, subject })),
      forecasts: countForecasts(actable(forecasts.list(), who)),
      ...present({
        backups: backups && shownBackups(backups),
        checkpoint: checkpoint && { ...checkpoint, at: shownTime(checkpoint.at) },
      }),
      key: keyOf(services),
      version,
      ...program,
      startedAt: shownTime(startedAt),
      data: { folder: config.data, ...spaceOf(services) },
    };
  });
  on(aboutOperations, 'POST /v1/backups', async ({ who }) => {
    services.backUpNow(who.actor);
    const state = backupState(services);
    if (state === undefined) throw new Error('a backup was requested, but no folder is set');
    return shownBackups(state);
  });
  on(aboutOperations, 'GET /v1/settings', async () => ({
    ...present({ file: config.file }),
    settings: shownSettings(config),
  }));
  on(aboutOperations, 'GET /v1/support', async ({ c, who }) => {
    const bundle = await supportBundle(services, await probe());
    log.info({ actor: who.actor }, 'support bundle made');
    const day = new Date(now()).toISOString().slice(0, 10);
    return c.body(bundle, 200, {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="claimstamp-support-${day}.json"`,
      'cache-control': 'no-store',
    });
  });
  siteRoutes(on, services);
  let licences: string | undefined;
  on(aboutOperations, 'GET /licences.txt', async ({ c }) => {
    licences ??= readFileSync(join(packageRoot, 'THIRD_PARTY_NOTICES'), 'utf8');
    return c.text(licences, 200, { 'content-type': 'text/plain; charset=utf-8' });
  });
}

function shownBackups({ lastAt, nextAt, problem, lineFailures, sameDisk, free, ...rest }: BackupState) {
  return {
    ...rest,
    ...present({ lastAt: shownTime(lastAt), nextAt: shownTime(nextAt), problem, lineFailures, sameDisk, free }),
  };
}

function spaceOf({ forecasts }: Services): { free?: number; size?: number } {
  const { disk } = forecasts.facts();
  return disk === undefined ? {} : { free: disk.free, size: disk.size };
}
