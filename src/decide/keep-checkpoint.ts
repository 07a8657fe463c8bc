import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import type { Decision, Seen } from './seen.ts';

/** A signed checkpoint to be kept: a row, no event. The tree grows by events only, and a checkpoint is none. */
export interface KeepCheckpoint {
  kind: 'keep-checkpoint';
  size: number;
  note: string;
}

/** One in an hour is kept for good: 2 MB a year. A line that never stops makes one each ten seconds. ms */
const LASTS_MS = 60 * 60 * 1000;

/** The newest is always kept. The one before goes with it, where the one before that is less than an hour older. */
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
