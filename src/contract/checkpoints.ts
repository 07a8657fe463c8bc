/*
 * Each new checkpoint is sent to destinations outside the data folder. The code that schedules checkpoints never waits
 * for a destination, so a destination may be slow or unreachable.
 */

export interface Sent {
  size: number;
  /** The signed note. */
  note: string;
}

export interface Destination {
  /** The folder or address of the destination, in the form that is logged, without any secret. */
  name: string;
  /** Sends one checkpoint. If the checkpoint cannot be delivered, throws an error whose message says why. */
  send: (checkpoint: Sent, signal: AbortSignal) => Promise<void>;
}

export interface Senders {
  /**
   * Queues this checkpoint for all destinations. Older checkpoints that are still in the queue are no longer sent.
   */
  offer: (checkpoint: Sent) => void;
  /** Waits a short time for checkpoints that are still being sent. */
  close: () => Promise<void>;
}
