import { refusal } from '../platform/error.ts';
import type { UnitData } from '../model/event-data.ts';
import type { Happening } from '../model/event.ts';
import { newUnit, overIssue, refuseBeyondPattern, unknownProduct, type AtSite } from './new-unit.ts';
import { countDrawn, drawNumbers, refuseBeyondPools, type Numbers } from './pools/draw.ts';
import { counterOf } from '../model/serial.ts';
import type { Product } from '../model/product.ts';
import type { Decision, Kept, Seen } from './seen.ts';
import type { Random } from '../model/claim-id.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/* Makes units for people, and reserves units for pre-printed rolls. */

/**
 * The maximum number of units in one transaction. A transaction of this size takes about 30 ms, and agents have to wait
 * during this time.
 */
export const MAX_UNITS_AT_ONCE = 1000;

/**
 * Makes units that no agent has asked for. Units for firmware files are `issued`, and units for pre-printed labels are
 * `reserved`.
 */
export interface Make extends AtSite {
  kind: 'make';
  as: 'issued' | 'reserved';
  product: string;
  count: number;
  workOrder?: string;
  /** How many units the caller will make in total. The S/N counter must have room for all these units. */
  of?: number;
  /** The name of the batch that the reserved units belong to. */
  reservation?: string;
  serial?: string;
  strict: boolean;
  actor: string;
}

interface MadeUnit {
  uci: string;
  serial?: string;
  /** The numbers from the product's pools. */
  numbers?: Numbers;
}

export interface Made {
  units: MadeUnit[];
  over?: number;
}

export function make(seen: Seen, command: Make, now: number, random: Random): Decision<Made> {
  if (command.serial !== undefined && command.count !== 1) {
    throw refusal('invalid', 'serialForMany');
  }
  const { product, events } = productForDesk(seen, command.product, command);
  const { site } = command;
  const workOrder = workOrderForDesk(seen, command, product);
  const wanted = Math.max(command.count, command.of ?? 0);
  overIssue(workOrder, wanted);
  if (command.serial === undefined) refuseBeyondPattern({ seen, now, site }, product, workOrder, wanted);
  refuseBeyondPools(seen, product, wanted);
  const over = overIssue(workOrder, command.count);
  const units: Made['units'] = [];
  let kept: Kept[] = [];
  const batch = countingAhead(seen, product, workOrder);
  for (let i = 0; i < command.count; i++) {
    const { uci, serial, clock } = newUnit({ seen: batch.seen, now, site, random }, product, workOrder, command.serial);
    const { drawn } = drawNumbers(batch.seen, product);
    const unit: MadeUnit = { uci, ...(serial === undefined ? {} : { serial }), ...(drawn && { numbers: drawn }) };
    batch.add(unit);
    if (clock !== undefined) kept = [clock];
    units.push(unit);
    events.push(madeEvent(command, product, unit));
  }
  return { events, answer: over > 0 ? { units, over } : { units }, kept };
}

function madeEvent(command: Make, product: Product, unit: MadeUnit): Happening {
  const data: UnitData = {};
  // An S/N from the caller is stored in the attributes, like an S/N in an agent's body. Such an S/N does not change the
  // counter.
  const given =
    command.serial === undefined ? undefined : JSON.stringify({ product: product.id, serial: command.serial });
  if (given === undefined) data.product = product.id;
  if (unit.serial !== undefined) data.serial = unit.serial;
  if (unit.numbers !== undefined) data.drawn = unit.numbers;
  if (command.reservation !== undefined) data.reservation = command.reservation;
  const event: Happening<'issued' | 'reserved'> = { type: command.as, uci: unit.uci, actor: command.actor, data };
  if (command.workOrder !== undefined) event.workOrder = command.workOrder;
  if (given !== undefined) event.attributes = given;
  return event;
}

function workOrderForDesk(seen: Seen, command: Make, product: Product): WorkOrder | undefined {
  if (command.workOrder === undefined) {
    // A reserved unit gets its work order only when a device gets the unit.
    if (command.as === 'issued' && product.orderRequired)
      throw refusal('order-required', 'manual', { product: product.name ?? product.id });
    return undefined;
  }
  const workOrder = seen.workOrder(command.workOrder);
  if (!workOrder) throw refusal('not-found', 'workOrder', { workOrder: command.workOrder });
  if (workOrder.product !== product.id) {
    throw refusal('wrong-product', 'workOrder', {
      workOrder: workOrder.id,
      product: workOrder.product,
      other: product.id,
    });
  }
  if (command.as === 'reserved') {
    throw refusal('invalid', 'reservedOrder');
  }
  return workOrder;
}

/** Returns look-ups that include the units that this command has made so far. */
function countingAhead(
  seen: Seen,
  product: Product,
  workOrder: WorkOrder | undefined,
): { seen: Seen; add: (unit: MadeUnit) => void } {
  const ucis = new Set<string>();
  const serials = new Set<string>();
  const made: Unit = { id: 0, uci: '', product: product.id, facts: {}, labels: 0, lastSeq: 0 };
  const counted = new Map<string, number>();
  return {
    seen: {
      ...seen,
      unit: (uci) => (ucis.has(uci) ? made : seen.unit(uci)),
      unitsBySerial: (serial) => (serials.has(serial.toLowerCase()) ? [made] : seen.unitsBySerial(serial)),
      counter: (id, prefix) => counted.get(prefix) ?? seen.counter(id, prefix),
    },
    add: ({ uci, serial, numbers = {} }) => {
      ucis.add(uci);
      for (const { prefix, count } of countDrawn(product, numbers)) counted.set(prefix, count);
      if (serial === undefined) return;
      serials.add(serial.toLowerCase());
      const { serialPattern, code } = product;
      const read = serialPattern === null ? undefined : counterOf(serialPattern, serial, { code, lot: workOrder?.lot });
      if (read !== undefined) counted.set(read.prefix, read.count);
    },
  };
}

export function productForDesk(
  seen: Seen,
  id: string,
  command: { strict: boolean; actor: string } & AtSite,
): { product: Product; events: Happening[] } {
  const known = seen.product(id);
  if (known) return { product: known, events: [] };
  const product = unknownProduct(seen, id, command);
  return { product, events: [{ type: 'product-set', actor: command.actor, data: product }] };
}
