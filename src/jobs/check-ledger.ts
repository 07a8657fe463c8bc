import type { Checking, CheckState, CheckTask } from '../contract/ledger-check.ts';
import type { Progress, Spool } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';
import { messageOf } from '../platform/error.ts';

export function openChecking(ledger: string, spool: Spool, now: () => number): Checking {
  const state: CheckState = {};
  const check = async (): Promise<void> => {
    const task = (): CheckTask => ({ ledger });
    const onProgress = (progress: Progress): void => void (state.running = progress);
    try {
      const order = { by: 'check', entry: 'jobs/check-ledger-child.js', task, onProgress };
      state.last = { at: now(), verification: await spool.run<Verification>(order) };
    } catch (error) {
      state.last = { at: now(), failed: messageOf(error) };
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
