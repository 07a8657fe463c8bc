import type { Socket } from 'node:net';
import type { ClaimstampError } from '../../platform/error.ts';
import type { Format, KeptPrinter } from '../printer.ts';

/*
 * Rules for sending a job to a printer. The adapters in print/ send bytes and report the outcome. Adapters do not
 * queue, repeat or record jobs.
 */

export interface Job {
  /**
   * The ID is unique among all jobs and is used as the file's name. An ID has only letters, digits, ".", "_" and "-".
   */
  id: string;
  /**
   * The name that the printer shows on its own screen. Printers also log this name, so it must never contain a complete
   * Claim ID.
   */
  name: string;
  format: Format;
  /**
   * An adapter must not read the bytes before it has called `firstByte`, because a print agent receives them only then.
   */
  bytes: Uint8Array;
  /**
   * How many times the printer prints the bytes. Only IPP printers can repeat the bytes. For other kinds of printers,
   * the number is 1, because the bytes already contain the copies (`^PQ`, or a page for each copy).
   */
  copies: number;
}

/** The rules for the address or folder of one printer (print/places.ts). */
export interface Places {
  /**
   * Returns a refusal if sending to this IP address is not allowed. `host` is the printer's name or address in the
   * settings.
   */
  address: (address: string, host: string) => ClaimstampError | undefined;
  /**
   * Returns the real path of the folder, without symbolic links and `..`. Throws a refusal if the folder may not be
   * used.
   */
  folder: (folder: string) => string;
}

export interface Hooks {
  /**
   * The adapter calls and awaits this function once, right before the first byte may be sent. The function must record
   * durably that the job is being sent. Without this record, the job would count as unsent after a crash. If the
   * printer cannot be reached, the adapter does not call this function. If `onSending` rejects, nothing is sent and the
   * outcome is `queued`.
   */
  onSending: () => void | Promise<void>;
  /**
   * The adapter calls this function without `stopped` when the printer has accepted the job. The adapter calls this
   * function with `stopped` when the printer reports that it stopped before the job was finished.
   */
  onAccepted?: (stopped?: Stop) => void;
  /** True if the printer rejected the last job. The adapter then asks the printer first whether it accepts this job. */
  isWary?: boolean;
}

/**
 * `notReached`: there is no connection. `noAnswer`: the printer does not answer. `refuses`: the printer accepts no
 * jobs, because it is busy or set to reject them. `unauthorised`: the printer does not accept this service's
 * credentials. `stopped`: the printer reports that it has stopped. The last four kinds say why the printer has stopped.
 */
export const TROUBLES = [
  'notReached',
  'noAnswer',
  'refuses',
  'unauthorised',
  'stopped',
  'noLabels',
  'noRibbon',
  'open',
  'paused',
] as const;
export type TroubleKind = (typeof TROUBLES)[number];

/**
 * The problem that keeps a printer from printing, as the printer reports it. `said` is a sentence for the operator's
 * screen.
 */
export interface Stop {
  what: TroubleKind;
  said: string;
}

/** The state that a printer reports when the service queries it over a separate connection. */
export interface Said {
  /** False if the printer does not answer queries. */
  answers: boolean;
  /** The reason why the printer does not print. */
  stop?: Stop;
  /** True if PDF is missing from the formats that the printer accepts. */
  lacksPdf?: true;
  /** The printer's reports, as sentences for a person. */
  says: string[];
}

export type Outcome =
  /**
   * The printer reported that the job is finished. For a folder, `done` means that the file is complete and durable.
   */
  | { state: 'done' }
  /**
   * The printer accepted all bytes, but gave no proof that it printed them. A printer on port 9100 (raw9100) that does
   * not answer queries never gives such proof.
   */
  | { state: 'sent' }
  /**
   * The printer accepted no part of the job and will print nothing of it. The printer could not be reached, has
   * stopped, or currently accepts no jobs. The job waits until the printer accepts it. `what` is the printer's problem.
   */
  | { state: 'queued'; reason: string; what: TroubleKind }
  /**
   * The label was not printed correctly. `mayHaveLeft: false` means that nothing was printed, nothing will be, and
   * another attempt would also fail. `mayHaveLeft: true` means that the printer accepted the job and gave up, so a part
   * of the label may be on paper.
   */
  | { state: 'failed'; reason: string; mayHaveLeft: boolean }
  /**
   * Bytes may have been sent, but the result is unknown. The service resends the job only after a person has checked
   * the printer.
   */
  | { state: 'unknown'; reason: string };

/**
 * Sends one job to one printer, once, over one connection (print/send.ts). The function always resolves within the
 * printer's time limits. The function never rejects and never retries. `reason` is a sentence for the operator's
 * screen. If the signal aborts before `onSending` has resolved, nothing is sent (`queued`). If the signal aborts later,
 * the job is interrupted (`unknown`).
 */
export type Send = (printer: KeptPrinter, job: Job, hooks: Hooks, signal: AbortSignal) => Promise<Outcome>;

/** The user name and password that the service uses to sign in to a printer. */
export interface Login {
  user: string;
  /** Absent if no password has been set for the printer's current address. */
  password?: string;
}

/**
 * The input of an adapter. If the adapter throws before `firstByte`, the printer counts as not reached, and the outcome
 * is `queued`. If the adapter throws later, the outcome is `unknown`.
 */
export interface Attempt {
  places: Places;
  login?: Login | undefined;
  /**
   * The adapter awaits this function right before it writes the first byte. The function rejects if the hook failed, if
   * the attempt was stopped, or if the printer has closed the connection. After a rejection, nothing may be written.
   */
  firstByte: (socket?: Socket) => Promise<void>;
  accepted: (stopped?: Stop) => void;
  isWary: boolean;
  signal: AbortSignal;
}
