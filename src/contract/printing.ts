import type { Outcome } from '../model/printer.ts';

export interface Printing {
  /** Why a printer's first job is still waiting; undefined if nothing is wrong. */
  trouble(printer: string): string | undefined;
  /** Prints a test label, which is not in the ledger. Throws `not-found`, or the printer's error. */
  test(printer: string): Promise<Outcome>;
}
