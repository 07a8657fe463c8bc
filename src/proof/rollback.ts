import { openCheckpoint, type Checkpoint, type Verifier } from './checkpoint.ts';

/*
 * What a ledger is against a checkpoint that was seen before. The newest one lies beside the ledger, in a file of its
 * own: a ledger that was put back to an older state does not know of it.
 */

export type Standing =
  /** It holds all that the checkpoint tells of. */
  | { is: 'sound' }
  /** It ends before the checkpoint does: Claim IDs and S/Ns were given out that it does not know. */
  | { is: 'older'; seen: Checkpoint; size: number }
  /** It is as long, and tells another story. */
  | { is: 'other'; seen: Checkpoint; size: number };

export type Unsound = Exclude<Standing, { is: 'sound' }>;

/** A ledger, or a file of one. */
export interface Stood {
  head: () => Promise<{ size: number }>;
  rootAt: (size: number) => Promise<Uint8Array | undefined>;
}

export async function standingOf(ledger: Stood, seen: Checkpoint): Promise<Standing> {
  const { size } = await ledger.head();
  if (size < seen.size) return { is: 'older', seen, size };
  const isSame = await ledger.rootAt(seen.size).then(
    (root) => root !== undefined && Buffer.from(root).equals(seen.root),
    // A tree that cannot be computed any more is not what it was.
    () => false,
  );
  return isSame ? { is: 'sound' } : { is: 'other', seen, size };
}

/** Whether the ledger is what it was when it was last seen. */
export interface Guard {
  held: () => Unsound | undefined;
  /** Lets the line go on; the ledger says who did. Throws `invalid` where `size` is not that of the checkpoint seen. */
  accept: (size: number, actor: string) => Promise<void>;
}

/** For people: what is wrong, and what it means. */
export function standingText({ is, seen, size }: Unsound): string {
  if (is === 'other')
    return `the ledger tells another story than the checkpoint of ${seen.size} events that was made here: it was changed, or it is another line's`;
  return (
    `the ledger has ${size} events, and a checkpoint of ${seen.size} was made here: an older state was put back; ` +
    'Claim IDs and S/Ns were given out that it does not know'
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
