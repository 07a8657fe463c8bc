import { createWriteStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BackupFigures, Backups } from '../contract/backup.ts';
import type { Ledger } from '../contract/ledger.ts';
import { syncFolder } from '../platform/atomic-file.ts';
import { refuseLostDisk } from '../platform/other-disk.ts';
import { SERVICE } from '../platform/spool.ts';
import type { Log } from '../platform/log.ts';
import { errorCode, messageOf, refusal } from '../platform/error.ts';
import { fileFault, unexplainedFault } from '../platform/file-error.ts';
import { removeLines } from '../sqlite/backup-lines.ts';

/*
 * Makes scheduled backups in a folder. The folder should be on another disk. The names of the files in the folder tell
 * when the next backup is due, so a restart does not change the schedule. If a backup became due while the service was
 * off, it is made soon after the start.
 */

export interface BackupSchedule {
  start: () => void;
  /** Makes a backup if one is due. If another backup is in progress, waits until it is complete. */
  look: () => Promise<void>;
  /**
   * Starts a backup even if none is due. Does nothing if a backup is already being made. In the ledger, `actor` is the
   * person who made this backup.
   */
  makeNow: (actor: string) => void;
  figures: () => BackupFigures;
  close: () => Promise<void>;
}

export interface BackupScheduleOptions {
  backups: Backups;
  ledger: Ledger;
  log: Log;
  now: () => number;
  /**
   * True if an older ledger was restored and nobody has accepted it yet. Backups of that ledger must not replace newer
   * backups.
   */
  isSuspended: () => boolean;
  names: BackupNames;
  /** The data folder that contains the ledger. */
  data: string;
  /** The folder for the backups, which must already exist. */
  folder: string;
  everyMs: number;
  keep: number;
}

const LOOK_EVERY_MS = 60_000;

/** How long to wait after a failure (such as a full disk) before the next attempt. */
const AFTER_FAILURE_MS = 15 * 60_000;

export function openBackupSchedule(options: BackupScheduleOptions): BackupSchedule {
  const { folder, everyMs, now, log, isSuspended, names } = options;
  const leaving = new AbortController();
  let failures = 0;
  let failedAt = -Infinity;
  let problem: string | undefined;
  let making = false;
  let asked = false;
  let timer: NodeJS.Timeout | undefined;
  let last: number | undefined;
  let warned = false;
  let sameDisk: boolean | undefined;

  const warnOfDisk = (isSame: boolean): void => {
    if (isSame && !warned) log.warn({ folder }, 'the backups are on the disk of the ledger: use another disk');
    warned = isSame;
    sameDisk = isSame;
  };
  const isDue = (): boolean =>
    // A backup is also due if the clock was set back, so that the time in the newest backup's name is in the future.
    last === undefined || now() - last >= everyMs || now() < last;
  const attempt = async (actor?: string): Promise<void> => {
    try {
      warnOfDisk(await refuseLostDisk(folder, options.data));
      last ??= await newest(folder, names);
      if (actor === undefined && !isDue()) return;
      making = true;
      last = await backUp(options, leaving.signal, actor);
      problem = undefined;
    } catch (error) {
      if (leaving.signal.aborted) return;
      failures++;
      failedAt = now();
      problem = whyFailed(error, folder);
      log.error({ folder, detail: problem }, 'the backup failed: next attempt in 15 minutes');
    } finally {
      making = false;
    }
  };
  const makeIfDue = async (): Promise<void> => {
    const sinceFailure = now() - failedAt;
    if (isSuspended() || (sinceFailure >= 0 && sinceFailure < AFTER_FAILURE_MS)) return;
    await attempt();
  };
  const turns = openTurn();
  const look = (): Promise<void> => turns.running() ?? turns.run(makeIfDue);
  const nextAt = (): number | undefined => {
    if (problem !== undefined) return failedAt + AFTER_FAILURE_MS;
    return last === undefined ? undefined : last + everyMs;
  };
  return {
    start() {
      timer = setInterval(() => void look(), LOOK_EVERY_MS);
      void look();
    },
    look,
    makeNow(actor) {
      if (isSuspended()) throw refusal('ledger-unavailable', 'noBackupHeld');
      if (making || asked) return;
      asked = true;
      void turns.run(() => attempt(actor).finally(() => (asked = false)));
    },
    figures: () => ({ lastAt: last, nextAt: nextAt(), making: making || asked, problem, failures, sameDisk }),
    async close() {
      clearInterval(timer);
      leaving.abort();
      await turns.running();
    },
  };
}

/** Makes sure that only one piece of work runs at a time. */
function openTurn(): { running: () => Promise<void> | undefined; run: (work: () => Promise<void>) => Promise<void> } {
  let running: Promise<void> | undefined;
  return {
    running: () => running,
    run(work) {
      const mine: Promise<void> = (running ?? Promise.resolve()).then(work).finally(() => {
        if (running === mine) running = undefined;
      });
      running = mine;
      return mine;
    },
  };
}

/*
 * All calls to the file system are asynchronous. The folder may be on a slow machine, and agents need answers while a
 * call is waiting.
 */

/**
 * Makes a backup and returns its time in ms since 1970. The file gets its final name only when it is complete and on
 * disk.
 */
async function backUp(options: BackupScheduleOptions, signal: AbortSignal, actor = 'system'): Promise<number> {
  const { backups, ledger, log, now, folder, names } = options;
  const at = now();
  await removeDrafts(folder, names);
  const { file, made, bytes } = await backups.make(SERVICE, signal);
  const { treeSize, units, sha256 } = made;
  const name = names.of(at, treeSize);
  const draft = join(folder, `${name}${DRAFT}`);
  try {
    await pipeline(file.createReadStream(), createWriteStream(draft, { mode: 0o600, flush: true }), { signal });
    await rename(draft, join(folder, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
  const noted = { what: 'backup', filter: { file: name, treeSize, sha256 }, count: units };
  await ledger.record({ kind: 'note-bulk-read', ...noted, actor }).catch((error: unknown) => {
    // The backup itself is valid, so a missing event about the backup does not count as a failure.
    log.warn({ name, detail: messageOf(error) }, 'a backup was made, but this could not be recorded in the ledger');
  });
  log.info({ name, events: treeSize, bytes }, 'backup made');
  await rotate(options, name);
  return at;
}

/**
 * Removes incomplete drafts that remain after a power cut, or after the process was killed. Only this service writes
 * drafts with this log in their names.
 */
async function removeDrafts(folder: string, names: BackupNames): Promise<void> {
  const drafts = (await readdir(folder)).filter(names.isDraft);
  await Promise.all(drafts.map((name) => rm(join(folder, name), { force: true })));
}

/**
 * Removes old scheduled backups of this log, but never the backup that was just made. Keeps backups with more events
 * than the new one, because such backups contain events that a restored ledger lacks.
 */
async function rotate({ folder, keep, log, names }: BackupScheduleOptions, made: string): Promise<void> {
  try {
    const most = names.size(made);
    const others = (await scheduled(folder, names)).filter((name) => name !== made && names.size(name) <= most);
    for (const name of others.slice(keep - 1)) await rm(join(folder, name));
    const fewest = Math.min(...(await scheduled(folder, names)).map(names.size));
    await removeLines(folder, names.log, fewest);
  } catch (error) {
    log.warn({ folder, detail: messageOf(error) }, 'an old backup could not be removed');
  }
}

/**
 * Returns the names of this log's backups, ordered by the number of events, largest first. The order does not depend on
 * the times of the backups, because a clock may have been wrong.
 */
async function scheduled(folder: string, { time, size }: BackupNames): Promise<string[]> {
  return (await readdir(folder))
    .filter((name) => time(name) !== undefined)
    .toSorted((a, b) => size(b) - size(a) || (time(b) ?? 0) - (time(a) ?? 0));
}

/** Returns the largest number of events in a backup, ignoring backups with more than `most` events. */
export function newestSize(list: string[], { time, size }: BackupNames, most: number): number | undefined {
  const sizes = list.filter((name) => time(name) !== undefined).map(size);
  return sizes.filter((events) => events <= most).toSorted((a, b) => b - a)[0];
}

async function newest(folder: string, names: BackupNames): Promise<number | undefined> {
  try {
    const [name] = await scheduled(folder, names);
    return name === undefined ? undefined : names.time(name);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/*
 * The names of scheduled backups. A name consists of the ID of the log, the time (UTC) and the number of events. If
 * several services share a folder, each of them recognises its own backups by this ID.
 */

export interface BackupNames {
  /** The ID of the log. */
  log: string;
  of: (at: number, treeSize: number) => string;
  /**
   * Returns the time at which a backup of this log was made, in ms since 1970. Returns undefined if the name does not
   * belong to a backup of this log.
   */
  time: (name: string) => number | undefined;
  /** Returns the number of events in this backup of the log. */
  size: (name: string) => number;
  /** True if `name` is the name of a backup that is not complete. */
  isDraft: (name: string) => boolean;
}

const DRAFT = '.partial';

/** `log` is the ID of the log and consists of letters and digits. */
export function backupNames(log: string): BackupNames {
  const own = new RegExp(`^claimstamp-${log}-(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)Z-\\d+\\.db$`);
  const time = (name: string): number | undefined => {
    const [, year, month, day, hour, minute, second] = own.exec(name) ?? [];
    if (year === undefined) return undefined;
    return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  };
  return {
    log,
    of(at, treeSize) {
      const stamp = new Date(at).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
      return `claimstamp-${log}-${stamp}-${treeSize}.db`;
    },
    time,
    size: (name) => Number(/-(\d+)\.db$/.exec(name)?.[1]),
    isDraft: (name) => name.endsWith(DRAFT) && time(name.slice(0, -DRAFT.length)) !== undefined,
  };
}

/** A failed write has no path. The spool guards the disk of the data folder, so the write was to the backup folder. */
function whyFailed(error: unknown, folder: string): string {
  const isWrite = error instanceof Error && 'syscall' in error && !('path' in error);
  return isWrite ? fileFault(folder, error).message : (unexplainedFault(error) ?? messageOf(error));
}
