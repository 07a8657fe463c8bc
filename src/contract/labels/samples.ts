import { MAX_LENGTH, MIN_LENGTH } from '../../model/claim-id.ts';
import type { DraftValues } from '../../model/labels/draft.ts';
import { numberAt, poolsOf } from '../../model/pools/pool.ts';
import type { LabelProduct } from '../../model/labels/shown-settings.ts';
import type { Product } from '../../model/product.ts';
import { lastOf, openSerial, renderSerial } from '../../model/serial.ts';
import { labelData, LONGEST, type LabelData, type TemplateUse } from '../labels.ts';

/* The data of labels that belong to no unit. */

/** Returns the label data for a preview or a test print with these values. */
export function sampleOf(values: DraftValues, product: Product, site?: string): LabelData {
  if (values === 'shortest') return SHORTEST;
  return values === 'longest' ? longestOf(product) : { ...TYPICAL, ...sampleData(product, site) };
}

/** The label data with the longest values, and with the product's own QR content if it is longer. */
export function longestOf(product: LabelProduct): LabelData {
  const unit = { id: 0, uci: LONGEST.uci, product: LONGEST.product, facts: {}, labels: 0, lastSeq: 0 };
  const { qr } = labelData(unit, product, undefined, undefined);
  return { ...LONGEST, qr: qr.length > LONGEST.qr.length ? qr : LONGEST.qr };
}

/** Returns what a template must be able to print for these products. */
export function useOf(products: LabelProduct[]): TemplateUse {
  const logos = [...new Set(products.flatMap(({ logo }) => logo ?? []))];
  const [qr] = products.map((product) => longestOf(product).qr).toSorted((a, b) => b.length - a.length);
  return qr === undefined || qr.length <= LONGEST.qr.length ? { logos } : { logos, qr };
}

/** What a typical label shows in the fields that the product leaves empty. */
const TYPICAL = {
  serial: 'P2TH2648U0000042',
  name: 'Thermostat',
  company: 'Example GmbH',
  model: 'TH-500',
  code: 'TH',
  gtin: '09506000134352',
  lot: 'L2648',
  workOrder: 'WO-2648-01',
  logo: LONGEST.logo,
  notForSale: LONGEST.notForSale,
  role: 'box',
} satisfies Partial<LabelData>;

/** Replaces the Claim ID of a sample with one that can never be real: the alphabet of Claim IDs has no U. */
export function withTestId(data: LabelData): LabelData {
  const uci = 'TESTU'.repeat(MAX_LENGTH).slice(0, data.uci.length);
  return { ...data, uci, qr: data.qr.replace(data.uci, uci) };
}

/** The label data with the shortest values. */
export const SHORTEST: LabelData = {
  uci: '0'.repeat(MIN_LENGTH),
  product: 'P',
  serial: '1',
  qr: '0'.repeat(MIN_LENGTH),
};

/** The site that sample data contains if the service has no site. */
const SAMPLE_SITE = 'P2';
const SAMPLE_STATION = 'line-1';

/** Returns the sample data for the preview of a product's label. */
export function sampleData(product: Product, site: string = SAMPLE_SITE): LabelData {
  const uci = 'JT08FFQXWQ'.repeat(2).slice(0, product.claimIdLength);
  const sample = { id: 0, uci, product: product.id, facts: {}, labels: 0, lastSeq: 0 };
  const { serialPattern: pattern, code } = product;
  const slot = pattern === null ? undefined : openSerial(pattern, Date.UTC(2026, 10, 23), { site, code, lot: 'LOT' });
  const numbers = poolsOf(product).flatMap(({ property, ranges: [range] }) =>
    range === undefined ? [] : [[property, numberAt(range, 1)] as const],
  );
  const unit = {
    ...sample,
    ...(slot && { serial: renderSerial(slot, Math.min(42, lastOf(slot))) }),
    ...(numbers.length > 0 ? { extra: { drawn: Object.fromEntries(numbers) } } : {}),
  };
  return labelData(unit, product, undefined, undefined, { station: SAMPLE_STATION });
}
