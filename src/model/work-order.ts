import { z } from 'zod';
import { Name, ProductId } from './product.ts';

export const WorkOrderSettings = z.strictObject({
  product: ProductId.describe('Product that it makes'),
  planned: z.int().min(1).max(10_000_000).describe('Units to make'),
  lot: z
    .string()
    .regex(/^[A-Za-z0-9]{1,16}$/, 'must be 1 to 16 letters or digits')
    .optional()
    .describe('Lot, for {lot} in the S/N pattern'),
  overIssue: z
    .enum(['warn', 'refuse'])
    .default('warn')
    .describe('If more than planned: issue and warn (warn), or refuse'),
});

export const WorkOrderDefinition = WorkOrderSettings.extend({ id: Name });
export type WorkOrderDefinition = z.infer<typeof WorkOrderDefinition>;

/** True if the work order has all its units. */
export function isFull({ units, planned }: Pick<WorkOrder, 'units' | 'planned'>): boolean {
  return units >= planned;
}

export type WorkOrder = WorkOrderDefinition & {
  /** The number of units of this work order, without void and scrapped units. */
  units: number;
  /** Only a closed work order has `closed`. `seq` is the number of the closing event, and `at` is in ms since 1970. */
  closed?: { seq: number; at: number; by: string };
  /**
   * Only a work order that is being closed has `closing`. `seq` is the number of the event that blocked the work order.
   * `changed` is the number of the last later event of one of its units. `process` names the process that closes it.
   */
  closing?: { seq: number; at: number; by: string; process: string; changed?: number };
  /** The last closing, if the service ended before the work order was closed. */
  interrupted?: { at: number; by: string };
};

/** Returns the settings of a work order without its state. */
export function orderDefinition({ id, product, planned, lot, overIssue }: WorkOrder): WorkOrderDefinition {
  return { id, product, planned, overIssue, ...(lot === undefined ? {} : { lot }) };
}
