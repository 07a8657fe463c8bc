import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { backupName, backupTime, type BackupFigures, type Backups } from '../backup.ts';
import { ClaimstampError } from '../error.ts';
import type { Ledger } from '../ledger.ts';
import type { Log } from '../log.ts';

/*
 * Backups by the clock, into a folder that should be on another disk. Whether one is due is told by the names in the
 * folder: so a restart forgets nothing, and what a night off missed is made up for at the next look.
 */

export interface BackupSchedule {
  start: () => void;
  /** Makes one if it is due; the one under way, if there is one. */
  look: () => Promise<void>;
  figures: () => BackupFigures;
  close: () => Promise<void>;
}

export interface BackupScheduleOptions {
  backups: Backups;
  ledger: Ledger;
  log: Log;
  now: () => number;
  /** The ledger was put back to an older state, and nobody has said yet that it shall go on: it must not push out newer backups. */
  held: () => boolean;
  folder: string;
  everyMs: number;
  keep: number;
}

const LOOK_EVERY_MS = 60_000;

/** After a failure: a disk that is full is not tried each minute. ms */
const AFTER_FAILURE_MS = 15 * 60_000;

export function openBackupSchedule(options: BackupScheduleOptions): BackupSchedule {
  const { folder, everyMs, now, log, held } = options;
  const leaving = new AbortController();
  let running: Promise<void> | undefined;
  let failures = 0;
  let failedAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let last = newest(folder);

  const make = async (): Promise<void> => {
    try {
      last = await backUp(options, leaving.signal);
    } catch (error) {
      if (leaving.signal.aborted) return;
      failures++;
      failedAt = now();
      const detail = error instanceof Error ? error.message : String(error);
      log.error({ folder, detail }, 'no backup could be made: it is tried again in a quarter of an hour');
    } finally {
      running = undefined;
    }
  };
  const look = (): Promise<void> => {
    const sinceFailure = now() - failedAt;
    // A clock that was set back makes nothing wait for ever.
    const due = last === undefined || now() - last >= everyMs || now() < last;
    if (running === undefined && due && !held() && (sinceFailure >= AFTER_FAILURE_MS || sinceFailure < 0))
      running = make();
    return running ?? Promise.resolve();
  };
  return {
    start() {
      timer = setInterval(() => void look(), LOOK_EVERY_MS);
      void look();
    },
    look,
    figures: () => ({ lastAt: last, failures }),
    async close() {
      clearInterval(timer);
      leaving.abort();
      await running;
    },
  };
}

/** Returns when it was made. Under its own name only once it is whole, and on disk. */
async function backUp(options: BackupScheduleOptions, signal: AbortSignal): Promise<number> {
  const { backups, ledger, log, now, folder, keep } = options;
  const at = now();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { stream, made, bytes } = await backups.make(signal);
  const { treeSize, units, sha256 } = made;
  const name = backupName(at, treeSize);
  const draft = join(folder, `${name}.partial`);
  try {
    await pipeline(stream, createWriteStream(draft, { mode: 0o600, flush: true }), { signal });
    renameSync(draft, join(folder, name));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
  const noted = { what: 'backup', filter: { file: name, treeSize, sha256 }, count: units };
  await ledger.record({ kind: 'note-bulk-read', ...noted, actor: 'system' }).catch((error: unknown) => {
    // It is there, and good; what the ledger could not take is in the log.
    log.warn({ name, detail: (error as Error).message }, 'a backup was made, and the ledger could not note it');
  });
  log.info({ name, events: treeSize, bytes }, 'backup made');
  rotate(folder, keep, log);
  return at;
}

/** Only ever behind a good new one, and only files of this schedule's own names. */
function rotate(folder: string, keep: number, log: Log): void {
  for (const name of scheduled(folder).slice(keep)) {
    try {
      rmSync(join(folder, name));
    } catch (error) {
      log.warn({ name, detail: (error as Error).message }, 'an old backup could not be removed');
    }
  }
}

/** Names, the newest first. */
function scheduled(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => backupTime(name) !== undefined)
    .toSorted()
    .toReversed();
}

function newest(folder: string): number | undefined {
  try {
    const [name] = scheduled(folder);
    return name === undefined ? undefined : backupTime(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ClaimstampError(
      'invalid',
      `CLAIMSTAMP_BACKUP_FOLDER: ${folder} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

/** The new name is on disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
