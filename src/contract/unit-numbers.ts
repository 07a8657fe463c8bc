import { openTurns } from '../platform/turns.ts';
import type { UnitNumbers } from '../model/masking.ts';
import type { Ledger } from './ledger.ts';

/**
 * How many beginnings of Claim IDs SQLite looks up at a time. Looking up this many takes a few milliseconds, and agents
 * have to wait during this time.
 */
const MAX_AT_ONCE = 2000;

/**
 * Looks up any number of beginnings of Claim IDs, in batches. Each batch is so small that agents do not have to wait
 * long.
 */
export async function numbersOf(
  ledger: Pick<Ledger, 'unitNumbers'>,
  beginnings: string[],
  products: readonly string[] | 'all',
): Promise<UnitNumbers> {
  const turns = openTurns();
  const found = new Map<string, number | null>();
  for (let from = 0; from < beginnings.length; from += MAX_AT_ONCE) {
    const part = await ledger.unitNumbers(beginnings.slice(from, from + MAX_AT_ONCE), products);
    for (const [uci, number] of part) found.set(uci, number);
    await turns();
  }
  return found;
}
