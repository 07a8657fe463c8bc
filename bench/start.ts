import { join } from 'node:path';
import { timeStart } from './children.ts';
import { compare, type Figure } from './figure.ts';

/**
 * Measures the time from the start of the process to its first Claim ID: once with a large ledger, and once with a new
 * ledger.
 */
export async function benchStart(
  full: { data: string; units: number },
  data: string,
  rounds: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const times: { full: number[]; empty: number[] } = { full: [], empty: [] };
  for (let round = 0; round < rounds; round++) {
    say(`start: ${round + 1} of ${rounds}`);
    times.full.push(await timeStart(full.data));
    times.empty.push(await timeStart(join(data, String(round))));
  }
  const what = `start to first Claim ID, ledger of ${full.units.toLocaleString('en-US')} units`;
  const figure = compare(what, 'ms', times.full, { what: 'no ledger yet', values: times.empty });
  return [{ ...figure, budget: { of: 'value', bound: 1000 } }];
}
