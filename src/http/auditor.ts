import { setImmediate as turn } from 'node:timers/promises';
import { beginningsIn, maskJson, type UnitNumbers } from '../model/masking.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Principal } from './auth.ts';

/* What auditors see: only their products, and no complete Claim ID. */

type Auditor = NonNullable<Principal['auditor']>;

/** True if the caller may see this product. Only auditors are limited to products. */
export function sees({ auditor }: Pick<Principal, 'auditor'>, product: string): boolean {
  return auditor === undefined || auditor.products.includes(product);
}

/**
 * Masks the Claim IDs in the JSON answer of an operation. Pages show only such answers, and what the auditor typed. A
 * text that the auditor typed is never masked, because the mask would show that the Claim ID exists.
 */
export async function maskAnswer(ledger: Ledger, { products }: Auditor, answer: unknown): Promise<unknown> {
  const text = answer instanceof Response ? await answer.text() : undefined;
  if (text === '') return answer;
  const json: unknown = text === undefined ? answer : JSON.parse(text);
  return maskJson(json, await numbersOf(ledger, beginningsIn(json), products));
}

/** SQLite looks up so many beginnings in a few milliseconds. Agents wait during this time. */
const MAX_AT_ONCE = 2000;

async function numbersOf(ledger: Ledger, beginnings: string[], products: readonly string[]): Promise<UnitNumbers> {
  const found = new Map<string, number | null>();
  for (let from = 0; from < beginnings.length; from += MAX_AT_ONCE) {
    const part = await ledger.unitNumbers(beginnings.slice(from, from + MAX_AT_ONCE), products);
    for (const [uci, number] of part) found.set(uci, number);
    await turn();
  }
  return found;
}
