import type { Once } from '../../decide/command.ts';
import type { Closed, CloseWorkOrder, SignOff, Stale } from '../../decide/orders/close-order.ts';

/** Closes work orders. For each closing, a child process reads snapshots of the ledger and counts the units. */
export interface Closing {
  /** Closes a work order. If it cannot be closed, throws the refusal, and the work order remains open. */
  close: (request: ClosingRequest) => Promise<Closed>;
}

export interface ClosingRequest {
  workOrder: string;
  signOff?: SignOff;
  actor: string;
  once?: Once;
  /** The name of the caller. The spool limits how many tasks of one caller may wait. */
  by: string;
  /**
   * Throws if the caller is no longer allowed to close work orders. `stillAllowed` is called before each event is
   * recorded.
   */
  stillAllowed: () => Promise<unknown>;
}

/** The task for the child process. */
export interface ClosingTask {
  ledger: string;
  workOrder: string;
  signOff: SignOff | undefined;
}

/** Questions from the child process. The answer to `close` is the ledger's answer to that command. */
export type ClosingQuestion =
  | { begin: true }
  | { close: Pick<CloseWorkOrder, 'snapshot' | 'rule' | 'figures' | 'signedOff'> };
export type ClosingAnswer = Closed | Stale;
