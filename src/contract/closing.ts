import type { Once } from '../decide/command.ts';
import type { Closed, CloseWorkOrder, SignOff, Stale } from '../decide/orders/close-order.ts';

/** Closes work orders. For each closing, a child process counts the units in snapshots of the ledger. */
export interface Closing {
  /** Throws the refusal if the work order cannot be closed, and leaves the work order open. */
  close: (request: ClosingRequest) => Promise<Closed>;
}

export interface ClosingRequest {
  workOrder: string;
  signOff?: SignOff;
  actor: string;
  once?: Once;
  /** The caller, for the queue of child processes. */
  by: string;
  /** Throws if the caller may no longer close work orders. Called before each event is recorded. */
  stillAllowed: () => Promise<unknown>;
}

/** The task of the child process. */
export interface ClosingTask {
  ledger: string;
  workOrder: string;
  signOff: SignOff | undefined;
}

/** Questions of the child process. The answer to `close` is the ledger's answer. */
export type ClosingQuestion =
  | { begin: true }
  | { close: Pick<CloseWorkOrder, 'snapshot' | 'rule' | 'figures' | 'signedOff'> };
export type ClosingAnswer = Closed | Stale;
