import type { Progress } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';

/**
 * Checks events, hashes and tables of the ledger against each other while the line runs. An attacker who controls the
 * machine controls this check too, so it finds accidents; `claimstamp verify` on another machine finds more.
 */
export interface Checking {
  /** Begins a check unless one is running. */
  start: () => void;
  state: () => CheckState;
}

export interface CheckState {
  /** Progress of the running check. */
  running?: Progress;
  /** The last check since the start, and when it ended, ms since 1970. */
  last?: { at: number; verification: Verification } | { at: number; failed: string };
}

export interface CheckTask {
  ledger: string;
  out: string;
}
