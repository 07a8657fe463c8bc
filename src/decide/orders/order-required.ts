import { refusal } from '../../platform/error.ts';
import { own } from '../../platform/own.ts';
import type { Product } from '../../model/product.ts';
import type { Station } from '../../model/station.ts';
import type { WorkOrder } from '../../model/work-order.ts';
import type { Seen } from '../seen.ts';

/**
 * Returns the station's current work order for a new unit of this product. Throws if the product needs a work order and
 * the station has none for it. Without this rule, a device of the wrong product would get a Claim ID that belongs to no
 * work order.
 */
export function currentOrder(
  seen: Seen,
  { name, workOrders }: Pick<Station, 'name' | 'workOrders'>,
  product: Product,
): WorkOrder | undefined {
  const id = own(workOrders, product.id);
  const workOrder = id === undefined ? undefined : seen.workOrder(id);
  if (workOrder !== undefined || product.orderRequired !== true) return workOrder;
  const running = Object.entries(workOrders).map(
    ([other, order]) => `${order} (${nameOf(other, seen.product(other))})`,
  );
  const values = { station: name, product: nameOf(product.id, product) };
  if (running.length === 0) throw refusal('order-required', 'none', values);
  throw refusal('order-required', 'other', { ...values, running: running.join(', ') });
}

/** Returns the product's name if it has one, because operators do not recognise an id that is a ULID. */
function nameOf(id: string, product: Product | undefined): string {
  return product?.name ?? id;
}
