import { isOfSource } from '../model/advance.ts';
import { STEPS, type Figures, type Part, type Step, type Way } from '../model/figures.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { Product } from '../model/product.ts';
import { firstLifeEnd, inFirstLife } from '../model/returns/lives.ts';
import { untested } from '../model/shipping/test-result.ts';
import type { Unit } from '../model/unit.ts';
import { notForSale, type WorkOrder } from '../model/work-order.ts';
import { defined } from '../platform/own.ts';

/*
 * A reconciliation counts the units of a work order, a day or a roll, grouped by what happened to them. Each unit
 * counts once. Before a work order can be closed, a person must sign off each leftover unit. Each sign-off says which
 * unit it is for.
 */

/**
 * A work order, a roll, or all units issued in a time range. `from` is inclusive and `to` is exclusive, both in ms
 * since 1970.
 */
export type Scope = { workOrder: string } | { reservation: string } | { from: number; to: number };

/**
 * Returns undefined if no device has the unit. A unit with an alarm does not count as released, because its device
 * contradicts the ledger. An alarm about the source of an identity does not matter here, because anyone who knows S/Ns
 * can cause such an alarm.
 */
export function partOf(
  { facts, alarm, extra }: Pick<Unit, 'facts' | 'alarm' | 'extra'>,
  rule: ReleaseRule,
): Part | undefined {
  const release = releaseOf(rule);
  if (facts.issued === undefined) return undefined;
  if (facts.void !== undefined) return 'void';
  if (facts.scrapped !== undefined) return 'scrapped';
  const verified = release === 'registered' || facts.verified !== undefined;
  const registered = release === 'verified' || facts.registered !== undefined;
  const isSound = alarm === undefined || isOfSource(alarm);
  const isTested = untested(rule.tests, extra?.tests).length === 0;
  return verified && registered && isTested && isSound ? 'released' : 'unaccounted';
}

/**
 * Returns the units and print jobs to count. Only the first life of each unit is included. So a unit that is returned
 * later does not change the figures.
 */
export function counted<J extends { id: number; uci: string }>(units: Unit[], jobs: J[]): { units: Unit[]; jobs: J[] } {
  const ends = new Map(units.flatMap((unit) => (unit.extra?.lives ? [[unit.uci, firstLifeEnd(unit) ?? 0]] : [])));
  if (ends.size === 0) return { units, jobs };
  return { units: units.map(inFirstLife), jobs: jobs.filter(({ id, uci }) => id < (ends.get(uci) ?? Infinity)) };
}

/** True if the issued unit completed the step. A label counts as soon as it may have been printed. */
export function didStep({ facts, labels }: Pick<Unit, 'facts' | 'labels'>, step: Step): boolean {
  if (step === 'labelled') return labels > 0 || facts.printed !== undefined;
  return facts[step] !== undefined;
}

/** True if the issued unit completed the step before this one, but not this one. */
export function lostBefore(unit: Pick<Unit, 'facts' | 'labels'>, step: Exclude<Step, 'issued'>): boolean {
  return didStep(unit, 'issued') && didStep(unit, earlier(step)) && !didStep(unit, step);
}

function earlier(step: Step): Step {
  return defined(STEPS[STEPS.indexOf(step) - 1]);
}

/** Counts how far the issued units came. */
export function wayOf(units: Iterable<Pick<Unit, 'facts' | 'labels'>>): Way {
  const none = { labelled: 0, verified: 0, registered: 0 };
  const way: Way = { issued: 0, ...none, lost: { ...none }, gained: { ...none } };
  for (const unit of units) {
    if (!didStep(unit, 'issued')) continue;
    way.issued++;
    for (const step of ['labelled', 'verified', 'registered'] as const) {
      if (didStep(unit, step)) way[step]++;
      if (lostBefore(unit, step)) way.lost[step]++;
      else if (didStep(unit, step) && !didStep(unit, earlier(step))) way.gained[step]++;
    }
  }
  return way;
}

/** Returns the rule that says when the product's units count as released. */
export function releaseOf({ claiming, release }: ReleaseRule): NonNullable<Product['release']> {
  return release ?? (claiming === 'pre' ? 'registered' : 'verified');
}

export type ReleaseRule = Pick<Product, 'release' | 'claiming' | 'tests'>;

/**
 * What happened to a roll's label: a device got it, it was voided, or it is still on the roll. The number of reserved
 * labels is the sum of `given`, `voided` and `left`.
 */
export type RollPart = 'given' | 'voided' | 'left';
export function rollPartOf({ facts }: Pick<Unit, 'facts'>): RollPart {
  if (facts.issued !== undefined) return 'given';
  return facts.void !== undefined || facts.scrapped !== undefined ? 'voided' : 'left';
}

export type TalliedJob = Pick<PrintJob, 'uci' | 'state' | 'copies' | 'firstCopy' | 'reprint'>;

/** The settings that decide how units are counted. */
export interface Counting {
  productOf: (id: string) => ReleaseRule;
  /** Returns the work order of a unit. */
  orderOf: (id: string) => Pick<WorkOrder, 'purpose'>;
}

/**
 * Counts the units, grouped by what happened to them. The current settings of the units' products apply. `jobs` must be
 * sorted from the oldest to the newest.
 */
export function tally(units: Iterable<Unit>, jobs: TalliedJob[], { productOf, orderOf }: Counting): Figures {
  const figures: Figures = {
    issued: 0,
    parts: { void: 0, scrapped: 0, released: 0, unaccounted: 0 },
    facts: { printed: 0, verified: 0, reported: 0, registered: 0 },
    labels: { units: 0, copies: 0, reprints: [], failed: 0, unknown: 0 },
  };
  const labels = new Map<string, number>();
  for (const unit of units) {
    const part = partOf(unit, productOf(unit.product));
    count(figures, unit, part);
    if (part !== undefined) countApart(figures, unit, orderOf);
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

/** Counts the units that are not for sale, were shipped, or were returned. */
function countApart(figures: Figures, unit: Unit, orderOf: Counting['orderOf']): void {
  if (unit.extra?.shipped !== undefined) figures.shipped = (figures.shipped ?? 0) + 1;
  if (firstLifeEnd(unit) !== undefined) figures.returned = (figures.returned ?? 0) + 1;
  const order = unit.workOrder === undefined ? undefined : orderOf(unit.workOrder);
  for (const why of notForSale(unit, order))
    figures.notForSale = { ...figures.notForSale, [why]: (figures.notForSale?.[why] ?? 0) + 1 };
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
 * Returns the reprints that may have printed a label, oldest first. `labels` contains the number of labels of each
 * unit. For a failed job, only the number of labels tells whether bytes were sent. This number rises as soon as bytes
 * of a job may have been sent, and a unit has only one job at a time.
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
