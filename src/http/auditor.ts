import { beginningsIn, maskJson } from '../model/masking.ts';
import type { Ledger } from '../contract/ledger.ts';
import { numbersOf } from '../contract/unit-numbers.ts';
import type { Principal } from './auth.ts';

/* Limits what auditors see: only their products, and no complete Claim ID. */

type Auditor = NonNullable<Principal['auditor']>;

/** Returns true if the caller may see this product. Only auditors are limited to products. */
export function sees({ auditor }: Pick<Principal, 'auditor'>, product: string): boolean {
  return auditor === undefined || auditor.products.includes(product);
}

/**
 * Masks the Claim IDs in the JSON answer of an operation. Pages show auditors only these answers and whatever the
 * auditor typed. Typed text is never masked, because a mask would reveal that the Claim ID exists.
 */
export async function maskAnswer(ledger: Ledger, { products }: Auditor, answer: unknown): Promise<unknown> {
  const text = answer instanceof Response ? await answer.text() : undefined;
  if (text === '') return answer;
  const json: unknown = text === undefined ? answer : JSON.parse(text);
  return maskJson(json, await numbersOf(ledger, beginningsIn(json), products));
}
