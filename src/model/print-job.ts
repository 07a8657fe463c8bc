/**
 * Where a job is. `queued`: nothing has left, it may be cancelled. `sending`: bytes may have left from here on, so it is
 * never sent again by itself. `sent`: handed over, the printer says no more. `done`: the printer's own word.
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

/** What may become of a job in each state. */
export const MOVES: Record<PrintState, PrintState[]> = {
  queued: ['sending', 'failed', 'cancelled'],
  sending: ['sent', 'done', 'failed', 'unknown'],
  sent: ['done', 'failed', 'unknown'],
  done: [],
  failed: [],
  unknown: [],
  cancelled: [],
};
