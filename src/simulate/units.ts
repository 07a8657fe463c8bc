import type { Service } from './stations.ts';

/** The fields of a unit that are needed for the report. */
export interface LedgerUnit {
  uci: string;
  serial?: string;
  workOrder?: string;
  status: string;
  station?: string;
  facts: Record<string, string>;
}

const PAGE = 1000;

/**
 * The maximum number of pages. This many pages are enough for ten million units, which is the largest ledger that is
 * planned for.
 */
const MAX_PAGES = 10_000;

/** Reads all units of these products. Returns a map with the unit for each Claim ID. */
export async function readUnits(service: Service, products: string[]): Promise<Map<string, LedgerUnit>> {
  const found = new Map<string, LedgerUnit>();
  for (const product of products) await readUnitsOf(service, product, found);
  return found;
}

/** Reads the units of one product page by page. */
async function readUnitsOf({ request }: Service, product: string, found: Map<string, LedgerUnit>): Promise<void> {
  let after: number | null = 0;
  for (let page = 0; page < MAX_PAGES && after !== null; page++) {
    const query = new URLSearchParams({ product, after: String(after), limit: String(PAGE) });
    const answer: { units: LedgerUnit[]; next: number | null } = await request('GET', `/v1/units?${query.toString()}`);
    for (const unit of answer.units) found.set(unit.uci, unit);
    after = answer.next;
  }
}

/** Returns the current day of the service, which is in the same time zone as this process. */
export function today(): string {
  const now = new Date();
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The figures of the charts page that the simulation checks. */
export interface LineCharts {
  issued: { units: number }[];
  leftOut: { reference: number };
}

/** Reads the line's figures for a range of days, as the charts page shows them. */
export function readCharts({ request }: Service, [from, to]: [string, string]): Promise<LineCharts> {
  const query = new URLSearchParams({ from, to });
  return request('GET', `/v1/figures?${query.toString()}`);
}

/** Reads the Claim IDs that are unaccounted for in the reconciliation of these days. */
export async function readUnaccounted({ request }: Service, days: string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const day of new Set(days)) {
    const query = new URLSearchParams({ day });
    const report: { lists: { unaccounted?: { uci: string }[] } } = await request(
      'GET',
      `/v1/reconciliation/report.json?${query.toString()}`,
    );
    for (const { uci } of report.lists.unaccounted ?? []) found.add(uci);
  }
  return found;
}
