import type { Progress } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';

/**
 * Checks, during production, that the events, hashes and tables of the ledger match. An attacker who controls this
 * machine also controls this check. So this check can be trusted only to find accidental changes. Run on another
 * machine, `claimstamp verify` can also find deliberate changes.
 */
export interface Checking {
  /** Begins a check, unless one is already running. */
  start: () => void;
  state: () => CheckState;
}

export interface CheckState {
  /** The progress of the running check. */
  running?: Progress;
  /** The result of the last check since the service was started. `at` is when this check ended, in ms since 1970. */
  last?: { at: number; verification: Verification } | { at: number; failed: string };
}

export interface CheckTask {
  ledger: string;
}
