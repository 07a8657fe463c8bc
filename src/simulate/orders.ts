import type { Figures } from '../model/figures.ts';
import type { WorkOrder } from '../model/work-order.ts';
import type { LineOptions } from './options.ts';
import { empty, type Nest, type Service } from './stations.ts';
import type { Tester } from './tester.ts';
import type { LedgerUnit } from './units.ts';

/*
 * The work orders of a shift. When a station is changed over from one work order to the next, it makes a different
 * product.
 */

export interface Order {
  id: string;
  product: string;
}

/** The figures that were recorded at the closing of a work order. */
export interface ClosedOrder {
  order: Order;
  figures: Pick<Figures, 'issued' | 'parts'>;
}

/**
 * Contradictions that were found between the ledger, the closings and the work orders. Both numbers must be 0.
 */
export interface OrderFaults {
  /** Units whose work order is not the one that the station had when the device asked. */
  wrongOrder: number;
  /** The sum of the differences between the figures of closed work orders and the units. */
  orderMiscounted: number;
}

/** The number of products between which a shift alternates. */
const PRODUCTS = 2;

/** Returns the products that are made in a shift. If there are no change-overs, there is only one product. */
export function productsOf({ mode, product, changeOvers }: LineOptions): string[] {
  const count = mode === 'shift' && changeOvers > 0 ? PRODUCTS : 1;
  return Array.from({ length: count }, (_, i) => (i === 0 ? product : `${product}-${i + 1}`));
}

/** Makes the work orders of a shift, in the order in which they are run. */
export async function makeOrders(service: Service, options: LineOptions): Promise<Order[]> {
  const products = productsOf(options);
  const orders: Order[] = [];
  for (let nth = 0; nth <= options.changeOvers; nth++) {
    const product = products[nth % products.length] ?? options.product;
    const planned = Math.ceil(options.devices / (options.changeOvers + 1));
    orders.push(await makeOrder(service, `sim-${options.seed}-${Date.now()}-${nth + 1}`, { product, planned }));
  }
  return orders;
}

/**
 * Makes the work order for the reference devices. The order is for engineering, because the line's figures do not count
 * engineering units.
 */
export function makeReferenceOrder(service: Service, { seed }: LineOptions, product: string): Promise<Order> {
  const id = `sim-${seed}-${Date.now()}-reference`;
  return makeOrder(service, id, { product, planned: 1, purpose: 'engineering' });
}

async function makeOrder(
  { request }: Service,
  id: string,
  settings: Pick<WorkOrder, 'product' | 'planned' | 'purpose'>,
): Promise<Order> {
  await request('PUT', `/v1/work-orders/${id}`, settings);
  return { id, product: settings.product };
}

/** Closes the work orders when the shift is over. */
export async function closeOrders(service: Service, orders: Order[], nests: Nest[]): Promise<ClosedOrder[]> {
  // If the shift was ended early, there may still be devices in the nests.
  for (const name of new Set(nests.map(({ station }) => station)))
    await empty(service, await service.request('GET', `/v1/stations/${name}`));
  const closed: ClosedOrder[] = [];
  for (const order of orders) {
    const signOff = { all: 'broken in the shift' };
    const { figures } = await service.request<{ figures: Figures }>('POST', `/v1/work-orders/${order.id}/close`, {
      signOff,
    });
    closed.push({ order, figures });
  }
  return closed;
}

/** Compares the units that were issued in the shift with the devices, and with the figures of the work orders. */
export function compareOrders(
  issued: LedgerUnit[],
  closed: ClosedOrder[],
  left: { order?: Order; received: string[] }[],
  tester?: Pick<Tester, 'stopOf'>,
): OrderFaults {
  const orderOf = new Map(left.flatMap(({ order, received }) => received.map((uci) => [uci, order?.id])));
  const known = new Set(closed.map(({ order }) => order.id));
  const wrong = issued.filter(({ uci, workOrder }) =>
    orderOf.has(uci) ? orderOf.get(uci) !== workOrder : !known.has(workOrder ?? ''),
  );
  return {
    wrongOrder: wrong.length,
    orderMiscounted: closed.reduce((sum, one) => sum + miscounted(one, issued, tester), 0),
  };
}

function miscounted(
  { order, figures }: ClosedOrder,
  issued: LedgerUnit[],
  tester: Pick<Tester, 'stopOf'> | undefined,
): number {
  const units = issued.filter(({ workOrder }) => workOrder === order.id);
  const released = units.filter(
    ({ uci, facts }) => facts['verified'] !== undefined && tester?.stopOf(uci) === undefined,
  );
  return Math.abs(figures.issued - units.length) + Math.abs(figures.parts.released - released.length);
}
