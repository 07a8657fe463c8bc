import { execFileSync } from 'node:child_process';
import { ledgerFile } from '../src/sqlite/ledger.ts';
import { built } from '../src/root.ts';
import { compare, type Figure } from './figure.ts';

/* `claimstamp verify` of a large ledger, as a command of its own, beside the least that a reader of the file could do. */

const ROUNDS = 3;

/** Budget: DESIGN.md, for 1,000,000 events. Seconds there. */
const BUDGET_MS = 8000;

export function benchVerify(full: { data: string; units: number }, say: (text: string) => void): Figure[] {
  const file = ledgerFile(full.data);
  const verified: number[] = [];
  const read: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    say(`verify: round ${round + 1}`);
    verified.push(timed(process.execPath, [built('cli/claimstamp.js'), 'verify', file]));
    read.push(timed('sqlite3', ['-readonly', file, 'SELECT sum(length(line)) FROM event']));
  }
  const what = `verify, ${full.units.toLocaleString('en-US')} units`;
  const figure = compare(what, 'ms', verified, { what: 'sqlite3 reads every line', values: read });
  return full.units === 1_000_000 ? [{ ...figure, budget: { of: 'value', bound: BUDGET_MS } }] : [figure];
}

function timed(command: string, args: string[]): number {
  const begun = performance.now();
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] ?? '' } });
  return performance.now() - begun;
}
