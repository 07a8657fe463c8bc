import { countedOrder, type CloseWorkOrder, type SignOff } from '../../src/decide/orders/close-order.ts';
import type { PrintJob } from '../../src/model/print-job.ts';
import type { Unit } from '../../src/model/unit.ts';
import type { MapLedger, Projections } from './map-ledger.ts';

export function unitsOf({ units }: Pick<Projections, 'units'>, workOrder: string): Unit[] {
  return [...units.values()].filter((unit) => unit.workOrder === workOrder);
}

export function jobsOf({ units, jobs }: Pick<Projections, 'units' | 'jobs'>, workOrder: string): PrintJob[] {
  return [...jobs.values()].filter(({ uci }) => units.get(uci)?.workOrder === workOrder);
}

/** The command that closes a blocked work order, from what the ledger says now. */
export function closingOf({ seen, tables }: MapLedger, workOrder: string, signOff?: SignOff): CloseWorkOrder {
  const order = seen.workOrder(workOrder)!;
  const counted = {
    units: unitsOf(tables, workOrder),
    jobs: jobsOf(tables, workOrder),
    product: seen.product(order.product)!,
    order,
  };
  return {
    kind: 'close-work-order',
    workOrder,
    begun: order.closing?.seq ?? 0,
    snapshot: { size: seen.size(), root: '' },
    ...countedOrder(workOrder, counted, signOff),
    actor: 'admin',
  };
}
