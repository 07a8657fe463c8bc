import { claimIdsIn, maskJson, maskText } from '../model/masking.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Principal } from './auth.ts';

/* What auditors see: only their products, and no complete Claim ID. */

type Auditor = NonNullable<Principal['auditor']>;

/** True if the caller may see this product. Only auditors are limited to products. */
export function sees({ auditor }: Pick<Principal, 'auditor'>, product: string): boolean {
  return auditor === undefined || auditor.products.includes(product);
}

/** Masks the Claim IDs in the JSON answer of an operation. */
export async function maskAnswer(ledger: Ledger, { products }: Auditor, answer: unknown): Promise<unknown> {
  const text = answer instanceof Response ? await answer.text() : undefined;
  if (text === '') return answer;
  const json: unknown = text === undefined ? answer : JSON.parse(text);
  return maskJson(json, await ledger.unitNumbers(claimIdsIn(json), products));
}

/** Masks the Claim IDs in a page, also those that the auditor typed. */
export async function maskPage(ledger: Ledger, { products }: Auditor, page: Response): Promise<Response> {
  const text = await page.text();
  const masked = maskText(text, await ledger.unitNumbers(claimIdsIn(text), products));
  return new Response(masked, { status: page.status, headers: page.headers });
}
