import { orderIdOf, type PlannedOrder } from '../../model/work-order.ts';
import { refusal } from '../../platform/error.ts';
import { setWorkOrder } from '../catalog.ts';
import type { Decision, Seen } from '../seen.ts';

/**
 * Adds or changes a work order that an ERP sends. The ERP may send the same work order again at any time: if nothing
 * has changed, nothing is recorded. Settings that the ERP does not send stay as they are.
 */
export interface PlanOrder {
  kind: 'plan-order';
  order: PlannedOrder;
  actor: string;
}

export interface Planned {
  workOrder: string;
  result: 'added' | 'changed' | 'unchanged';
}

export function planOrder(seen: Seen, { order, actor }: PlanOrder): Decision<Planned> {
  const { reference, product, ...settings } = order;
  const id = orderIdOf(reference);
  const known = seen.workOrder(id);
  const named = { id, product: productOf(seen, product), ...(id === reference ? {} : { reference }) };
  const workOrder = { ...named, ...settings };
  const { events } = setWorkOrder(seen, { kind: 'set-work-order', merge: true, workOrder, actor });
  const result = events.length === 0 ? 'unchanged' : known === undefined ? 'added' : 'changed';
  return { events, answer: { workOrder: id, result } };
}

/**
 * Returns the ID of the product with this ID or code. An ERP knows a product's code, but rarely its ID in the device
 * cloud.
 */
function productOf(seen: Seen, product: string): string {
  if (seen.product(product) !== undefined) return product;
  const [found, ...more] = seen.products().filter(({ code }) => code === product);
  if (found === undefined) throw refusal('product-unknown', 'code', { code: product });
  if (more.length > 0) throw refusal('product-unknown', 'codes', { code: product });
  return found.id;
}
