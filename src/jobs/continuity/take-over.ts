import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { errorCode, messageOf, refusal } from '../../platform/error.ts';
import type { Log } from '../../platform/log.ts';
import type { DamagedMark, Discontinuity } from '../../proof/rollback.ts';
import { readSlowly } from '../checkpoints.ts';

/*
 * A spare machine that restores the ledger from the folder for backups leaves a mark there. A service that finds the
 * mark of another machine issues nothing, because two services must not issue from one history. So the former server
 * can come back, with its disk and its address, and does no harm as soon as it reaches the folder.
 */

const Mark = z.object({ id: z.string(), host: z.string(), at: z.string() });
export type Mark = z.infer<typeof Mark>;

/** The file in the folder for backups. `log` is the ID of the ledger in the names of its backups. */
function markFile(folder: string, log: string): string {
  return join(folder, `claimstamp-${log}.taken-over`);
}

/** The file in the data folder that says which mark is the mark of this ledger. */
function ownFile(data: string): string {
  return join(data, 'taken-over.json');
}

/** Takes the ledger over for this data folder: from now on, the former server issues nothing. */
export async function takeOver(data: string, folder: string, log: string, now: number): Promise<Mark> {
  const mark = { id: randomBytes(12).toString('hex'), host: hostname(), at: new Date(now).toISOString() };
  // A crash between the two files leaves a mark of no one, or the mark of the former server: nothing is issued twice.
  await writeAtomically(ownFile(data), JSON.stringify(mark));
  await writeAtomically(markFile(folder, log), JSON.stringify(mark));
  return mark;
}

export interface TakeOverWatch {
  /** Holds the ledger if another machine has taken it over. Never throws. */
  look: () => Promise<void>;
  /** Throws `ledger-unavailable` if another machine has taken the ledger over. */
  refuse: () => Promise<void>;
  /** Takes the ledger back after a person accepted it. The other machine then issues nothing. */
  takeBack: () => Promise<void>;
  start: () => void;
  close: () => void;
}

export interface TakeOverOptions {
  config: Pick<Config, 'data' | 'backupFolder' | 'ledger'>;
  log: Log;
  /** The ID of the ledger in the names of its backups. */
  logId: string;
  now: () => number;
  hold: (found: Omit<TakenOver, 'size'>) => Promise<void>;
}

type TakenOver = Discontinuity & { is: 'taken-over' };
/** The mark of another machine, or a mark of which it is unknown whose it is. */
type Foreign = Mark & { damaged?: DamagedMark };

function heldBy({ host, at, damaged }: Foreign): Omit<TakenOver, 'size'> {
  return { is: 'taken-over', host, at, ...(damaged === undefined ? {} : { damaged }) };
}

/** The time in ms between two looks. A former server that comes back issues for no longer than this. */
const LOOK_EVERY_MS = 2000;

/** A ledger in PostgreSQL has several services by design, so it has no such mark. */
export function watchTakeOver({ config, log, logId, now, hold }: TakeOverOptions): TakeOverWatch {
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
  /** One look at a time: a folder that does not answer keeps a thread of Node busy. */
  const foreign = (): Promise<Foreign | undefined> => (looking ??= read().finally(() => (looking = undefined)));
  const look = async (): Promise<void> => {
    try {
      const mark = await foreign();
      if (mark !== undefined) await hold(heldBy(mark));
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
      // If the folder does not answer, writing to it fails too, and that failure is counted.
      const mark = await foreign().catch(() => undefined);
      if (mark === undefined) return;
      await hold(heldBy(mark));
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
async function readMark(file: string): Promise<Mark | undefined> {
  let text: string;
  try {
    text = await readSlowly(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  // A torn mark still says that someone took over.
  return parsed(text) ?? { id: '', host: '?', at: '?' };
}

/** Returns undefined if this data folder never took a ledger over. */
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
