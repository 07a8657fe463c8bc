/*
 * Each new checkpoint is sent to places outside the data folder. The scheduling code waits for none of these places, so
 * a place may be slow or unreachable.
 */

export interface Sent {
  size: number;
  /** The signed note. */
  note: string;
}

export interface Destination {
  /** The folder or address, as the log shows it. It contains no secret. */
  name: string;
  /** Sends one checkpoint. If that fails, throws an error whose message says why. */
  send: (checkpoint: Sent, signal: AbortSignal) => Promise<void>;
}

export interface Senders {
  /** Sends this checkpoint to all destinations soon. Older checkpoints that still wait are not sent. */
  offer: (checkpoint: Sent) => void;
  /** Waits a short time until checkpoints that are being sent have arrived. */
  close: () => Promise<void>;
}
