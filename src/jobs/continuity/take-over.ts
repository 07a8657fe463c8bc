import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { errorCode, messageOf, refusal } from '../../platform/error.ts';
import type { Log } from '../../platform/log.ts';
import { lostDiskProblem } from '../../platform/other-disk.ts';
import type { DamagedMark, Discontinuity } from '../../proof/rollback.ts';
import { readSlowly } from '../checkpoints.ts';

/*
 * A spare machine that restores the ledger from the backup folder leaves a mark in this folder. A service that finds
 * the mark of another machine issues nothing, because two services must not continue the same history. So if the former
 * server comes back with its disk and its address, it stops issuing as soon as it can read the folder.
 */

const Mark = z.object({ id: z.string(), host: z.string(), at: z.string() });
export type Mark = z.infer<typeof Mark>;

/** Returns the path of the mark in the backup folder. `log` is the ledger's ID in the names of its backups. */
function markFile(folder: string, log: string): string {
  return join(folder, `claimstamp-${log}.taken-over`);
}

/** Returns the path of this machine's copy of the mark, in the data folder. */
function ownFile(data: string): string {
  return join(data, 'taken-over.json');
}

/** Takes over the ledger for this data folder. From now on, the former server issues nothing. */
export async function takeOver(data: string, folder: string, log: string, now: number): Promise<Mark> {
  const mark = { id: randomBytes(12).toString('hex'), host: hostname(), at: new Date(now).toISOString() };
  // If the machine crashes between the two writes, the mark belongs to no one or to the former server. So no Claim ID
  // is issued twice.
  await writeAtomically(ownFile(data), JSON.stringify(mark));
  await writeAtomically(markFile(folder, log), JSON.stringify(mark));
  return mark;
}

export interface TakeOverWatch {
  /** If another machine has taken over the ledger, holds the ledger. Never throws. */
  look: () => Promise<void>;
  /** Throws `ledger-unavailable` if another machine has taken over the ledger. */
  refuse: () => Promise<void>;
  /** Takes the ledger back after a person has accepted it. After that, the other machine issues nothing. */
  takeBack: () => Promise<void>;
  start: () => void;
  close: () => void;
}

export interface TakeOverOptions {
  config: Pick<Config, 'data' | 'backupFolder' | 'ledger'>;
  log: Log;
  /** The ledger's ID in the names of its backups. */
  logId: string;
  now: () => number;
  hold: (found: Omit<TakenOver, 'size'>) => Promise<void>;
  /** Ends a hold whose only reason was a damaged mark. */
  release: () => void;
}

type TakenOver = Discontinuity & { is: 'taken-over' };
/** A mark that another machine made, or whose maker is unknown. */
type Foreign = Mark & {
  damaged?: DamagedMark;
  /** Set if the mark cannot be read, so that its maker is unknown: the path of the mark. */
  torn?: string;
};

function heldBy({ host, at, damaged, torn }: Foreign): Omit<TakenOver, 'size'> {
  if (torn !== undefined) return { is: 'taken-over', host, at, torn };
  return { is: 'taken-over', host, at, ...(damaged === undefined ? {} : { damaged }) };
}

/**
 * The interval between two checks, in ms. If the former server comes back, it can issue units for at most this long.
 */
const LOOK_EVERY_MS = 2000;

/**
 * Watches whether another machine takes over the ledger. A ledger in PostgreSQL has no mark, because several services
 * may share it.
 */
export function watchTakeOver({ config, log, logId, now, hold, release }: TakeOverOptions): TakeOverWatch {
  const { data, backupFolder: folder, ledger } = config;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<Foreign | undefined> | undefined;
  let failing = false;

  const read = async (): Promise<Foreign | undefined> => {
    if (folder === undefined || ledger !== undefined) return undefined;
    const file = markFile(folder, logId);
    const mark = await readMark(file);
    if (mark === undefined) return undefined;
    const own = ownMark(data);
    if (own === 'damaged') return { ...mark, damaged: { file: ownFile(data), mark: file } };
    return mark.id === own?.id ? undefined : mark;
  };
  /** Only one check runs at a time, because a folder that does not answer blocks one of Node's threads. */
  const foreign = (): Promise<Foreign | undefined> => (looking ??= read().finally(() => (looking = undefined)));
  const look = async (): Promise<void> => {
    try {
      const mark = await foreign();
      if (mark !== undefined) await hold(heldBy(mark));
      // While the disk of the folder is not mounted, it is unknown whether the mark still exists.
      else if (folder !== undefined && lostDiskProblem(folder, data) === undefined) release();
      failing = false;
    } catch (error) {
      if (!failing)
        log.warn({ folder, detail: messageOf(error) }, 'it is unknown whether another machine has taken over');
      failing = true;
    }
  };
  return {
    look,
    async refuse() {
      // If the folder does not answer, writing to it also fails, and that failure is reported.
      const mark = await foreign().catch(() => undefined);
      if (mark === undefined) return;
      await hold(heldBy(mark));
      if (mark.torn !== undefined) throw refusal('ledger-unavailable', 'heldMarkTorn', { file: mark.torn });
      throw refusal('ledger-unavailable', 'takenOver', { host: mark.host, at: mark.at });
    },
    async takeBack() {
      if (folder !== undefined) await takeOver(data, folder, logId, now());
    },
    start: () => void (timer = setInterval(() => void look(), LOOK_EVERY_MS)),
    close: () => clearInterval(timer),
  };
}

/** Returns undefined if there is no mark. Throws if the folder does not answer. */
async function readMark(file: string): Promise<Foreign | undefined> {
  let text: string;
  try {
    text = await readSlowly(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  // Even an incomplete mark may show that another machine has taken over.
  return parsed(text) ?? { id: '', host: '?', at: '?', torn: file };
}

/** Returns undefined if this data folder has never taken over a ledger. */
function ownMark(data: string): Mark | 'damaged' | undefined {
  try {
    return parsed(readFileSync(ownFile(data), 'utf8')) ?? 'damaged';
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : 'damaged';
  }
}

function parsed(text: string): Mark | undefined {
  try {
    return Mark.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
