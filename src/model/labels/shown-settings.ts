import type { Product } from '../product.ts';
import type { WorkOrder } from '../work-order.ts';

/** The settings of a product that labels show. */
export type LabelProduct = Pick<Product, 'id' | 'name' | 'company' | 'code' | 'gtin' | 'logo' | 'qr'>;
/** The settings of a work order that labels show. */
export type LabelOrder = Pick<WorkOrder, 'lot' | 'purpose'>;

export function labelProduct({ id, name, company, code, gtin, logo, qr }: LabelProduct): LabelProduct {
  return without({ id, name, company, code, gtin, logo, qr });
}

/** Returns what labels show of the work order, or undefined if they show nothing of it. */
export function labelOrder({ lot, purpose }: LabelOrder): LabelOrder | undefined {
  const order = without({ lot, purpose });
  return Object.keys(order).length === 0 ? undefined : order;
}

function without<T extends object>(values: T): T {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as T;
}
