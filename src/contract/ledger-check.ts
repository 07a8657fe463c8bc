import type { Progress } from '../platform/spool.ts';
import type { Verification } from '../proof/verification.ts';

/*
 * The service checks its own ledger while the line runs: events, hashes and tables against each other. Whoever controls
 * the machine controls the service too, so this finds accidents; `claimstamp verify` on another machine finds more.
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
