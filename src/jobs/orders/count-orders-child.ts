import { counted, tally } from '../../decide/reconcile.ts';
import { workInChild, yieldProcessor } from '../../platform/spool.ts';
import { changedOrders, type ToldUpto } from '../../sqlite/changed-orders.ts';
import { openOrderCount } from '../../sqlite/order-count.ts';
import type { ProductionRow } from './production-rows.ts';

/* This child process counts the units of the work orders that have changed. */

export interface CountTask {
  ledger: string;
  /** Earlier files contain the events up to this position. Undefined for the first file. */
  after: ToldUpto | undefined;
}

/** The rows include at least all events up to the position. */
export interface Counted extends ToldUpto {
  rows: ProductionRow[];
}

workInChild(({ ledger, after }: CountTask): Promise<Counted> => {
  const { ids, ...place } = changedOrders(ledger, after);
  return Promise.resolve({ rows: ids.map((id) => rowOf(ledger, id)), ...place });
});

function rowOf(ledger: string, id: string): ProductionRow {
  const count = openOrderCount(ledger, id, yieldProcessor);
  try {
    const { order, product, units: all, jobs: allJobs } = count.catchUp();
    const { units, jobs } = counted(all, allJobs);
    const { issued, parts, facts } = tally(units, jobs, { productOf: () => product, orderOf: () => order });
    return {
      reference: order.reference ?? order.id,
      workOrder: order.id,
      code: product.code ?? '',
      product: product.id,
      lot: order.lot ?? '',
      due: order.due ?? '',
      planned: order.planned,
      issued,
      verified: facts.verified,
      ...parts,
      state: order.closed === undefined ? 'open' : 'closed',
    };
  } finally {
    count.close();
  }
}
