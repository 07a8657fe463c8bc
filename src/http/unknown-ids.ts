import { setTimeout as pause } from 'node:timers/promises';
import { refusal } from '../platform/error.ts';
import { countLookups } from './lookups.ts';

/**
 * Slows down sources whose devices report unknown Claim IDs, in the same way that lookups.ts slows down callers. While
 * a source must wait, known Claim IDs are also refused, so that the answer does not reveal which Claim IDs exist.
 */
export interface UnknownIds {
  /** Throws `lookups-throttled` when this source has reported too many unknown IDs. */
  refuse: (sender: string) => void;
  /** Counts an unknown ID. A device repeats its report, so each Claim ID is counted only once. */
  missed: (sender: string, uci: string) => void;
}

/**
 * A full table takes about one MiB. When the table is full, the oldest Claim ID is removed. If a device reports it
 * later, it is counted a second time.
 */
const MAX_KEPT = 10_000;

const ACTOR = 'agent';

export function countUnknownIds(clock: () => number): UnknownIds {
  const lookups = countLookups(clock);
  const counted = new Set<string>();
  return {
    refuse(sender) {
      const waitS = lookups.waitS(ACTOR, sender);
      if (waitS > 0) throw refusal('lookups-throttled', 'registrations', { source: sender, waitS });
    },
    missed(sender, uci) {
      const name = `${sender} ${uci}`;
      if (counted.has(name)) return;
      const [oldest] = counted;
      if (counted.size >= MAX_KEPT && oldest !== undefined) counted.delete(oldest);
      counted.add(name);
      lookups.missed(ACTOR, sender);
    },
  };
}

/** A step is longer than a commit on most disks, but too short for a device to notice. */
const STEP_MS = 25;

/**
 * Calls `act`, and then waits until the time since the call is a multiple of STEP_MS. So the time a request takes does
 * not reveal whether `act` found a unit or wrote to the ledger.
 */
export async function inSteps<T>(act: () => Promise<T>, wait: (ms: number) => Promise<unknown> = pause): Promise<T> {
  const start = performance.now();
  try {
    return await act();
  } finally {
    await wait(STEP_MS - ((performance.now() - start) % STEP_MS));
  }
}
