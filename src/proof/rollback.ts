import { createPublicKey, type KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import { openCheckpoint, parseCheckpoint, type Checkpoint, type KeptCheckpoint } from './checkpoint.ts';
import { messageOf, refusal, type ClaimstampError } from '../platform/error.ts';

/*
 * Compares a ledger with an earlier checkpoint. The newest checkpoint is also stored in files outside the ledger. If
 * someone restores an older copy of the ledger or rewrites events, these files do not change. So a comparison of the
 * ledger with these files finds the difference.
 */

export type Continuity =
  /** The ledger contains all events that the checkpoint covers. */
  | { is: 'continuous' }
  /**
   * The ledger has fewer events than the checkpoint covers. Devices or labels already have Claim IDs and S/Ns that the
   * ledger lacks.
   */
  | { is: 'older'; seen: Checkpoint; size: number }
  /** The ledger has enough events, but some of them are not the ones that the checkpoint covers. */
  | { is: 'other'; seen: Checkpoint; size: number };

export type Discontinuity =
  | Exclude<Continuity, { is: 'continuous' }>
  /** None of the files outside the ledger contains a usable checkpoint. `why` has a reason for each file. */
  | { is: 'missing'; size: number; why: string[] }
  /** The ledger's own newest checkpoint, which covers `size` events, is newer than the checkpoint in the files. */
  | { is: 'behind'; seen: Checkpoint; size: number }
  /** The ledger was restored from a backup, and no signature covers some of its events. */
  | { is: 'unproven'; unproven: Unproven; size: number }
  /**
   * Another machine has restored this ledger and now runs the service with it. `at` is the time of this restore in ISO
   * 8601. `torn` is the path of the mark in the backup folder, if this mark is damaged.
   */
  | { is: 'taken-over'; host: string; at: string; size: number; damaged?: DamagedMark; torn?: string };

/**
 * The mark file in the data folder is damaged. So this service itself may have written the mark in the backup folder.
 */
export interface DamagedMark {
  file: string;
  mark: string;
}

/** The number of events in a restored backup, and how many of them are covered by a signature. */
export interface Unproven {
  size: number;
  signed: number;
}

/** Functions that read a tree. Both a ledger and a reader of a ledger file have these functions. */
export interface TreeReader {
  head: () => Promise<{ size: number }>;
  rootAt: (size: number) => Promise<Uint8Array | undefined>;
}

export interface History extends TreeReader {
  /** The newest checkpoint that is stored in the ledger itself. */
  checkpoint: () => Promise<KeptCheckpoint | undefined>;
}

/** A file that may contain a checkpoint of this log. `note` is undefined if the file is missing or cannot be read. */
export interface Place {
  file: string;
  note: string | undefined;
  /** The reason why the file cannot be read. */
  problem?: string;
}

export interface Comparison {
  /** True if another process may store newer checkpoints in this ledger. */
  isShared: boolean;
  /** True if this process uses the shared ledger for the first time, so that its files contain no checkpoint yet. */
  joins: boolean;
  /**
   * Set if this ledger was restored with events that no signature covers, and if no admin has accepted the ledger yet.
   */
  unproven: Unproven | undefined;
  key: KeyObject;
}

export async function checkContinuity(ledger: TreeReader, seen: Checkpoint): Promise<Continuity> {
  const { size } = await ledger.head();
  if (size < seen.size) return { is: 'older', seen, size };
  const isSame = await ledger.rootAt(seen.size).then(
    (root) => root !== undefined && Buffer.from(root).equals(seen.root),
    // A tree that cannot be computed counts as a different tree.
    () => false,
  );
  return isSame ? { is: 'continuous' } : { is: 'other', seen, size };
}

/**
 * Compares the ledger with the newest checkpoint in the files outside the ledger. Returns undefined if the ledger
 * continues that checkpoint.
 */
export async function compareWithPlaces(
  ledger: History,
  places: Place[],
  comparison: Comparison,
): Promise<Discontinuity | undefined> {
  const found = await compare(ledger, places, comparison);
  const { unproven } = comparison;
  const { size } = await ledger.head();
  if (unproven === undefined || found?.is === 'older' || found?.is === 'other') return found;
  // A ledger with fewer events than the restored one is a different ledger.
  return size < unproven.size ? found : { is: 'unproven', unproven, size };
}

async function compare(
  ledger: History,
  places: Place[],
  { isShared, joins, key }: Comparison,
): Promise<Discontinuity | undefined> {
  const why: string[] = [];
  let newest: Checkpoint | undefined;
  for (const place of places) {
    const found = readPlace(place, key);
    if (typeof found === 'string') why.push(found);
    else if (newest === undefined || found.size > newest.size) newest = found;
  }
  const { size } = await ledger.head();
  const stored = await ledger.checkpoint();
  if (newest === undefined) {
    // A new ledger has no history yet that a checkpoint could protect.
    const isNew = size === 0 && stored === undefined;
    return isNew || joins ? undefined : { is: 'missing', size, why };
  }
  const continuity = await checkContinuity(ledger, newest);
  if (continuity.is !== 'continuous') return continuity;
  // A checkpoint is written to the files before the ledger stores it. So the checkpoint in the files is never older
  // than the one in the ledger.
  if (!isShared && stored !== undefined && stored.size > newest.size)
    return { is: 'behind', seen: newest, size: stored.size };
  return undefined;
}

/**
 * Returns the checkpoint that the file contains. If the file contains no usable checkpoint, returns a sentence that
 * says why.
 */
function readPlace({ file, note, problem }: Place, key: KeyObject): Checkpoint | string {
  // Agents also receive this sentence, so it must not contain the path of the file. The path is written only to the
  // log.
  const name = basename(file);
  if (note === undefined) return problem === undefined ? `${name} is missing` : `${name} cannot be read: ${problem}`;
  try {
    const checkpoint = parseCheckpoint(note);
    return isSignedBy(note, key) ? checkpoint : `${name} is not signed with the current key`;
  } catch (error) {
    return `${name} ${messageOf(error)}`;
  }
}

/** Tells whether the ledger continues its last checkpoint. */
export interface Guard {
  discontinuity: () => Discontinuity | undefined;
  /**
   * Accepts the ledger, so that it is no longer held, and records who accepted it. Returns false if the ledger was not
   * held. Throws `invalid` if `size` is not the number that `acceptedBy` returns. `code` is the SHA-256 of a hold code.
   * A hold code cannot be used a second time.
   */
  accept: (size: number, actor: string, code?: Uint8Array) => Promise<boolean>;
}

/**
 * Returns the number of events that an admin must enter to accept the ledger. With this number, an admin cannot accept
 * a different state by mistake.
 */
export function acceptedBy(found: Discontinuity): number {
  if (found.is === 'unproven') return found.unproven.size;
  return found.is === 'older' || found.is === 'other' ? found.seen.size : found.size;
}

/**
 * Returns the refusal for everything that must wait until the ledger is accepted. The refusal says what is wrong, what
 * the consequences are, and what to do.
 */
export function heldRefusal(found: Discontinuity): ClaimstampError {
  const code = 'ledger-unavailable';
  const { size: events } = found;
  const accept = acceptedBy(found);
  if (found.is === 'missing')
    return refusal(code, 'heldMissing', { events, accept, why: found.why.map((key) => ({ key })) });
  if (found.is === 'unproven') return refusal(code, 'heldUnproven', { from: found.unproven.signed + 1, accept });
  if (found.is === 'taken-over') {
    const { host, at, damaged, torn } = found;
    if (torn !== undefined) return refusal(code, 'heldMarkTorn', { file: torn });
    if (damaged !== undefined) return refusal(code, 'heldMarkDamaged', { host, at, ...damaged });
    return refusal(code, 'heldTakenOver', { host, at, accept });
  }
  const values = { events, accept, seen: found.seen.size };
  if (found.is === 'older') return refusal(code, 'heldOlder', values);
  return found.is === 'other' ? refusal(code, 'heldOther', values) : refusal(code, 'heldBehind', values);
}

/** Returns true if the given key signed the note. The note may contain any log name. */
export function isSignedBy(note: string, key: KeyObject): boolean {
  try {
    openCheckpoint(note, { name: parseCheckpoint(note).origin, publicKey: key });
    return true;
  } catch {
    return false;
  }
}

export function publicKeyOf({ privateKey }: { privateKey: KeyObject }): KeyObject {
  return createPublicKey(privateKey);
}
