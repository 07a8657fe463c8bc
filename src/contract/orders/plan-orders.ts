import type { Planned } from '../../decide/orders/plan-order.ts';
import { orderIdOf, type PlannedOrder } from '../../model/work-order.ts';
import { ClaimstampError, refusal } from '../../platform/error.ts';
import { phrase } from '../../platform/refusal-words.ts';
import { REFUSALS } from '../../../words/refusals/table.ts';
import type { Ledger } from '../ledger.ts';

/** The maximum number of work orders in one request or file. An ERP sends the orders of a few weeks. */
export const MAX_ORDERS = 1000;

/** The number of work orders that are recorded concurrently, in a few shared transactions of the ledger. */
const AT_ONCE = 50;

/** The result for a work order: it was set, or it was refused for this reason. */
export type PlanResult = { reference: string } & (Planned | { result: 'refused'; error: ClaimstampError });

/**
 * Adds or changes the work orders in the given order. A refused work order does not stop the others. Other errors, for
 * example while the ledger cannot be written, are thrown. The caller can then repeat all work orders.
 */
export async function planOrders(
  ledger: Pick<Ledger, 'record'>,
  inFile: readonly { id: string }[],
  orders: readonly PlannedOrder[],
  actor: string,
): Promise<PlanResult[]> {
  const plan = async (order: PlannedOrder): Promise<PlanResult> => {
    const { reference } = order;
    try {
      const id = orderIdOf(reference);
      if (inFile.some((one) => one.id === id))
        throw refusal('read-only', 'inFile', { what: phrase('workOrder'), name: id });
      return { reference, ...(await ledger.record({ kind: 'plan-order', order, actor })) };
    } catch (error) {
      if (!(error instanceof ClaimstampError) || isTransient(error)) throw error;
      return { reference, result: 'refused', error };
    }
  };
  const results: PlanResult[] = [];
  for (let from = 0; from < orders.length; from += AT_ONCE)
    results.push(...(await Promise.all(orders.slice(from, from + AT_ONCE).map(plan))));
  return results;
}

/** True if the same order may be accepted later without a change. */
export function isTransient({ code }: ClaimstampError): boolean {
  return REFUSALS[code].status >= 500;
}
