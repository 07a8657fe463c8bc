import { readConfig } from '../config.ts';
import { ClaimstampError } from '../platform/error.ts';
import { openApi, type Api } from './api.ts';

/** Runs a command against the API, and lets go of it however it ends. */
export async function withApi(act: (api: Api) => Promise<void>): Promise<void> {
  const api = await openApi(readConfig(process.env));
  try {
    await act(api);
  } finally {
    await api.close();
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What a person wants to know beside the answer: standard output stays fit for `> file`. */
export function hint(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One sentence on standard error for what the user can mend; the whole story for what only we can. */
export function report(error: unknown): void {
  const text =
    error instanceof ClaimstampError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`claimstamp: ${text}\n`);
}

/** Columns as wide as their longest cell, for people; scripts use --json. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A whole number of a command line option. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ClaimstampError('invalid', `"${text}" is not a whole number`);
  return Number(text);
}
