import type { Outcome, Printer } from '../model/printer.ts';

/** A problem of a printer. Screens translate `what`; `detail` is an English sentence for the person who repairs it. */
export interface Trouble {
  /**
   * `notReached`: there is no connection. `noAnswer`: the printer got the job and does not answer. `stopped`: the
   * printer reports that it has stopped, for example because it has no labels. `idle`: no service prints.
   */
  what: 'notReached' | 'noAnswer' | 'stopped' | 'idle';
  detail: string;
}

export interface Printing {
  /** Throws a refusal if the service's settings do not allow the address or folder of this printer. */
  check(printer: Printer): Promise<void>;
  /** Returns why the first job of a printer still waits, or undefined if there is no problem. */
  trouble(printer: string): Trouble | undefined;
  /** Prints a test label. The ledger does not record this print. Throws `not-found` if there is no such printer. */
  test(printer: string): Promise<Outcome>;
  /** Prints the badge of a person. The ledger does not record this print. */
  badge(printer: string, person: { name: string; badge: string }): Promise<Outcome>;
}
