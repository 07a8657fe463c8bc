/**
 * `queued`: nothing has left, the job may be cancelled. `sending`: bytes may have left, so the job is never sent again
 * automatically. `sent`: handed over, the printer reports no more. `done`: the printer reported it complete.
 */
export type PrintState = 'queued' | 'sending' | 'sent' | 'done' | 'failed' | 'unknown' | 'cancelled';

export interface PrintJob {
  /** `seq` of the event that queued it. */
  id: number;
  uci: string;
  printer: string;
  station?: string;
  state: PrintState;
  /** Why it failed, is unknown or was cancelled. */
  reason?: string;
  copies: number;
  /** The unit's label number of its first copy: 1 is the first label ever. */
  firstCopy: number;
  /** Why the label is printed again. */
  reprint?: string;
  /** ms since 1970 */
  at: number;
}

/** The next states allowed from each state. */
export const MOVES: Record<PrintState, PrintState[]> = {
  queued: ['sending', 'failed', 'cancelled'],
  sending: ['sent', 'done', 'failed', 'unknown'],
  sent: ['done', 'failed', 'unknown'],
  done: [],
  failed: [],
  unknown: [],
  cancelled: [],
};
