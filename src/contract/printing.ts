import type { Outcome, Printer, Said, TroubleKind } from '../model/printer.ts';

/** A problem of a printer. Screens translate `what`; `detail` is an English sentence for the person who repairs it. */
export interface Trouble {
  /** `idle`: no service prints. */
  what: TroubleKind | 'idle';
  detail: string;
}

/** The result of a label that does not wait for its printer. */
export type Ended = Exclude<Outcome, { state: 'queued' }>;

export interface Printing {
  /** Throws a refusal if the service's settings do not allow the address or folder of this printer. */
  check(printer: Printer): Promise<void>;
  /** Returns why the first job of a printer still waits, or undefined if there is no problem. */
  trouble(printer: string): Trouble | undefined;
  /** Asks the printer about itself. Throws `not-found` if there is no such printer. */
  ask(printer: string): Promise<Said>;
  /** Prints a test label. The ledger does not record this print. Throws `not-found` if there is no such printer. */
  test(printer: string): Promise<Ended>;
  /** Prints the badge of a person. The ledger does not record this print. */
  badge(printer: string, person: { name: string; badge: string }): Promise<Ended>;
}
