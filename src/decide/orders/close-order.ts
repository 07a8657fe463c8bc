import { ClaimstampError, refusal } from '../../platform/error.ts';
import type { Snapshot, SignedOff } from '../../model/event-data.ts';
import type { Figures } from '../../model/figures.ts';
import type { PrintJob } from '../../model/print-job.ts';
import type { Product } from '../../model/product.ts';
import { firstLifeEnd } from '../../model/returns/lives.ts';
import type { Station } from '../../model/station.ts';
import type { Unit } from '../../model/unit.ts';
import { orderDefinition, type WorkOrder } from '../../model/work-order.ts';
import { mask } from '../../model/claim-id.ts';
import { own, defined } from '../../platform/own.ts';
import { counted, partOf, tally, type ReleaseRule } from '../reconcile.ts';
import { refuseImportingOrder } from '../imports/claims.ts';
import type { Decision, Seen } from '../seen.ts';

/*
 * How a work order is closed. Agents do not wait while the units are counted, because a child process counts them:
 *
 * 1. The child process counts the units in a snapshot of the ledger, and decides. If the child process refuses, nothing
 *    was written.
 * 2. `begin-closing` blocks the work order. From then on, the order takes no more units.
 * 3. The child process reads what changed since its snapshot, and decides again (`countedOrder`).
 * 4. If no event of the order came after the snapshot, `close-work-order` records the closing. Otherwise, steps 3 and 4
 *    are repeated.
 *
 * If the closing fails after step 2, `release-work-order` unblocks the work order. If the process stops after step 2,
 * the work order is released at the next start (jobs/orders/release-orders.ts).
 */

/** Leftover units are signed off either one by one, or all together with one reason. */
export type SignOff = { all: string } | { uci: string; reason: string }[];

/**
 * Blocks a work order, so that it takes no more units. If `check` is set, the command only checks whether the order may
 * be blocked.
 */
export interface BeginClosing {
  kind: 'begin-closing';
  workOrder: string;
  /**
   * The name of the process that closes the order. One process never runs two closings of the same order at the same
   * time.
   */
  process: string;
  check?: true;
  actor: string;
}

/** `begun` is the number of the event that blocked the work order. */
export type Begun = { begun: number } | Closed;

export interface CloseWorkOrder {
  kind: 'close-work-order';
  workOrder: string;
  begun: number;
  /** The ledger's snapshot from which the figures and the leftover units come, and the rule for released units. */
  snapshot: Snapshot;
  rule: ReleaseRule;
  figures: Figures;
  signedOff: SignedOff[];
  actor: string;
}

/** Unblocks a work order that was blocked but not closed. */
export interface ReleaseWorkOrder {
  kind: 'release-work-order';
  workOrder: string;
  begun: number;
  why: 'refused' | 'interrupted';
  actor: string;
}

export interface ReopenWorkOrder {
  kind: 'reopen-work-order';
  workOrder: string;
  reason: string;
  actor: string;
}

export interface Closed {
  workOrder: string;
  /** The `seq` of the event that closed the work order. */
  seq: number;
  figures: Figures;
  signedOff: number;
}

/** The snapshot is too old: since the snapshot, an event was recorded for the work order, or its product changed. */
export interface Stale {
  stale: true;
}

/**
 * The maximum number of leftover units when an order is closed. The closing event lists all leftover units, so that
 * people can read years later what was signed off. A list of 20,000 units makes a 300 KB event. If there are more
 * leftover units than this, the factory probably does not verify its units at all.
 */
export const MAX_SIGNED_OFF = 20_000;

/** The maximum number of masked Claim IDs that one refusal lists. */
const NAMED = 5;

/**
 * A closing that takes longer than this (ms) counts as abandoned. The child process that counts the units is stopped
 * earlier than that (jobs/orders/close-order.ts). So a closing counts as abandoned only if the process that ran the
 * closing has stopped. This may be another process that shares the ledger.
 */
export const ABANDONED_MS = 15 * 60 * 1000;

export function beginClosing(seen: Seen, { workOrder: id, process, check, actor }: BeginClosing, now: number) {
  const workOrder = knownWorkOrder(seen, id);
  if (workOrder.closed) throw closed(workOrder);
  if (workOrder.closing && !isAbandoned(workOrder.closing, process, now)) throw closing(workOrder);
  refuseBusy(seen, workOrder);
  refuseImportingOrder(seen, id);
  const happening = { type: 'work-order-closing', actor, workOrder: id, data: { process } } as const;
  const decision: Decision<Begun> = {
    events: check ? [] : [happening],
    answer: { begun: seen.size() + 1 },
    unfinished: true,
  };
  return decision;
}

/**
 * True if the closing cannot be continued. Later commands of this closing are refused, because their `begun` no longer
 * matches.
 */
export function isAbandoned(closing: NonNullable<WorkOrder['closing']>, process: string, now: number): boolean {
  return closing.process === process || Math.abs(now - closing.at) > ABANDONED_MS;
}

/** The counted units and print jobs of a work order, all from the same snapshot. */
export interface OrderCounted {
  units: Unit[];
  /** The print jobs, oldest first. */
  jobs: PrintJob[];
  product: Product;
  order: WorkOrder;
}

/** Decides whether a work order can be closed. Throws if leftover units were not signed off. */
export function countedOrder(
  id: string,
  { product, order, ...all }: OrderCounted,
  signOff?: SignOff,
): Pick<CloseWorkOrder, 'figures' | 'signedOff' | 'rule'> {
  const { units, jobs } = counted(all.units, all.jobs);
  const figures = tally(units, jobs, { productOf: () => product, orderOf: () => order });
  const leftovers = units.filter((unit) => partOf(unit, product) === 'unaccounted').map(({ uci }) => uci);
  return { figures, signedOff: answeredFor(id, leftovers, signOff), rule: ruleOf(product) };
}

function ruleOf({ claiming, release, tests }: ReleaseRule): ReleaseRule {
  return { claiming, ...(release === undefined ? {} : { release }), ...(tests === undefined ? {} : { tests }) };
}

export function closeWorkOrder(seen: Seen, command: CloseWorkOrder): Decision<Closed | Stale> {
  const { begun, snapshot, rule, figures, signedOff, actor } = command;
  const workOrder = knownWorkOrder(seen, command.workOrder);
  if (workOrder.closed) throw closed(workOrder);
  if (workOrder.closing?.seq !== begun) throw refusal('work-order-open', 'cancelled', { workOrder: workOrder.id });
  refuseBusy(seen, workOrder);
  const product = defined(seen.product(workOrder.product));
  const now = ruleOf(product);
  const isSame = JSON.stringify(now) === JSON.stringify(ruleOf(rule));
  // The event that blocked the order is also one of the order's events, so the snapshot must contain it too.
  if (!isSame || (workOrder.closing.changed ?? begun) > snapshot.size)
    return { events: [], answer: { stale: true }, unfinished: true };
  const productName = product.name === undefined ? {} : { productName: product.name };
  const data = { figures, signedOff, snapshot, order: orderDefinition(workOrder), ...productName, rule };
  return {
    events: [{ type: 'work-order-closed', actor, workOrder: workOrder.id, data }],
    answer: {
      workOrder: workOrder.id,
      seq: seen.size() + 1,
      figures,
      signedOff: signedOff.reduce((sum, { units }) => sum + units.length, 0),
    },
  };
}

/** Changes nothing if the closing was already completed or abandoned. */
export function releaseWorkOrder(seen: Seen, command: ReleaseWorkOrder): Decision<{ released: boolean }> {
  const { workOrder, begun, why, actor } = command;
  const released = seen.workOrder(workOrder)?.closing?.seq === begun;
  const happening = { type: 'work-order-released', actor, workOrder, data: { why } } as const;
  return { events: released ? [happening] : [], answer: { released } };
}

/**
 * Reopens a closed order to correct a mistake. The reopened work order takes new units until it is closed again. If the
 * work order is currently being closed, unblocks it, so that the closing is refused.
 */
export function reopenWorkOrder(seen: Seen, command: ReopenWorkOrder): Decision<{ workOrder: string }> {
  const { id, ...workOrder } = knownWorkOrder(seen, command.workOrder);
  if (!workOrder.closed && !workOrder.closing) throw refusal('work-order-open', 'nothing', { workOrder: id });
  const data = { reason: command.reason };
  return {
    events: [{ type: 'work-order-reopened', actor: command.actor, workOrder: id, data }],
    answer: { workOrder: id },
  };
}

/** Throws if the order is closed or being closed, because such an order takes no more units. */
export function refuseClosed(workOrder: WorkOrder | undefined): void {
  if (workOrder?.closed) throw closed(workOrder);
  if (workOrder?.closing) throw closing(workOrder);
}

function closed({ id }: WorkOrder): ClaimstampError {
  return refusal('work-order-closed', 'reopen', { workOrder: id });
}

/** The refusal for an order that is currently being closed. */
export function closing({ id }: Pick<WorkOrder, 'id'>): ClaimstampError {
  return refusal('work-order-closed', 'closing', { workOrder: id });
}

function knownWorkOrder(seen: Seen, id: string): WorkOrder {
  const workOrder = seen.workOrder(id);
  if (!workOrder) throw refusal('not-found', 'workOrder', { workOrder: id });
  return workOrder;
}

/** Throws if a unit of the work order is in a nest, or if a station is armed with a unit of the work order. */
function refuseBusy(seen: Seen, workOrder: WorkOrder): void {
  const busy = seen.stations().find((station) => holds(seen, station, workOrder));
  if (!busy) return;
  const { name, armed } = busy;
  throw refusal(armed ? 'station-armed' : 'station-busy', 'workOrder', { workOrder: workOrder.id, station: name });
}

function holds(seen: Seen, { armed, slot, workOrders }: Station, { id, product }: WorkOrder): boolean {
  const open = slot.state === 'open' ? seen.unit(slot.uci) : undefined;
  // The later lives of a returned unit do not count for its work order.
  if (open?.workOrder === id && firstLifeEnd(open) === undefined) return true;
  const unit = armed === undefined ? undefined : seen.unit(armed.uci);
  if (unit === undefined || firstLifeEnd(unit) !== undefined) return false;
  // When a unit without a device is issued, it gets the current work order of the station.
  return unit.facts.issued === undefined
    ? own(workOrders, product) === id && unit.product === product
    : unit.workOrder === id;
}

function answeredFor(id: string, leftovers: string[], signOff: SignOff = []): SignedOff[] {
  if (leftovers.length > MAX_SIGNED_OFF) {
    throw refusal('leftovers', 'many', { count: leftovers.length, workOrder: id, max: MAX_SIGNED_OFF });
  }
  if ('all' in signOff) return leftovers.length === 0 ? [] : [{ reason: signOff.all, units: leftovers }];
  const left = new Set(leftovers);
  const byReason = new Map<string, string[]>();
  for (const { uci, reason } of signOff) {
    if (!left.delete(uci)) throw notLeft(uci, id);
    byReason.set(reason, [...(byReason.get(reason) ?? []), uci]);
  }
  if (left.size === 0) return [...byReason].map(([reason, units]) => ({ reason, units }));
  const some = [...left].slice(0, NAMED).map(mask).join(', ');
  throw refusal('leftovers', 'some', {
    count: left.size,
    workOrder: id,
    some: left.size > NAMED ? `${some}, …` : some,
  });
}

function notLeft(uci: string, id: string): ClaimstampError {
  return refusal('invalid', 'signOffTwice', { unit: mask(uci), workOrder: id });
}
