/* A check returns its results as rows, one for each kind of fault. */

export interface Row {
  fault: string;
  /** How many times the fault was caused. */
  tried: number;
  /** How many times the service kept all its promises after the fault. */
  survived: number;
  /**
   * The number of losses. For example, a Claim ID was lost after the service had sent it to a device, or was issued
   * twice.
   */
  lost: number;
  /** A figure, or a description of the first failure. */
  note: string;
}

export interface Effort {
  /** True if the check must be short, as in `npm test`. A short check takes only a few seconds. */
  short: boolean;
  /** The number of Claim IDs that the long run issues. */
  issues: number;
  /** The number of units in the ledger that is upgraded. */
  units: number;
  /**
   * A folder that contains an earlier version, already built. If it is given, the check `upgrade` tests only the
   * upgrade from the version in this folder.
   */
  former?: string;
  /** A separate folder for the check, on the disk under test. */
  folder: string;
  say: (text: string) => void;
}

export type Check = (effort: Effort) => Promise<Row[]>;

/**
 * Counts the faults and failures of one row of the results. If a fault could not be caused, it does not count as
 * survived.
 */
export function openRow(fault: string): {
  tried: () => void;
  fail: (what: string, lost?: number) => void;
  row: (note?: string) => Row;
} {
  let tried = 0;
  let broken = 0;
  let lost = 0;
  let first = '';
  let isBroken = false;
  return {
    tried() {
      tried++;
      isBroken = false;
    },
    fail(what, count = 1) {
      if (!isBroken) broken++;
      isBroken = true;
      lost += count;
      if (first === '') first = what;
    },
    row: (note = '') => ({ fault, tried, survived: tried - broken, lost, note: first === '' ? note : first }),
  };
}

/** Returns true if the fault was caused at least once, the service survived it each time, and nothing was lost. */
export function isPassed({ tried, survived, lost }: Row): boolean {
  return tried > 0 && survived === tried && lost === 0;
}

export function table(rows: Row[]): string {
  const header = ['fault', 'tried', 'survived', 'lost', 'note'];
  const cells = rows.map(({ fault, tried, survived, lost, note }) => [
    fault,
    tried.toLocaleString('en-US'),
    survived.toLocaleString('en-US'),
    lost.toLocaleString('en-US'),
    note,
  ]);
  const widths = header.map((title, i) => Math.max(...[header, ...cells].map((row) => (row[i] ?? title).length)));
  const line = (row: string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n');
}
