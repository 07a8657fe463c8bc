import type { LabelData, SavedSource } from './labels.ts';
import type { Format, KeptPrinter, Printer } from '../model/printer.ts';
import type { Job, Outcome, Said, Stop, TroubleKind } from '../model/printing/sending.ts';

/**
 * A problem with a printer. `what` is translated for screens. `detail` is an English sentence for the person who fixes
 * the problem.
 */
export interface Trouble {
  /** `idle`: no service is running, so labels wait. */
  what: TroubleKind | 'idle';
  detail: string;
}

/** The outcome of a print job that has left the printer's queue. */
export type Ended = Exclude<Outcome, { state: 'queued' }>;

export interface Printing {
  /**
   * Throws a refusal if the service's settings do not allow this printer's address or folder. Makes the folder if it is
   * missing. Returns why labels cannot be written to the folder now.
   */
  check(printer: Printer): Promise<string | undefined>;
  /** Returns why the first job of the printer is still waiting. Returns undefined if there is no problem. */
  trouble(printer: string): Trouble | undefined;
  /** Returns the names of the printers that have a problem. */
  troubled(): string[];
  /** Asks the printer for its state. Throws `not-found` if there is no such printer. */
  ask(printer: string): Promise<Said>;
  /**
   * Asks a printer for its state before its settings are saved. `before` contains the settings that are in the ledger.
   */
  probe(printer: Printer, before: KeptPrinter | undefined): Promise<Said>;
  /**
   * Stores the password for a printer's current address, or removes it. Once the promise has resolved, the password is
   * on disk.
   */
  keepPassword(printer: Printer, password: string | undefined): Promise<void>;
  /**
   * Prints a test label. The ledger does not record this test label. Throws `not-found` if there is no such printer.
   */
  test(printer: string): Promise<Ended>;
  /**
   * Returns true if a label without a unit, such as a test label, was sent to this printer since the service started,
   * and the last one was printed.
   */
  hasPrinted(printer: string): boolean;
  /** Prints a template that is being changed, with sample data. The ledger does not record this label. */
  draft(printer: string, saved: SavedSource, data: LabelData): Promise<Ended>;
  /** Prints the badge of a person. The ledger does not record the printing of a badge. */
  badge(printer: string, person: { name: string; badge: string }): Promise<Ended>;
  agents: PrintAgents;
}

/** A print agent is a program on a PC that prints the labels of one printer. */
export interface AgentCaller {
  printer: string;
  /** A random name that the agent stores in its folder, so that it has the same name after a restart. */
  agent: string;
  /**
   * The number of this start of the agent. The service uses this number to recognise late requests from an earlier
   * start.
   */
  run: number;
  /** The name of the PC, for people. */
  host: string;
  /**
   * Identifies the agent's token. When the printer gets a new token, an agent with the former token loses its access.
   */
  credential: string;
}

export interface AgentHello {
  /** The format that the PC's printer accepts. */
  takes: Format;
  /** The claims that the agent has begun and not yet reported. */
  begun: string[];
  /** The longest time to wait for a label, in ms. */
  waitMs: number;
}

/** A label that waits for the agent. The agent gets the bytes only when it takes the claim. */
export interface AgentOffer extends Omit<Job, 'bytes'> {
  claim: string;
}

export interface TakenLabel {
  bytes: Uint8Array;
  /** If the agent reports nothing for longer than this (ms), the outcome of the label is `unknown`. */
  silentMs: number;
}

/** The agent's report about a claim: that the printing continues, or its outcome. */
export type AgentReport = { state: 'printing'; stopped?: Stop } | Outcome;

/**
 * The functions for print agents. All these functions throw `other-print-agent` if another agent already serves the
 * printer.
 */
export interface PrintAgents {
  /**
   * Waits for a label, but stops before a proxy would time out the connection. Returns undefined if there is no label.
   */
  next(caller: AgentCaller, hello: AgentHello, signal: AbortSignal): Promise<AgentOffer | undefined>;
  /**
   * Returns the bytes of a label. From then on, the label may come out of the printer, and the state `sending` is on
   * disk. Throws `print-claim-over` if the claim is over or was already taken.
   */
  take(caller: AgentCaller, claim: string): Promise<TakenLabel>;
  /** Records what the agent reports about a claim. Throws `print-claim-over` if the claim is over. */
  report(caller: AgentCaller, claim: string, report: AgentReport): void;
}
