import type { Format, KeptPrinter, Printer } from '../model/printer.ts';
import type { Job, Outcome, Said, Stop, TroubleKind } from '../model/printing/sending.ts';

/**
 * A problem with a printer. Screens translate `what`; `detail` is an English sentence for the person who fixes the
 * problem.
 */
export interface Trouble {
  /** `idle`: no service prints. */
  what: TroubleKind | 'idle';
  detail: string;
}

/** The result of printing a label that does not wait for its printer. */
export type Ended = Exclude<Outcome, { state: 'queued' }>;

export interface Printing {
  /** Throws a refusal if the service's settings do not allow the address or folder of this printer. */
  check(printer: Printer): Promise<void>;
  /** Returns why the first job of a printer still waits, or undefined if there is no problem. */
  trouble(printer: string): Trouble | undefined;
  /** Asks the printer about itself. Throws `not-found` if there is no such printer. */
  ask(printer: string): Promise<Said>;
  /** Asks a printer about itself before its settings are saved. `before` has the settings that are in the ledger. */
  probe(printer: Printer, before: KeptPrinter | undefined): Promise<Said>;
  /**
   * Stores a printer's password for its present address, or removes it. When the promise resolves, the password is on
   * disk.
   */
  keepPassword(printer: Printer, password: string | undefined): Promise<void>;
  /** Prints a test label. The ledger does not record this print. Throws `not-found` if there is no such printer. */
  test(printer: string): Promise<Ended>;
  /** Prints the badge of a person. The ledger does not record this print. */
  badge(printer: string, person: { name: string; badge: string }): Promise<Ended>;
  agents: PrintAgents;
}

/** A print agent on a PC, which prints the labels of one printer. */
export interface AgentCaller {
  printer: string;
  /** The random name that the agent stores in its folder. A restarted agent has the same name. */
  agent: string;
  /** Identifies this start of the agent. Questions from an earlier start may arrive late. */
  run: number;
  /** The name of the PC, for people. */
  host: string;
  /** Identifies the token. When the printer gets a new token, the agent with the former token loses its access. */
  credential: string;
}

export interface AgentHello {
  /** The format that the printer on the PC accepts. */
  takes: Format;
  /** The claims that the agent has begun, and whose outcome it has not reported. */
  begun: string[];
  /** The longest time to wait for a label. */
  waitMs: number;
}

/** A label that waits for the agent. The agent gets its bytes when it takes the claim. */
export interface AgentOffer extends Omit<Job, 'bytes'> {
  claim: string;
}

export interface TakenLabel {
  bytes: Uint8Array;
  /** If the agent is silent for longer, the outcome of the label is `unknown`. */
  silentMs: number;
}

/** What the agent reports about a claim: that it is still printing, or how the claim ended. */
export type AgentReport = { state: 'printing'; stopped?: Stop } | Outcome;

/** Labels for print agents. If another agent serves the printer, each function throws `other-print-agent`. */
export interface PrintAgents {
  /** Waits for a label, but stops before a proxy would time out the connection. Returns undefined if there is none. */
  next(caller: AgentCaller, hello: AgentHello, signal: AbortSignal): Promise<AgentOffer | undefined>;
  /**
   * Returns the bytes of a label. From now on, the label may be printed, and `sending` is on disk. Throws
   * `print-claim-over` if the claim has ended or was taken.
   */
  take(caller: AgentCaller, claim: string): Promise<TakenLabel>;
  /** Throws `print-claim-over` if the claim has ended. */
  report(caller: AgentCaller, claim: string, report: AgentReport): void;
}
