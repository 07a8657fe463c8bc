import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Decision, Seen } from './seen.ts';

/** Saves a signed checkpoint: a row, no event, so that the tree does not grow. */
export interface KeepCheckpoint {
  kind: 'keep-checkpoint';
  size: number;
  note: string;
}

/** One checkpoint an hour is kept for ever: 2 MB a year. A busy line makes one every ten seconds. ms */
const LASTS_MS = 60 * 60 * 1000;

/** Saves the new checkpoint. Drops the previous one if it is less than an hour younger than the one before it. */
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
