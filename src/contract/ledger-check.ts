import { json } from 'node:stream/consumers';
import type { Progress, Spool } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';

/*
 * The ledger, checked by the service itself while the line runs: everything in it against everything else in it. Whoever
 * has the machine has the service too, so that this finds accidents; `claimstamp verify` on another machine finds more.
 */

export interface Checking {
  /** Begins a check; where one is under way, that one goes on. */
  start: () => void;
  state: () => CheckState;
}

export interface CheckState {
  /** How far it is; undefined where none is under way. */
  running?: Progress;
  /** The last one since the start, and when it ended, ms since 1970. */
  last?: { at: number; verification: Verification } | { at: number; failed: string };
}

export interface CheckTask {
  ledger: string;
  out: string;
}

export function openChecking(ledger: string, spool: Spool, now: () => number): Checking {
  const state: CheckState = {};
  const check = async (): Promise<void> => {
    const task = (out: string): CheckTask => ({ ledger, out });
    const told = (progress: Progress): void => void (state.running = progress);
    try {
      const { file } = await spool.make({ entry: 'jobs/check-ledger-child.js', ending: 'json', task, told });
      state.last = { at: now(), verification: (await json(file.createReadStream())) as Verification };
    } catch (error) {
      state.last = { at: now(), failed: (error as Error).message };
    } finally {
      delete state.running;
    }
  };
  return {
    start() {
      if (state.running !== undefined) return;
      state.running = { done: 0, total: 0 };
      void check();
    },
    state: () => state,
  };
}
