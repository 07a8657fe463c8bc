import type { Ledger } from '../contract/ledger.ts';
import { refusal } from '../platform/error.ts';
import { sees } from './auditor.ts';
import type { Principal } from './auth.ts';

/** The filters of an export, a file of labels or the feed of events. */
export interface Filter {
  product?: string | undefined;
  workOrder?: string | undefined;
  lot?: string | undefined;
  station?: string | undefined;
}

/**
 * Throws if a filter names something that never existed. Otherwise, a misspelled name would give an empty file that
 * looks like a valid answer. Removed stations and products are known, because older events and units name them. For an
 * auditor, other products and their work orders do not exist. Stations and lots belong to no product, so for an unknown
 * station or lot, an auditor gets an empty result instead of an error.
 */
export async function refuseUnknown(ledger: Ledger, who: Principal, filter: Filter): Promise<void> {
  const { product, workOrder, lot, station } = filter;
  if (product !== undefined && (!sees(who, product) || !(await ledger.hadName('product', product))))
    throw refusal('not-found', 'product', { product });
  if (workOrder !== undefined) {
    const order = await ledger.workOrder(workOrder);
    if (order === undefined || !sees(who, order.product)) throw refusal('not-found', 'workOrder', { workOrder });
    if (product !== undefined && order.product !== product)
      throw refusal('wrong-product', 'workOrder', { workOrder, product: order.product, other: product });
  }
  if (who.auditor !== undefined) return;
  if (lot !== undefined && !(await ledger.workOrders()).some((order) => order.lot === lot))
    throw refusal('not-found', 'lot', { lot });
  if (station !== undefined && !(await ledger.hadName('station', station)))
    throw refusal('not-found', 'station', { station });
}

/** Throws if a period ends before it begins. The times are in ms since 1970. */
export function refuseReversed(from: number | undefined, to: number | undefined): void {
  if (from !== undefined && to !== undefined && from >= to) throw refusal('invalid', 'fromAfterTo');
}
