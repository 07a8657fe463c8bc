import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { ClaimstampError, errorCode } from '../platform/error.ts';
import { explained } from '../platform/file-error.ts';
import { openApi, type Api } from './api.ts';

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

/** Prints additional information for a person to standard error. */
export function hint(text: string): void {
  process.stderr.write(`${text}\n`);
}

const foreignDriver = `the SQLite driver in node_modules was installed for a different Node version or machine (this is Node ${process.versions.node}): start the service with "npm start", which installs the packages again, or run "npm ci"`;

/**
 * Prints an error to standard error. An error that the user can correct, such as a file system error, is printed as one
 * sentence. A fault of the program is printed with its stack trace.
 */
export function report(error: unknown): void {
  const text = errorCode(error) === 'ERR_DLOPEN_FAILED' ? foreignDriver : explained(error);
  process.stderr.write(`claimstamp: ${text}\n`);
}

/** Adds a `list` command. The `list` command prints a table for people, or JSON for programs. */
export function addList<T>(
  command: Command,
  head: string[],
  itemsOf: (api: Api) => Promise<T[]>,
  row: (item: T) => string[],
): void {
  command
    .command('list')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      withApi(async (api) => {
        const items = await itemsOf(api);
        print(json ? JSON.stringify(items) : table(head, items.map(row)));
      }),
    );
}

/** Formats a table. Each column is as wide as the longest cell in it. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Breaks a text between its words. A longer word has a line of its own, so that people can copy addresses. */
export function linesOf(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ClaimstampError('invalid', `"${text}" is not a whole number`);
  return Number(text);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns the expiry time of access that is granted for this many days. */
export function endIn(days: number | undefined): string | undefined {
  return days === undefined ? undefined : new Date(Date.now() + days * DAY_MS).toISOString();
}
