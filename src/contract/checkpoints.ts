/*
 * Places outside the data folder that get each new checkpoint. The code that schedules them waits for no place, so a
 * place may be slow or unreachable.
 */

export interface Sent {
  size: number;
  /** The signed note. */
  note: string;
}

export interface Destination {
  /** The folder or address, as the log names it. It contains no secret. */
  name: string;
  /** Sends one checkpoint. Throws an error whose message says why that failed. */
  send: (checkpoint: Sent, signal: AbortSignal) => Promise<void>;
}

export interface Senders {
  /** Sends this checkpoint to all destinations soon, in place of older ones that still wait. */
  offer: (checkpoint: Sent) => void;
  /** Waits a short time for checkpoints that are being sent. */
  close: () => Promise<void>;
}
