import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Decision, Seen } from './seen.ts';

/**
 * Stores a signed checkpoint in a row. Storing a checkpoint adds no event, because an event would make the tree grow
 * again.
 */
export interface KeepCheckpoint {
  kind: 'keep-checkpoint';
  size: number;
  note: string;
}

/**
 * One checkpoint per hour is kept permanently. These checkpoints take up 2 MB a year. During busy production, a
 * checkpoint is made every ten seconds.
 */
const LASTS_MS = 60 * 60 * 1000;

/** Saves the new checkpoint. Deletes the previous checkpoint, unless the one before it is at least an hour older. */
export function keepCheckpoint(seen: Seen, { size, note }: KeepCheckpoint, now: number): Decision<{ size: number }> {
  const [newest, former] = seen.checkpoints();
  const checkpoint: KeptCheckpoint = { size, note, at: now };
  const passing =
    newest !== undefined && former !== undefined && size > newest.size && newest.at - former.at < LASTS_MS;
  return {
    events: [],
    answer: { size },
    kept: [
      ...(passing ? [{ table: 'dropped-checkpoint' as const, size: newest.size }] : []),
      { table: 'checkpoint', checkpoint },
    ],
  };
}

/**
 * Records that a new key signs all checkpoints from now on. `former` and `next` are public keys in the verifier-key
 * format.
 */
export interface RotateSigningKey {
  kind: 'rotate-signing-key';
  former: string;
  next: string;
  actor: string;
}

export function rotateSigningKey(_seen: Seen, { former, next, actor }: RotateSigningKey): Decision<null> {
  return { events: [{ type: 'signing-key-rotated', actor, data: { former, next } }], answer: null };
}
