import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  keyName,
  signCheckpoint,
  splitNote,
  type Checkpoints,
  type KeptCheckpoint,
  type Signer,
} from '../proof/checkpoint.ts';
import { withCosignatures } from '../proof/cosignature.ts';
import { heldRefusal, type Discontinuity, type Place } from '../proof/rollback.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { errorCode, messageOf } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import type { Senders } from '../contract/checkpoints.ts';

/**
 * A checkpoint is due 10 s after the ledger has grown. The service checks every 5 s whether the ledger has grown, so
 * that 5 s remain to write the checkpoint to a slow disk.
 */
const LOOK_EVERY_MS = 5000;

/**
 * Returns the path of the file with the newest checkpoint. The file is not part of the ledger, so restoring an older
 * ledger does not replace the file.
 */
export function checkpointFile(data: string): string {
  return join(data, 'checkpoint');
}

/**
 * Returns the path of the copy of the checkpoint file in another folder. Several services may copy their checkpoints to
 * the same folder.
 */
export function checkpointCopy(folder: string, { privateKey }: Signer): string {
  return join(folder, `claimstamp-${keyName(privateKey)}.checkpoint`);
}

/**
 * A folder on another machine counts as unreachable if it does not answer within this time (ms). When the service
 * starts, it waits at most this long for each folder.
 */
const READ_MS = 5000;

/** Reads the checkpoint in the data folder and its copies in other folders. */
export function readPlaces(data: string, folders: string[], signer: Signer): Promise<Place[]> {
  const files = [checkpointFile(data), ...folders.map((folder) => checkpointCopy(folder, signer))];
  return Promise.all(files.map(readPlace));
}

async function readPlace(file: string): Promise<Place> {
  try {
    return { file, note: await readSlowly(file) };
  } catch (error) {
    return { file, note: undefined, ...(errorCode(error) === 'ENOENT' ? {} : { problem: fileError(error) }) };
  }
}

/** Reads a file that may be on another machine. Throws if there is no answer in time. */
export async function readSlowly(file: string): Promise<string> {
  const waited = new AbortController();
  try {
    const late = sleep(READ_MS, undefined, { signal: waited.signal }).then(() => {
      throw new Error('the folder does not answer');
    });
    return await Promise.race([readFile(file, 'utf8'), late]);
  } finally {
    waited.abort();
  }
}

/**
 * How many cosigned checkpoints are kept in memory. One checkpoint would not be enough, because some witnesses answer
 * later than others.
 */
const MAX_COSIGNED = 12;

const signaturesOn = ({ note }: KeptCheckpoint): number => splitNote(note).signatures.length;

export interface CheckpointSchedule extends Checkpoints {
  /**
   * Writes the checkpoint file, unless the ledger is held. So even a new ledger has a checkpoint file from the start.
   */
  begin: () => Promise<void>;
  /**
   * Starts to make checkpoints regularly. Short commands do not call this function, because `close` makes a checkpoint
   * for them.
   */
  start: () => void;
  /** Stops making regular checkpoints, and makes a last one. */
  close: () => Promise<void>;
}

export interface CheckpointScheduleOptions {
  ledger: Ledger;
  signer: Signer;
  data: string;
  log: Log;
  /**
   * Returns why the ledger is held, or undefined if it is not held. Until an admin accepts a held ledger, no checkpoint
   * is signed, and the checkpoint file does not change.
   */
  held: () => Discontinuity | undefined;
  senders: Senders;
}

export function openCheckpoints(options: CheckpointScheduleOptions): CheckpointSchedule {
  const { ledger, log, held, senders } = options;
  const cosigned = openCosigned();
  const { put, keep, cosign } = openKeeper(options, cosigned);
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let failing = false;

  /** Makes checkpoints one after another. Otherwise, an older checkpoint could overwrite a newer one in the file. */
  const inTurn = <T>(make: () => Promise<T>): Promise<T> => {
    const made = turn.then(make);
    turn = made.catch(() => {});
    return made;
  };
  const make = (): Promise<KeptCheckpoint> => inTurn(async () => keep(await ledger.head()));
  /**
   * Logs a warning for the first failure. Logs another warning only if a checkpoint has succeeded since the last
   * warning. If the ledger cannot be written, other code logs this.
   */
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    if (held() !== undefined) return;
    try {
      await act();
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ detail: messageOf(error) }, 'no checkpoint could be made: the service tries again');
      failing = true;
    }
  };
  return {
    make,
    cosign: (...given) => inTurn(() => cosign(...given)),
    cosigned: cosigned.best,
    sign: (head) => inTurn(async () => keep(head)),
    isHeld: () => held() !== undefined,
    begin: () =>
      attempt(async () => {
        const stored = await ledger.checkpoint();
        if (stored !== undefined && signaturesOn(stored) > 1) cosigned.add(stored);
        await inTurn(async () => put(await ledger.head()));
      }),
    start: () => void (timer = setInterval(() => void attempt(make), LOOK_EVERY_MS)),
    async close() {
      clearInterval(timer);
      await attempt(make);
      await senders.close();
    },
  };
}

type Head = Parameters<Checkpoints['sign']>[0];

interface Keeper {
  /** Writes the checkpoint to the file, but does not store it in the ledger. Returns the signed note. */
  put: (head: Head) => Promise<string>;
  keep: (head: Head) => Promise<KeptCheckpoint>;
  cosign: Checkpoints['cosign'];
}

/** The functions of the returned object must be called one after another. */
function openKeeper({ ledger, signer, data, held, senders }: CheckpointScheduleOptions, cosigned: Cosigned): Keeper {
  let written = -1;
  /**
   * Signs a checkpoint. If the stored checkpoint is of the same tree, it has the same signature, because Ed25519
   * signatures are deterministic. It may also have cosignatures, so it is returned instead.
   */
  const signed = (head: Head, stored: KeptCheckpoint | undefined): string => {
    const note = signCheckpoint(head, signer);
    return stored?.note.startsWith(note) ? stored.note : note;
  };
  /**
   * Writes the checkpoint to the file before the ledger stores it. So if the file's checkpoint is older than the stored
   * one, someone has replaced the file.
   */
  const put = async (head: Head): Promise<string> => {
    const found = held();
    if (found !== undefined) throw heldRefusal(found);
    const note = signed(head, await ledger.checkpoint(head.size));
    if (head.size > written) {
      await writeAtomically(checkpointFile(data), note);
      written = head.size;
      senders.offer({ size: head.size, note });
    }
    return note;
  };
  return {
    put,
    async keep(head) {
      const { size } = head;
      const note = await put(head);
      const known = await ledger.checkpoint(size);
      if (known?.note !== note) await ledger.record({ kind: 'keep-checkpoint', size, note });
      return (await ledger.checkpoint(size)) ?? { size, note, at: Date.now() };
    },
    async cosign(checkpoint, cosignatures) {
      const { size } = checkpoint;
      const stored = await ledger.checkpoint(size);
      const earlier = cosigned.of(size) ?? stored ?? checkpoint;
      const note = withCosignatures(earlier.note, cosignatures);
      if (size === written) await writeAtomically(checkpointFile(data), note);
      cosigned.add({ size, note, at: stored?.at ?? Date.now() });
      // While the witnesses were answering, a newer checkpoint may have replaced this one in the ledger.
      if (stored !== undefined) await ledger.record({ kind: 'keep-checkpoint', size, note });
    },
  };
}

interface Cosigned {
  add: (checkpoint: KeptCheckpoint) => void;
  of: (size: number) => KeptCheckpoint | undefined;
  best: Checkpoints['cosigned'];
}

/** The newest checkpoints that witnesses have signed. */
function openCosigned(): Cosigned {
  let list: KeptCheckpoint[] = [];
  return {
    add(checkpoint) {
      const others = list.filter(({ size }) => size !== checkpoint.size);
      list = [checkpoint, ...others].toSorted((a, b) => b.size - a.size).slice(0, MAX_COSIGNED);
    },
    of: (size) => list.find((one) => one.size === size),
    best: (size = 0) => list.filter((one) => one.size >= size).toSorted((a, b) => signaturesOn(b) - signaturesOn(a))[0],
  };
}
