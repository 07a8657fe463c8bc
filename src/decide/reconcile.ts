import { ClaimstampError, refusal } from '../platform/error.ts';
import { TWO_SOURCES } from '../model/advance.ts';
import type { SignedOff } from '../model/event-data.ts';
import type { Figures, Part } from '../model/figures.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { Product } from '../model/product.ts';
import type { Decision, Seen } from './seen.ts';
import type { Station } from '../model/station.ts';
import { mask } from '../model/claim-id.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';
import { own, defined } from '../platform/own.ts';

/*
 * A reconciliation counts the units of a work order, a day or a roll by their outcome. Each unit counts once. Before a
 * work order can be closed, a person must sign off each unit that is left over. Each sign-off of a leftover unit names
 * the unit.
 */

/**
 * A work order, a roll, or all units issued in a time range. `from` is inclusive and `to` is exclusive, both in ms
 * since 1970.
 */
export type Scope = { workOrder: string } | { reservation: string } | { from: number; to: number };

/**
 * Returns undefined if no device has the unit. A unit with an alarm is not released, because its device contradicts the
 * ledger. The alarm `two-sources` does not prevent the release of a unit, because anyone who knows S/Ns can cause this
 * alarm.
 */
export function partOf(
  { facts, alarm }: Pick<Unit, 'facts' | 'alarm'>,
  { claiming, release = claiming === 'pre' ? 'registered' : 'verified' }: ReleaseRule,
): Part | undefined {
  if (facts.issued === undefined) return undefined;
  if (facts.void !== undefined) return 'void';
  if (facts.scrapped !== undefined) return 'scrapped';
  const verified = release === 'registered' || facts.verified !== undefined;
  const registered = release === 'verified' || facts.registered !== undefined;
  const isSound = alarm === undefined || alarm === TWO_SOURCES;
  return verified && registered && isSound ? 'released' : 'unaccounted';
}

export type ReleaseRule = Pick<Product, 'release' | 'claiming'>;

/**
 * What became of a label of a roll: given out, voided, or left on the roll. The number of reserved labels is the sum of
 * `given`, `voided` and `left`.
 */
export type RollPart = 'given' | 'voided' | 'left';
export function rollPartOf({ facts }: Pick<Unit, 'facts'>): RollPart {
  if (facts.issued !== undefined) return 'given';
  return facts.void !== undefined || facts.scrapped !== undefined ? 'voided' : 'left';
}

export type TalliedJob = Pick<PrintJob, 'uci' | 'state' | 'copies' | 'firstCopy' | 'reprint'>;

/**
 * Counts the units by outcome, according to the current settings of their products. `jobs` must be sorted from the
 * oldest to the newest.
 */
export function tally(units: Iterable<Unit>, jobs: TalliedJob[], productOf: (id: string) => ReleaseRule): Figures {
  const figures: Figures = {
    issued: 0,
    parts: { void: 0, scrapped: 0, released: 0, unaccounted: 0 },
    facts: { printed: 0, verified: 0, reported: 0, registered: 0 },
    labels: { units: 0, copies: 0, reprints: [], failed: 0, unknown: 0 },
  };
  const labels = new Map<string, number>();
  for (const unit of units) {
    count(figures, unit, partOf(unit, productOf(unit.product)));
    if (unit.labels > 0) labels.set(unit.uci, unit.labels);
  }
  countJobs(figures.labels, jobs, labels);
  return figures;
}

function count(figures: Figures, unit: Unit, part: Part | undefined): void {
  if (unit.labels > 0) figures.labels.units++;
  figures.labels.copies += unit.labels;
  if (part === undefined) return;
  figures.issued++;
  figures.parts[part]++;
  for (const fact of ['printed', 'verified', 'reported', 'registered'] as const)
    if (unit.facts[fact] !== undefined) figures.facts[fact]++;
}

function countJobs(labels: Figures['labels'], jobs: TalliedJob[], ofUnits: Map<string, number>): void {
  const reprints = new Map<string, number>();
  for (const { state } of jobs) if (state === 'failed' || state === 'unknown') labels[state]++;
  for (const { reprint, copies } of reprintsOf(jobs, ofUnits))
    reprints.set(reprint, (reprints.get(reprint) ?? 0) + copies);
  labels.reprints = [...reprints]
    .map(([reason, copies]) => ({ reason, copies }))
    .toSorted((a, b) => b.copies - a.copies || (a.reason < b.reason ? -1 : 1));
}

/**
 * Returns the reprint jobs that may have printed a label, oldest first. `labels` contains the label count of each unit.
 * For a failed job, only the label count says whether bytes were sent. A job raises the label count of its unit as soon
 * as bytes may have been sent, and a unit has only one job at a time.
 */
export function reprintsOf<J extends TalliedJob>(
  jobs: J[],
  labels: ReadonlyMap<string, number>,
): (J & { reprint: string })[] {
  const known = new Map(labels);
  const left = jobs.toReversed().filter(({ uci, firstCopy }) => {
    const gone = firstCopy <= (known.get(uci) ?? 0);
    if (gone) known.set(uci, firstCopy - 1);
    return gone;
  });
  return left.toReversed().filter((job): job is J & { reprint: string } => job.reprint !== undefined);
}

/* The closing of a work order */

/** Leftover units are signed off one by one, or all together with one reason. */
export type SignOff = { all: string } | { uci: string; reason: string }[];

export interface CloseWorkOrder {
  kind: 'close-work-order';
  workOrder: string;
  signOff?: SignOff;
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
  /** `seq` of the event that closed the work order. */
  seq: number;
  figures: Figures;
  signedOff: number;
}

/**
 * The maximum number of leftover units at closing. The event lists all leftover units, so that people can read the
 * sign-off years later. A list of 20,000 units makes an event of 300 KB. A factory with more than this many leftover
 * units does not verify its units at all.
 */
export const MAX_SIGNED_OFF = 20_000;

/** The maximum number of masked Claim IDs that one refusal lists. */
const NAMED = 5;

/**
 * Closes a work order. Agents have to wait while the units of the work order are counted: about half a second for
 * 100,000 units (docs/qa.md).
 */
export function closeWorkOrder(seen: Seen, command: CloseWorkOrder): Decision<Closed> {
  const workOrder = knownWorkOrder(seen, command.workOrder);
  if (workOrder.closed) throw closed(workOrder);
  refuseBusy(seen, workOrder);
  const product = defined(seen.product(workOrder.product));
  const units = [...seen.unitsOf(workOrder.id)];
  const figures = tally(units, seen.jobsOf(workOrder.id), () => product);
  const leftovers = units.filter((unit) => partOf(unit, product) === 'unaccounted').map(({ uci }) => uci);
  const signedOff = answeredFor(workOrder, leftovers, command.signOff);
  const data = { figures, signedOff };
  return {
    events: [{ type: 'work-order-closed', actor: command.actor, workOrder: workOrder.id, data }],
    answer: { workOrder: workOrder.id, seq: seen.size() + 1, figures, signedOff: leftovers.length },
  };
}

/** Reopens a closed order to correct a mistake. The reopened work order takes new units until it is closed again. */
export function reopenWorkOrder(seen: Seen, command: ReopenWorkOrder): Decision<{ workOrder: string }> {
  const workOrder = knownWorkOrder(seen, command.workOrder);
  if (!workOrder.closed) throw refusal('work-order-open', 'nothing', { workOrder: workOrder.id });
  const { id } = workOrder;
  const data = { reason: command.reason };
  return {
    events: [{ type: 'work-order-reopened', actor: command.actor, workOrder: id, data }],
    answer: { workOrder: id },
  };
}

/** Throws if the order is closed, because a closed order takes no more units. */
export function refuseClosed(workOrder: WorkOrder | undefined): void {
  if (workOrder?.closed) throw closed(workOrder);
}

function closed({ id }: WorkOrder): ClaimstampError {
  return refusal('work-order-closed', 'reopen', { workOrder: id });
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
  if (slot.state === 'open' && seen.unit(slot.uci)?.workOrder === id) return true;
  const unit = armed === undefined ? undefined : seen.unit(armed.uci);
  if (unit === undefined) return false;
  // A unit without a device will get the current work order of the station when it is issued.
  return unit.facts.issued === undefined
    ? own(workOrders, product) === id && unit.product === product
    : unit.workOrder === id;
}

function answeredFor({ id }: WorkOrder, leftovers: string[], signOff: SignOff = []): SignedOff[] {
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
