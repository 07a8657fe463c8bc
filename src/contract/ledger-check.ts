import type { Progress } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';

/**
 * Compares the events, hashes and tables of the ledger during production. An attacker who controls this machine also
 * controls this check, so the check finds only accidental changes. `claimstamp verify` on another machine can also find
 * deliberate changes.
 */
export interface Checking {
  /** Begins a check if no check is running. */
  start: () => void;
  state: () => CheckState;
}

export interface CheckState {
  /** The progress of the running check. */
  running?: Progress;
  /**
   * The result of the last check since the service started. `at` is the time in ms since 1970 when the last check
   * ended.
   */
  last?: { at: number; verification: Verification } | { at: number; failed: string };
}

export interface CheckTask {
  ledger: string;
}
