import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hono } from 'hono';
import { isLoopback, type Config } from './config.ts';
import { consolePages } from './console/app.tsx';
import { ClaimstampError, isCode } from './platform/error.ts';
import { openExports } from './jobs/make-export.ts';
import { openGate } from './http/admission.ts';
import { heard, openHub } from './contract/hub.ts';
import { createApp } from './http/app.ts';
import { openDoors, type Doors } from './http/listeners.ts';
import { openLimits } from './http/limits.ts';
import type { Counted, Line } from './http/line.ts';
import { countRefusals } from './http/refusals.ts';
import { drawSecret, secretHash } from './http/secret.ts';
import { readsSource } from './http/source.ts';
import { countTraffic, type Traffic } from './http/traffic.ts';
import { backupNames } from './contract/backup.ts';
import { openBackups } from './jobs/make-backup.ts';
import { keyName } from './proof/checkpoint.ts';
import { openBackupSchedule, type BackupSchedule, type BackupScheduleOptions } from './jobs/backup-schedule.ts';
import { openCheckpoints } from './jobs/checkpoints.ts';
import { firstLinkFile, makeFirstLink, type FirstLink } from './jobs/first-link.ts';
import { openPrintRoom } from './jobs/printing.ts';
import { guardLedger } from './jobs/rollback-guard.ts';
import { openSigner } from './jobs/signer.ts';
import { loadRenderers, openLabels } from './jobs/render-labels.ts';
import type { Ledger } from './contract/ledger.ts';
import type { Log } from './platform/log.ts';
import { untilLogIsShort } from './sqlite/long-log.ts';
import { openSpool } from './platform/spool.ts';
import { openReports } from './jobs/make-report.ts';
import { openCloud } from './relay/cloud.ts';
import { openChecking } from './jobs/check-ledger.ts';
import { openFigures } from './jobs/count-figures.ts';
import type { DeskOptions } from './sqlite/writer-client.ts';
import { PRINTING, takeTurn, type Turn } from './postgres/advisory-lock.ts';
import { copyFile, ledgerFile, openSqliteLedger } from './sqlite/sqlite-ledger.ts';
import { ownData, type Ownership } from './sqlite/data-lock.ts';
import { DEFAULT_STATION, StationDefinition } from './model/station.ts';
import { writeWhole } from './platform/atomic-file.ts';

/** Ledger and routes, wired, in this process. Who opens it owns the data folder until it is closed. */
export interface House {
  app: Hono;
  ledger: Ledger;
  localToken: string;
  /** Counts the connections of whoever serves these routes. */
  traffic: Traffic;
  /** Works off the print queue from now on. */
  startPrinting: () => void;
  /** Makes a checkpoint whenever the ledger grew. */
  startCheckpoints: () => void;
  /** Backups by the clock from now on, where a folder for them is set. */
  startBackups: () => void;
  /** No more requests: /readyz says so. */
  retire: () => void;
  close: () => Promise<void>;
}

/** How the ledger is opened. The benchmarks hand in others, to show what this one costs. */
export type OpenLedger = (options: DeskOptions) => Promise<Ledger>;

/** The file with the ledger, or with this process's copy of the one that is shared. */
export function fileOf({ data, ledger }: Pick<Config, 'data' | 'ledger'>): string {
  return ledger === undefined ? ledgerFile(data) : copyFile(data);
}

function openerOf({ data, ledger: url }: Config): OpenLedger {
  if (url === undefined) return openSqliteLedger;
  if (existsSync(ledgerFile(data)))
    throw new ClaimstampError(
      'invalid',
      `CLAIMSTAMP_LEDGER is set, and ${data} holds a ledger of its own: claimstamp migrate moves it there, or set CLAIMSTAMP_DATA to another folder`,
    );
  return async (options) => {
    const { openPostgresLedger } = await import('./postgres/postgres-ledger.ts');
    return openPostgresLedger({ ...options, url });
  };
}

export async function openHouse(
  config: Config,
  log: Log,
  own: Ownership,
  openLedger?: OpenLedger,
  now: () => number = Date.now,
): Promise<House> {
  const onFault = (fault: string): void => log.error({ fault }, 'the ledger failed inside');
  const onEnd = (): void => {
    log.fatal('the ledger ended by itself: the process ends, for its supervisor to start anew');
    process.exit(1);
  };
  const hub = openHub();
  const file = fileOf(config);
  const opened = await open().catch((error: unknown) => {
    own.close();
    throw error;
  });
  async function open(): Promise<Ledger> {
    return (openLedger ?? openerOf(config))({ file, onFault, onEnd, onMoved: () => hub.stir() });
  }
  try {
    const signer = openSigner(config);
    // Before the first event is written: what the ledger was when it was opened is what counts.
    const guard = await guardLedger(opened, signer, config.data, log);
    const ledger = heard(guard.ledger, hub);
    await applyCatalog(ledger, config, log);
    const counts: Record<Counted, number> = {
      issued: 0,
      repeats: 0,
      registered: 0,
      claimed: 0,
      refused: 0,
      unreachable: 0,
    };
    const cloud = config.builderUrl === undefined ? undefined : openCloud(config.builderUrl);
    let stopping = false;
    const held = (): boolean => guard.held() !== undefined;
    const checkpoints = openCheckpoints({ ledger, signer, data: config.data, log, held });
    const spool = openSpool(join(config.data, 'spool'), { mayRead: (signal) => untilLogIsShort(file, signal) });
    const labels = openLabels({ ledger: file, spool });
    const exports = openExports({ ledger: file, spool, signer, checkpoints, now });
    const backups = openBackups(file, spool);
    const schedule = scheduleFor(config, {
      backups,
      ledger,
      log,
      now,
      held,
      names: backupNames(keyName(signer.privateKey)),
    });
    const { ledger: shared } = config;
    const idle = 'no service runs: labels wait until one does';
    const room = openPrintRoom(ledger, labels, log, ...(shared === undefined ? [idle] : []));
    let turn: Turn | undefined;
    const startPrinting = (): void => {
      if (shared === undefined) room.start();
      else turn = takeTurn(shared, PRINTING, room.start, room.stop);
    };
    const line: Line = {
      ledger,
      hub,
      labels,
      reports: openReports(file, spool, now),
      exports,
      figures: openFigures(file, spool),
      checking: openChecking(file, spool, now),
      backups,
      scheduled: () => schedule?.figures(),
      printing: room.printing,
      config,
      signer,
      checkpoints,
      guard,
      gate: await openGate(ledger, config, now),
      limits: openLimits(config, () => performance.now()),
      refusals: countRefusals(log, now, hub.stir),
      alarms: countRefusals(log, now, hub.stir, 'a device holds a Claim ID that is not its own'),
      cloud,
      traffic: countTraffic(log, now),
      log,
      now,
      count: (what) => void counts[what]++,
      counts: () => counts,
      stopping: () => stopping,
      localToken: drawSecret(),
      source: readsSource(config.trustedProxies),
      dropFirstLink: () => rmSync(firstLinkFile(config.data), { force: true }),
      sessionKey: sessionKey(config),
    };
    const close = async (): Promise<void> => {
      await schedule?.close();
      await turn?.close();
      await room.close();
      cloud?.close();
      await checkpoints.close();
      await ledger.close();
      own.close();
    };
    return {
      app: createApp(line, consolePages),
      startPrinting,
      startCheckpoints: checkpoints.start,
      startBackups: () => schedule?.start(),
      ledger,
      localToken: line.localToken,
      traffic: line.traffic,
      retire() {
        stopping = true;
        hub.close();
      },
      close,
    };
  } catch (error) {
    await opened.close();
    own.close();
    throw error;
  }
}

function scheduleFor(
  { backupFolder, backupEvery, backupKeep }: Config,
  parts: Pick<BackupScheduleOptions, 'backups' | 'ledger' | 'log' | 'now' | 'held' | 'names'>,
): BackupSchedule | undefined {
  if (backupFolder === undefined) return undefined;
  return openBackupSchedule({ ...parts, folder: backupFolder, everyMs: backupEvery * HOUR_MS, keep: backupKeep });
}

const HOUR_MS = 60 * 60 * 1000;

/** Made once, beside the ledger, for its owner only: sessions outlive a restart. */
function sessionKey({ data, ledger, signingKey }: Config): string {
  // Any of the processes that share a ledger may be asked next.
  if (ledger !== undefined)
    return createHmac('sha256', signingKey as string)
      .update('claimstamp session')
      .digest('base64url');
  const file = join(data, 'session.key');
  if (!existsSync(file)) writeWhole(file, drawSecret());
  return readFileSync(file, 'utf8');
}

/** What the configuration file says of the line becomes events where it is news. */
async function applyCatalog(ledger: Ledger, { catalog }: Config, log: Log): Promise<void> {
  const actor = 'file';
  for (const product of catalog.products) {
    await ledger.record({ kind: 'set-product', product, together: catalog.products, actor });
  }
  for (const workOrder of catalog.workOrders) await ledger.record({ kind: 'set-work-order', workOrder, actor });
  for (const printer of catalog.printers) await ledger.record({ kind: 'set-printer', printer, actor });
  for (const { key, ...station } of catalog.stations) {
    try {
      await ledger.record({ kind: 'set-station', station, takeOver: true, actor });
    } catch (error) {
      if (!isCode(error, 'station-busy')) throw error;
      // The line must run so that the operator can empty the nest.
      log.warn(
        { station: station.name, detail: (error as Error).message },
        'station keeps its former settings: restart once its nest is empty',
      );
    }
    if (key !== undefined) await applyKey(ledger, station.name, secretHash(key), actor);
  }
  const stations = await ledger.stations();
  if (stations.some(({ name }) => name === DEFAULT_STATION)) return;
  await ledger.record({
    kind: 'set-station',
    station: StationDefinition.parse({ name: DEFAULT_STATION }),
    actor: 'system',
  });
}

/** The file says which key is right: a former one gets no overlap. */
async function applyKey(ledger: Ledger, station: string, hash: Uint8Array, actor: string): Promise<void> {
  const known = await ledger.credential(hash);
  if (known?.kind === 'station-key' && known.name === station && known.expiresAt === undefined) return;
  await ledger.record({ kind: 'set-station-key', station, hash, actor });
}

export interface Service {
  /** For devices and people. */
  url: string;
  /** Reads the certificate anew. */
  reload: () => void;
  /** As long as nobody ever came in. */
  firstLink?: FirstLink;
  stop: () => Promise<void>;
}

/** A command that works with the ledger by itself holds it for a moment only: a start waits that long. */
const OWN_TRIES = 10;
const OWN_WAIT_MS = 200;

const LOAD_AFTER_MS = 1000;

export async function startService(config: Config, log: Log, openLedger?: OpenLedger): Promise<Service> {
  const own = await becomeOwner(config.data);
  rmSync(serveFile(config.data), { force: true });
  const house = await openHouse(config, log, own, openLedger);
  const { app, traffic, localToken } = house;
  let doors: Doors;
  try {
    doors = await openDoors(config, { fetch: app.fetch, traffic, localToken }, log);
  } catch (error) {
    await house.close();
    throw error;
  }
  house.startPrinting();
  house.startCheckpoints();
  house.startBackups();
  writeServeFile(config.data, { url: doors.localUrl, token: localToken, pid: process.pid });
  if (!isLoopback(config.host) && config.publicUrl === undefined)
    log.warn(
      'addresses of keys and links will name this machine only: set CLAIMSTAMP_PUBLIC_URL to the one people and agents use',
    );
  const firstLink = await makeFirstLink(house.ledger, config, doors.url, log);
  // Who waited for the service comes first. What cannot be loaded the first label will tell.
  const loading = setTimeout(() => void loadRenderers().catch(() => {}), LOAD_AFTER_MS).unref();

  const stop = async (): Promise<void> => {
    clearTimeout(loading);
    house.retire();
    await doors.close();
    rmSync(serveFile(config.data), { force: true });
    await house.close();
  };
  return { url: doors.url, reload: doors.reload, stop, ...(firstLink === undefined ? {} : { firstLink }) };
}

export async function becomeOwner(data: string): Promise<Ownership> {
  for (let tries = 0; tries < OWN_TRIES; tries++) {
    const own = ownData(data);
    if (own) return own;
    await sleep(OWN_WAIT_MS);
  }
  throw new ClaimstampError(
    'busy',
    `another Claimstamp works with the data folder ${data}: stop it, or set CLAIMSTAMP_DATA to another folder`,
  );
}

/** How commands on this machine find the running service. */
export interface ServeFile {
  url: string;
  token: string;
  pid: number;
}

export function serveFile(data: string): string {
  return join(data, 'serve.json');
}

function writeServeFile(data: string, content: ServeFile): void {
  writeWhole(serveFile(data), JSON.stringify(content));
}
