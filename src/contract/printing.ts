import type { Outcome, Printer } from '../model/printer.ts';

export interface Printing {
  /** Throws a refusal if the service's settings forbid the address or folder of a printer with these settings. */
  check(printer: Printer): Promise<void>;
  /** Returns why a printer's first job still waits, or undefined if there is no problem. */
  trouble(printer: string): string | undefined;
  /** Prints a test label. The ledger does not record it. Throws `not-found` if there is no such printer. */
  test(printer: string): Promise<Outcome>;
}
