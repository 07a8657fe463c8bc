import type { Progress } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';

/**
 * Compares the events, hashes and tables of the ledger with each other during production. An attacker with control of
 * this machine also controls this check, so it finds only accidents. `claimstamp verify` on another machine finds more.
 */
export interface Checking {
  /** Begins a check unless a check is running already. */
  start: () => void;
  state: () => CheckState;
}

export interface CheckState {
  /** The progress of the running check. */
  running?: Progress;
  /** The result of the last check since the service started. `at` is when that check ended, in ms since 1970. */
  last?: { at: number; verification: Verification } | { at: number; failed: string };
}

export interface CheckTask {
  ledger: string;
}
