import { openCheckpoint, type Checkpoint, type Verifier } from './checkpoint.ts';

/*
 * Compares a ledger with an earlier checkpoint. A file outside the ledger also has the newest checkpoint. If an older
 * copy of the ledger is restored, this file does not change, so the comparison shows that the ledger is older.
 */

export type Continuity =
  /** The ledger contains all events that the checkpoint covers. */
  | { is: 'continuous' }
  /** The ledger has fewer events than the checkpoint. It lacks Claim IDs and S/Ns that were given out. */
  | { is: 'older'; seen: Checkpoint; size: number }
  /** The ledger has enough events, but they differ from the events that the checkpoint covers. */
  | { is: 'other'; seen: Checkpoint; size: number };

export type Discontinuity = Exclude<Continuity, { is: 'continuous' }>;

/** A source of the tree. It is a ledger, or the reader of a ledger file. */
export interface TreeReader {
  head: () => Promise<{ size: number }>;
  rootAt: (size: number) => Promise<Uint8Array | undefined>;
}

export async function checkContinuity(ledger: TreeReader, seen: Checkpoint): Promise<Continuity> {
  const { size } = await ledger.head();
  if (size < seen.size) return { is: 'older', seen, size };
  const isSame = await ledger.rootAt(seen.size).then(
    (root) => root !== undefined && Buffer.from(root).equals(seen.root),
    // If a tree cannot be computed, it counts as a different tree.
    () => false,
  );
  return isSame ? { is: 'continuous' } : { is: 'other', seen, size };
}

/** Knows whether the ledger is the ledger of the last checkpoint, possibly with more events. */
export interface Guard {
  discontinuity: () => Discontinuity | undefined;
  /**
   * Allows issuing again and records the actor. Throws `invalid` if `size` is not the size of the last checkpoint.
   * `code` is the SHA-256 of a hold code, which is used up.
   */
  accept: (size: number, actor: string, code?: Uint8Array) => Promise<void>;
}

/** Returns a text for people. It says what is wrong and what this means. */
export function discontinuityText({ is, seen, size }: Discontinuity): string {
  if (is === 'other')
    return `the ledger contradicts the checkpoint of ${seen.size} events that was made here: it was changed, or it belongs to another line`;
  return (
    `the ledger has ${size} events, and a checkpoint of ${seen.size} was made here: an older copy was restored; ` +
    'it lacks Claim IDs and S/Ns that were given out'
  );
}

/** True if the log's own key signed the note. */
export function isOwn(note: string, own: Verifier): boolean {
  try {
    openCheckpoint(note, own);
    return true;
  } catch {
    return false;
  }
}
