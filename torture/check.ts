/* The results of a check: one row for each kind of fault. */

export interface Row {
  fault: string;
  /** How often the fault was made. */
  tried: number;
  /** How often the service kept every promise. */
  survived: number;
  /** The number of Claim IDs that were answered and then lost or issued twice, and of other violations. */
  lost: number;
  /** A figure, or the first failure. */
  note: string;
}

export interface Effort {
  /** A short check takes only seconds, for `npm test`. */
  short: boolean;
  /** How many Claim IDs the long run issues. */
  issues: number;
  /** A folder of its own for the check, on the disk under test. */
  folder: string;
  say: (text: string) => void;
}

export type Check = (effort: Effort) => Promise<Row[]>;

/** Counts faults and failures. A fault that was never made does not count as survived. */
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

/** Whether nothing was lost and the fault was made at least once. */
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
