/**
 * `queued`: nothing was sent, so the job may be cancelled. If the printer rejects the job, the job goes back to
 * `queued`. `sending`: bytes may have been sent, so the job is never automatically sent a second time. `sent`: the
 * printer accepted all bytes and will not report anything else. `done`: the printer reported the job complete.
 * `failed`: the job can never be printed, or the printer gave up on it. docs/labels.md has the table of the states.
 */
export type PrintState = 'queued' | 'sending' | 'sent' | 'done' | 'failed' | 'unknown' | 'cancelled';

export interface PrintJob {
  /** The `seq` of the event that queued the job. */
  id: number;
  uci: string;
  printer: string;
  station?: string;
  state: PrintState;
  /** The reason why the job failed, was cancelled or has an unknown outcome. */
  reason?: string;
  /** The role of the label. Absent for the label of the device. */
  role?: string;
  copies: number;
  /** The number of the job's first label. A unit's labels of one role are numbered in order, beginning with 1. */
  firstCopy: number;
  /** The reason why the label is reprinted. The first print of a label has no reason. */
  reprint?: string;
  /** The number of the render set with which the label was last drawn. Absent until the job is sent. */
  set?: number;
  /** The time of the last change in ms since 1970. */
  at: number;
}

/** For each state, the states that may follow it. */
export const MOVES: Record<PrintState, PrintState[]> = {
  queued: ['sending', 'failed', 'cancelled'],
  // If a printer rejects a job, the printer has printed no part of it. The job goes back to the queue, and its labels
  // are no longer counted.
  sending: ['queued', 'sent', 'done', 'failed', 'unknown'],
  sent: ['done', 'failed', 'unknown'],
  done: [],
  failed: [],
  unknown: [],
  cancelled: [],
};
