import { openCheckpoint, type Checkpoint, type Verifier } from './checkpoint.ts';

/*
 * Compares a ledger with a checkpoint made earlier. The newest checkpoint is also kept in a file of its own beside the
 * ledger, so that a restored older copy of the ledger does not match it.
 */

export type Continuity =
  /** The ledger has all events that the checkpoint covers. */
  | { is: 'continuous' }
  /** The ledger ends before the checkpoint: it lacks Claim IDs and S/Ns that were given out. */
  | { is: 'older'; seen: Checkpoint; size: number }
  /** The ledger is as long or longer, and its events differ. */
  | { is: 'other'; seen: Checkpoint; size: number };

export type Discontinuity = Exclude<Continuity, { is: 'continuous' }>;

/** A ledger, or the reader of a ledger file. */
export interface TreeReader {
  head: () => Promise<{ size: number }>;
  rootAt: (size: number) => Promise<Uint8Array | undefined>;
}

export async function checkContinuity(ledger: TreeReader, seen: Checkpoint): Promise<Continuity> {
  const { size } = await ledger.head();
  if (size < seen.size) return { is: 'older', seen, size };
  const isSame = await ledger.rootAt(seen.size).then(
    (root) => root !== undefined && Buffer.from(root).equals(seen.root),
    // A tree that cannot be computed counts as different.
    () => false,
  );
  return isSame ? { is: 'continuous' } : { is: 'other', seen, size };
}

/** Whether the ledger continues the one of the last checkpoint. */
export interface Guard {
  discontinuity: () => Discontinuity | undefined;
  /** Allows issuing again, and records the actor. Throws `invalid` where `size` is not that of the checkpoint seen. */
  accept: (size: number, actor: string) => Promise<void>;
}

/** For people: what is wrong, and what it means. */
export function discontinuityText({ is, seen, size }: Discontinuity): string {
  if (is === 'other')
    return `the ledger contradicts the checkpoint of ${seen.size} events that was made here: it was changed, or it belongs to another line`;
  return (
    `the ledger has ${size} events, and a checkpoint of ${seen.size} was made here: an older copy was restored; ` +
    'it lacks Claim IDs and S/Ns that were given out'
  );
}

/** Whether the log's own key signed it. */
export function isOwn(note: string, own: Verifier): boolean {
  try {
    openCheckpoint(note, own);
    return true;
  } catch {
    return false;
  }
}
