import type { Outcome } from '../model/printer.ts';

export interface Printing {
  /** The reason why a printer's first job still waits; undefined if nothing is wrong. */
  trouble(printer: string): string | undefined;
  /** Prints a test label, which the ledger does not record. Throws `not-found` if there is no such printer. */
  test(printer: string): Promise<Outcome>;
}
