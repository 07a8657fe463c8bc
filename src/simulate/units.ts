import type { Service } from './stations.ts';

/** The fields of a unit that the report needs. */
export interface LedgerUnit {
  uci: string;
  serial?: string;
  status: string;
  station?: string;
  facts: Record<string, string>;
}

const PAGE = 1000;

/** The maximum number of pages. So many pages are enough for ten million units, which is the largest planned ledger. */
const MAX_PAGES = 10_000;

/** Reads all units of a product, page by page. Returns a map from each Claim ID to its unit. */
export async function readUnits({ request }: Service, product: string): Promise<Map<string, LedgerUnit>> {
  const found = new Map<string, LedgerUnit>();
  let after: number | null = 0;
  for (let page = 0; page < MAX_PAGES && after !== null; page++) {
    const query = new URLSearchParams({ product, after: String(after), limit: String(PAGE) });
    const answer: { units: LedgerUnit[]; next: number | null } = await request('GET', `/v1/units?${query.toString()}`);
    for (const unit of answer.units) found.set(unit.uci, unit);
    after = answer.next;
  }
  return found;
}
