import { refusal } from '../../platform/error.ts';
import { mask } from '../../model/claim-id.ts';
import { listDefinition, type ShippingList, type ShippingListDefinition } from '../../model/shipping/shipping-list.ts';
import type { Decision, Seen } from '../seen.ts';

/** Makes a shipping list, or changes one. */
export interface SetShippingList {
  kind: 'set-shipping-list';
  list: ShippingListDefinition;
  actor: string;
}

export interface CloseShippingList {
  kind: 'close-shipping-list';
  list: string;
  actor: string;
}

/** Takes a unit off its shipping list. */
export interface Unship {
  kind: 'unship';
  uci: string;
  reason: string;
  actor: string;
}

export function setShippingList(seen: Seen, { list, actor }: SetShippingList): Decision<ShippingListDefinition> {
  const before = seen.shippingList(list.id);
  if (before?.closed) throw refusal('shipping-list-closed', 'set', { list: list.id });
  if (list.product !== undefined && !seen.product(list.product))
    throw refusal('product-unknown', 'missing', { product: list.product });
  const order = list.workOrder === undefined ? undefined : seen.workOrder(list.workOrder);
  if (list.workOrder !== undefined && order === undefined)
    throw refusal('not-found', 'workOrderSet', { workOrder: list.workOrder });
  if (order !== undefined && list.product !== undefined && order.product !== list.product)
    throw refusal('wrong-product', 'workOrder', { workOrder: order.id, product: order.product, other: list.product });
  if (before !== undefined) refuseStarted(before, list);
  const isSame = before !== undefined && JSON.stringify(listDefinition(before)) === JSON.stringify(inOrder(list));
  if (isSame) return { events: [], answer: list };
  return { events: [{ type: 'shipping-list-set', actor, data: inOrder(list) }], answer: list };
}

/**
 * The units on the list were already checked against its product and work order, so the product and the work order
 * cannot change.
 */
function refuseStarted(before: ShippingList, list: ShippingListDefinition): void {
  const isOther = before.product !== list.product || before.workOrder !== list.workOrder;
  if (before.units > 0 && isOther)
    throw refusal('shipping-list-started', 'filter', { list: list.id, units: before.units });
  if (list.target < before.units)
    throw refusal('shipping-list-started', 'target', { list: list.id, units: before.units, target: list.target });
}

function inOrder(list: ShippingListDefinition): ShippingListDefinition {
  return listDefinition({ ...list, units: 0 });
}

export function closeShippingList(seen: Seen, { list: id, actor }: CloseShippingList): Decision<{ units: number }> {
  const list = knownList(seen, id);
  if (list.closed) throw refusal('shipping-list-closed', 'closed', { list: id });
  return { events: [{ type: 'shipping-list-closed', actor, data: { id } }], answer: { units: list.units } };
}

export function unship(seen: Seen, { uci, reason, actor }: Unship): Decision<{ list: string; count: number }> {
  const unit = seen.unit(uci);
  if (unit === undefined) throw refusal('not-found', 'unit', { unit: mask(uci) });
  const { shipped } = unit.extra ?? {};
  if (shipped === undefined) throw refusal('not-shipped', 'noList', { unit: mask(uci) });
  const list = knownList(seen, shipped.list);
  // A closed list is a record of what left the factory. If a unit on the list comes back later, it is handled as a
  // return.
  if (list.closed) throw refusal('shipping-list-closed', 'unship', { list: list.id });
  return {
    events: [{ type: 'unshipped', uci, actor, data: { list: list.id, reason } }],
    answer: { list: list.id, count: list.units - 1 },
  };
}

function knownList(seen: Seen, id: string): ShippingList {
  const list = seen.shippingList(id);
  if (list === undefined) throw refusal('not-found', 'shippingList', { list: id });
  return list;
}
