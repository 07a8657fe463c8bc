import { isOfSource } from '../model/advance.ts';
import { STEPS, type Figures, type NowFigures, type Part, type Place } from '../model/figures.ts';
import type { RoleFigures, Step, Way } from '../model/figures.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { Product } from '../model/product.ts';
import { firstLifeEnd, inFirstLife } from '../model/returns/lives.ts';
import { untested } from '../model/shipping/test-result.ts';
import { DEVICE } from '../model/labels/label-set.ts';
import { isEnded, labelCounts, type Unit } from '../model/unit.ts';
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

/** Returns where the unit is now. Returns undefined if no device has the unit. */
export function placeOf(unit: Unit, rule: ReleaseRule): Place | undefined {
  const part = partOf(unit, rule);
  return part === 'unaccounted' && firstLifeEnd(unit) !== undefined ? 'returned' : part;
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

/** Counts the issued units that completed each step, and those that did not. */
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
 * The groups of a roll's labels: a device got the label, it was voided, or it is still on the roll. The number of
 * reserved labels is the sum of `given`, `voided` and `left`.
 */
export type RollPart = 'given' | 'voided' | 'left';
export function rollPartOf({ facts }: Pick<Unit, 'facts'>): RollPart {
  if (facts.issued !== undefined) return 'given';
  return facts.void !== undefined || facts.scrapped !== undefined ? 'voided' : 'left';
}

export type TalliedJob = Pick<PrintJob, 'uci' | 'role' | 'state' | 'copies' | 'firstCopy' | 'reprint'>;

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
  const counted: Unit[] = [];
  for (const unit of units) {
    const part = partOf(unit, productOf(unit.product));
    count(figures, unit, part);
    if (part !== undefined) countApart(figures, unit, orderOf);
    if (labelCounts(unit).size > 0) counted.push(unit);
  }
  const reprints = reprintsOf(jobs, counted);
  countJobs(figures.labels, jobs, reprints);
  const roles = rolesOf(counted, jobs, reprints);
  if (roles !== undefined) figures.labels.roles = roles;
  return figures;
}

/** Counts where the units are now. For a returned unit, `units` must contain the current life, not the first one. */
export function tallyNow(units: Unit[], jobs: TalliedJob[], counting: Counting): NowFigures {
  const parts = { void: 0, scrapped: 0, released: 0, returned: 0, unaccounted: 0 };
  const back = { void: 0, scrapped: 0, released: 0, returned: 0 };
  for (const unit of units) {
    const place = placeOf(unit, counting.productOf(unit.product));
    if (place === undefined) continue;
    parts[place]++;
    if (place !== 'unaccounted' && firstLifeEnd(unit) !== undefined) back[place]++;
  }
  return { ...tally(units, jobs, counting), parts, back };
}

function count(figures: Figures, unit: Unit, part: Part | undefined): void {
  const counts = [...labelCounts(unit).values()];
  if (counts.length > 0) figures.labels.units++;
  for (const copies of counts) figures.labels.copies += copies;
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

function countJobs(labels: Figures['labels'], jobs: TalliedJob[], reprinted: Reprint[]): void {
  const reprints = new Map<string, number>();
  for (const { state } of jobs) if (state === 'failed' || state === 'unknown') labels[state]++;
  for (const { reprint, copies } of reprinted) reprints.set(reprint, (reprints.get(reprint) ?? 0) + copies);
  labels.reprints = [...reprints]
    .map(([reason, copies]) => ({ reason, copies }))
    .toSorted((a, b) => b.copies - a.copies || (a.reason < b.reason ? -1 : 1));
}

type Reprint = TalliedJob & { reprint: string };

/** Returns the figures of each role. Returns undefined if every label has the role `device`. */
function rolesOf(units: Unit[], jobs: TalliedJob[], reprints: Reprint[]): Figures['labels']['roles'] {
  const roles = new Map<string, RoleFigures>();
  const at = (role: string = DEVICE): RoleFigures => {
    const known = roles.get(role);
    const figures = known ?? { units: 0, copies: 0, reprinted: 0, unused: 0, failed: 0, unknown: 0 };
    if (known === undefined) roles.set(role, figures);
    return figures;
  };
  for (const unit of units)
    for (const [role, copies] of labelCounts(unit)) {
      const figures = at(role);
      figures.units++;
      figures.copies += copies;
      if (isEnded(unit) || unit.facts.issued === undefined) figures.unused += copies;
    }
  for (const { role, copies } of reprints) at(role).reprinted += copies;
  for (const { role, state } of jobs) if (state === 'failed' || state === 'unknown') at(role)[state]++;
  if ([...roles.keys()].every((role) => role === DEVICE)) return undefined;
  return Object.fromEntries([...roles].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Returns the reprints that may have printed a label of these units, oldest first. For a failed job, only the unit's
 * number of labels tells whether bytes were sent: it rises as soon as any bytes of a job may have been sent. For each
 * role of labels, a unit has at most one job at a time.
 */
export function reprintsOf<J extends TalliedJob>(jobs: J[], units: Unit[]): (J & { reprint: string })[] {
  const known = new Map(
    units.flatMap((unit) => [...labelCounts(unit)].map(([role, copies]) => [`${unit.uci} ${role}`, copies])),
  );
  const left = jobs.toReversed().filter(({ uci, role = DEVICE, firstCopy }) => {
    const label = `${uci} ${role}`;
    const gone = firstCopy <= (known.get(label) ?? 0);
    if (gone) known.set(label, firstCopy - 1);
    return gone;
  });
  return left.toReversed().filter((job): job is J & { reprint: string } => job.reprint !== undefined);
}
