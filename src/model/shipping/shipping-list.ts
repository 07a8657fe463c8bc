import { z } from 'zod';
import { Name, ProductId } from '../product.ts';

/** A list of units that leave the factory together, such as a pallet or a customer's order. */
export const ShippingListSettings = z.strictObject({
  target: z.int().min(1).max(1_000_000).describe('Units to ship'),
  product: ProductId.optional().describe('Only units of this product may be on the list'),
  workOrder: Name.optional().describe('Only units of this work order may be on the list'),
});

export const ShippingListDefinition = ShippingListSettings.extend({ id: Name });
export type ShippingListDefinition = z.infer<typeof ShippingListDefinition>;

export type ShippingList = ShippingListDefinition & {
  /** The number of units on the list. */
  units: number;
  /** Only a closed list has `closed`. `seq` is the number of the closing event, and `at` is in ms since 1970. */
  closed?: { seq: number; at: number; by: string };
};

/**
 * The shipping list that a unit is on. `seq` is the number of the event that put the unit on the list, and `at` is that
 * event's time in ms since 1970.
 */
export interface Shipped {
  list: string;
  seq: number;
  at: number;
}

/** Returns a shipping list's settings, but not its state. */
export function listDefinition({ id, target, product, workOrder }: ShippingList): ShippingListDefinition {
  return {
    id,
    target,
    ...(product === undefined ? {} : { product }),
    ...(workOrder === undefined ? {} : { workOrder }),
  };
}
