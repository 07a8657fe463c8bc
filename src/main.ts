import { rmSync } from 'node:fs';
import type { Hono } from 'hono';
import type { Config } from './config.ts';
import { isLoopback } from './platform/loopback.ts';
import { consolePages } from './console/app.tsx';
import { LIMITS, type IntroduceLimits } from './decide/sources.ts';
import { openHub, type Hub } from './contract/hub.ts';
import type { Ledger } from './contract/ledger.ts';
import { createApp } from './http/app.ts';
import { openIntake } from './http/intake.ts';
import { logLimits } from './http/limits.ts';
import type { Services } from './http/services.ts';
import { openListeners, type Listeners } from './http/listeners.ts';
import { drawSecret } from './http/secret.ts';
import { keyName } from './proof/checkpoint.ts';
import type { Traffic } from './http/traffic.ts';
import { applyCatalog } from './jobs/apply-catalog.ts';
import { openBackupSchedule, type BackupSchedule, type BackupScheduleOptions } from './jobs/backup-schedule.ts';
import { becomeOwner, keepServeFile, serveFile } from './jobs/data-folder.ts';
import { coverAccess, firstLinkFile, makeFirstLink, type FirstLink } from './jobs/first-link.ts';
import { datedAhead, judgeClock } from './model/clock.ts';
import { openChildren } from './jobs/open-children.ts';
import { fileOf, joinsLedger, ledgerOpener, type OpenLedger } from './jobs/open-ledger.ts';
import { endLeftWork } from './jobs/imports/end-left-work.ts';
import { keepSettings } from './jobs/continuity/kept-settings.ts';
import { openProof } from './jobs/continuity/open-proof.ts';
import { openPrintRunner } from './jobs/printing.ts';
import { openAlarmCalls } from './jobs/forecasts/alarm-calls.ts';
import { openSources } from './jobs/forecasts/measure.ts';
import { openForecasts, type ForecastWatch } from './jobs/forecasts/watch.ts';
import { forTraining } from './jobs/training/training.ts';
import { sessionKey } from './jobs/session-key.ts';
import { refusal } from './platform/error.ts';
import { removeIfThere } from './platform/file-error.ts';
import { openFaultLog, written, type Log } from './platform/log.ts';
import { installedAt } from './platform/package-root.ts';
import { programProblem } from './platform/program-problem.ts';
import { openPasswords } from './print/passwords.ts';
import { printerPlaces } from './print/places.ts';
import { openNeighbours } from './network/neighbours.ts';
import { openCloud } from './relay/cloud.ts';
import type { Ownership } from './sqlite/data-lock.ts';

/** The ledger and the routes of this process. The process owns the data folder until `close` is called. */
export interface Application {
  app: Hono;
  ledger: Ledger;
  localToken: string;
  /** The name of the key that signs the checkpoints. */
  fingerprint: string;
  /** Counts the connections of the HTTP server. */
  traffic: Traffic;
  startPrinting: () => void;
  startCheckpoints: () => void;
  /** Starts scheduled backups. Does nothing if no backup folder is set. */
  startBackups: () => void;
  /** Loads the label renderers ahead of time, so that the first label does not have to wait for them. */
  loadRenderers: () => Promise<void>;
  startSearch: () => void;
  /** Starts to send events to webhooks, and to exchange files with an ERP. */
  startIntegrations: () => void;
  /** Starts the checks of what will run out. Resolves after the first check. */
  startForecasts: (certificate: Listeners['certificate']) => Promise<void>;
  /** Makes the service report that it is not ready. Also ends the event streams to the screens. */
  retire: () => void;
  close: () => Promise<void>;
}

/** Opens the ledger and the routes. If the ledger or the routes cannot be opened, closes `own` and throws. */
export async function openApplication(
  given: Config,
  log: Log,
  own: Ownership,
  openLedger?: OpenLedger,
  now: () => number = Date.now,
): Promise<Application> {
  const config = forTraining(given);
  const hub = openHub();
  let opened: Ledger | undefined;
  try {
    // If a service was killed, its old `serve.json` would lead commands to an address where nothing listens.
    removeIfThere(serveFile(config.data));
    const joins = joinsLedger(config);
    opened = await (openLedger ?? ledgerOpener(config))({
      file: fileOf(config),
      onFault: openFaultLog(log, now, 'internal error in the ledger'),
      onEnd() {
        log.fatal('the ledger stopped unexpectedly: the process exits so that its supervisor restarts it');
        void written().then(() => process.exit(1));
      },
      onMoved: () => hub.publish(),
    });
    return await compose(opened, { config, log, own, hub, now, joins });
  } catch (error) {
    await opened?.close();
    own.close();
    throw error;
  }
}

interface Parts {
  config: Config;
  log: Log;
  own: Ownership;
  hub: Hub;
  now: () => number;
  /** True if this process uses the shared ledger for the first time. */
  joins: boolean;
}

async function compose(opened: Ledger, { config, log, own, hub, now, joins }: Parts): Promise<Application> {
  const proof = await openProof(opened, { config, log, hub, now, joins });
  const { signer, guard, ledger, checkpoints, names, lines } = proof;
  // Record the limits before the first event, because a ledger that already has events counts as older than the limits.
  const introduced = (await ledger.introduced(LIMITS)) ?? (await ledger.record(introduceNow()));
  logLimits(log, config, introduced, now());
  await applyCatalog(ledger, config, log);
  const imports = await endLeftWork(ledger, { config, log, now });
  const children = openChildren(config, { ledger, log, signer, checkpoints, clock, now });
  const isSuspended = checkpoints.isHeld;
  const schedule = scheduleFor(config, { backups: children.backups, ledger, log, now, isSuspended, names });
  const using = { ledger, log, labels: children.labels, places: printerPlaces(config), shared: config.ledger };
  const printer = openPrintRunner({ ...using, passwords: openPasswords(config.data, log), onTrouble: hub.publish });
  const cloud = config.builderUrl === undefined ? undefined : openCloud(config.builderUrl);
  const forecasts = openWatch({ config, log, now }, { ledger, guard });
  const neighbours = openNeighbours(log, clock);
  let isStopping = false;
  const services: Services = {
    ...children,
    imports,
    ...(await openIntake(ledger, { config, log, hub, now, introduced, neighbours })),
    ledger,
    hub,
    ...backupServices(schedule, lines),
    printing: printer.printing,
    forecasts,
    config,
    signer,
    checkpoints,
    guard,
    cloud,
    log,
    now,
    stopping: () => isStopping,
    localToken: drawSecret(),
    dropFirstLink: () => rmSync(firstLinkFile(config.data), { force: true }),
    sessionKey: await sessionKey(config, log),
  };
  return {
    app: createApp(services, consolePages),
    ledger,
    localToken: services.localToken,
    fingerprint: keyName(signer.privateKey),
    traffic: services.traffic,
    startPrinting: printer.start,
    startCheckpoints: checkpoints.start,
    startBackups: () => schedule?.start(),
    loadRenderers: children.labels.load,
    startSearch: children.search.start,
    startIntegrations: children.startIntegrations,
    startForecasts: (certificate) => forecasts.start(openSources({ ...services, ...children, certificate, clock })),
    retire() {
      isStopping = true;
      hub.close();
    },
    async close() {
      imports.close();
      neighbours.close();
      await forecasts.close();
      await schedule?.close();
      await printer.close();
      await children.close();
      cloud?.close();
      await services.signInAudit.close();
      await checkpoints.close();
      await ledger.close();
      own.close();
    },
  };
}

function introduceNow(): IntroduceLimits {
  return { kind: 'introduce-limits', installed: installedAt() };
}

const clock = (): number => performance.now();

function openWatch(
  { config, log, now }: Pick<Parts, 'config' | 'log' | 'now'>,
  { ledger, guard }: Pick<Services, 'ledger' | 'guard'>,
): ForecastWatch {
  const { data, onAlarm: command } = config;
  const problem = command === undefined ? undefined : programProblem(command);
  if (problem !== undefined)
    log.warn({ problem }, 'the program of CLAIMSTAMP_ON_ALARM cannot be run, so it cannot report alarms');
  return openForecasts({
    log,
    now,
    clock,
    alarms: openAlarmCalls({
      data,
      program: command === undefined ? undefined : { command, environment: process.env },
      log,
      now,
      clock,
    }),
    line: async () => {
      const times = await ledger.times();
      const held = guard.discontinuity() !== undefined || 'wrong' in judgeClock(now(), times);
      // While no device sends requests, only this check notices that the ledger file is gone.
      const [why] = held ? [] : await ledger.problems();
      const { state } = ledger.figures();
      const shown = why !== undefined && state === 'ready' ? 'latched' : state;
      return { held, ledger: shown, why, aheadDays: datedAhead(now(), times) };
    },
  });
}

function scheduleFor(
  config: Config,
  parts: Omit<BackupScheduleOptions, 'data' | 'folder' | 'everyMs' | 'keep'>,
): BackupSchedule | undefined {
  const { data, backupFolder: folder, backupEvery, backupKeep: keep } = config;
  if (folder === undefined) return undefined;
  const schedule = openBackupSchedule({ ...parts, data, folder, everyMs: backupEvery * HOUR_MS, keep });
  return {
    ...schedule,
    start() {
      schedule.start();
      if (!parts.isSuspended()) void keepSettings(config, parts.names.log, parts.log);
    },
  };
}

function backupServices(
  schedule: BackupSchedule | undefined,
  lines: { failures: () => number } | undefined,
): Pick<Services, 'scheduled' | 'backUpNow'> {
  return {
    scheduled: () => schedule && { ...schedule.figures(), ...(lines ? { lineFailures: lines.failures() } : {}) },
    backUpNow(actor) {
      if (schedule === undefined) throw refusal('not-found', 'backupFolder');
      schedule.makeNow(actor);
    },
  };
}

const HOUR_MS = 60 * 60 * 1000;

export interface Service {
  /** The address at which devices and people reach the service. */
  url: string;
  /** All addresses at which the service can be reached. The first one is `url`. */
  urls: string[];
  /** The name of the key that signs the checkpoints. */
  fingerprint: string;
  /** Rereads the certificate files. */
  reload: () => void;
  /** Makes a test write. Resolves when the ledger's writer has answered. */
  answers: () => Promise<unknown>;
  /** The link for the first admin. Present until the first admin has signed in. */
  firstLink?: FirstLink;
  stop: () => Promise<void>;
}

const LOAD_AFTER_MS = 1000;

export async function startService(given: Config, log: Log, openLedger?: OpenLedger): Promise<Service> {
  const config = forTraining(given);
  const own = await becomeOwner(config.data);
  const application = await openApplication(config, log, own, openLedger);
  let listeners: Listeners | undefined;
  const stop = async (): Promise<void> => {
    application.retire();
    await listeners?.close();
    rmSync(serveFile(config.data), { force: true });
    await application.close();
  };
  try {
    await coverAccess(application.ledger, log);
    const { app, traffic, localToken } = application;
    listeners = await openListeners(config, { fetch: app.fetch, traffic, localToken }, log);
    return await serveOver(listeners, { application, config, log, stop });
  } catch (error) {
    // While a listener or the ledger's thread is open, the process cannot exit.
    await stop();
    throw error;
  }
}

interface Started {
  application: Application;
  config: Config;
  log: Log;
  stop: () => Promise<void>;
}

async function serveOver(listeners: Listeners, { application, config, log, stop }: Started): Promise<Service> {
  application.startPrinting();
  application.startCheckpoints();
  application.startBackups();
  void application.startForecasts(listeners.certificate);
  const { url, urls, localUrl, reload } = listeners;
  const found = { url: localUrl, token: application.localToken, pid: process.pid, urls };
  const kept = await keepServeFile(config.data, found);
  if (!isLoopback(config.host) && config.publicUrl === undefined)
    log.warn(
      'links and key URLs will contain an address that works only on this machine: set CLAIMSTAMP_PUBLIC_URL to the address that people and agents use',
    );
  const firstLink = await makeFirstLink(application.ledger, config, url, log);
  // The renderers are loaded later, so that requests that already wait are answered first. If a renderer fails to load,
  // the first label reports it.
  const loading = setTimeout(() => {
    void application.loadRenderers().catch(() => {});
    application.startSearch();
    application.startIntegrations();
  }, LOAD_AFTER_MS).unref();
  return {
    url,
    urls,
    fingerprint: application.fingerprint,
    reload,
    answers: () => application.ledger.problems(),
    async stop() {
      clearTimeout(loading);
      await kept.close();
      return stop();
    },
    ...(firstLink === undefined ? {} : { firstLink }),
  };
}
