import type { Outcome, Printer } from '../model/printer.ts';

export interface Printing {
  /** Throws a refusal if the service's settings do not allow the address or folder of this printer. */
  check(printer: Printer): Promise<void>;
  /** Returns why the first job of a printer still waits, or undefined if there is no problem. */
  trouble(printer: string): string | undefined;
  /** Prints a test label. The ledger does not record this print. Throws `not-found` if there is no such printer. */
  test(printer: string): Promise<Outcome>;
}
