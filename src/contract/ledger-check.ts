import type { Progress } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';

/**
 * Compares events, hashes and tables of the ledger with each other while production runs. An attacker who controls this
 * machine also controls this check, so it reveals only accidents. `claimstamp verify` on another machine finds more.
 */
export interface Checking {
  /** Begins a check unless a check is running already. */
  start: () => void;
  state: () => CheckState;
}

export interface CheckState {
  /** Progress of the running check. */
  running?: Progress;
  /** The last check since the service started. `at` is when that check ended, in ms since 1970. */
  last?: { at: number; verification: Verification } | { at: number; failed: string };
}

export interface CheckTask {
  ledger: string;
  out: string;
}
