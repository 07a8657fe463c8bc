import type { Outcome } from '../model/printer.ts';

/** What the print queue tells and does beside the ledger's jobs. */
export interface Printing {
  /** Why a printer's first job is still waiting; undefined where nothing is wrong. */
  trouble(printer: string): string | undefined;
  /** Prints a label with made-up data, which is in no ledger. Throws `not-found`, or with the printer's word. */
  test(printer: string): Promise<Outcome>;
}
