import type { Event } from '../model/event.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { Product } from '../model/product.ts';
import { counted, partOf, reprintsOf, rollPartOf, tally, tallyNow, wayOf } from './reconcile.ts';
import type { Counting, ReleaseRule, RollPart, Scope } from './reconcile.ts';
import type { Figures, NowFigures, Part, Way } from '../model/figures.ts';
import { labelCounts, statusOf, type Fact, type Unit } from '../model/unit.ts';
import { orderDefinition, type WorkOrder, type WorkOrderDefinition } from '../model/work-order.ts';
import { defined, mapped } from '../platform/own.ts';

export type UnitEnd = Event<'void' | 'scrapped'>;

/** An event that voided, scrapped or returned a unit after its work order was closed. */
export interface LaterEnd {
  event: Event<'void' | 'scrapped' | 'returned'>;
  /** The state of the unit directly before the event. */
  before: Unit;
}

/**
 * The data that a report is made from. All data comes from one snapshot of the ledger. Each unit in `units` has the
 * state in which the report counts it.
 */
export interface Gathered {
  scope: Scope;
  units: Unit[];
  jobs: PrintJob[];
  products: Product[];
  /** The work orders of the units, by name. */
  orders: Map<string, WorkOrder>;
  workOrder: WorkOrder | undefined;
  /** The event that closed the work order, if there is one. */
  closing: Event<'work-order-closed'> | undefined;
  /** For each void or scrapped unit, the event that ended it. */
  endings: Map<string, UnitEnd>;
  /** The units and their print jobs as they are now: a returned unit with the facts of its current life. */
  now: { units: Unit[]; jobs: PrintJob[] };
  /** Set if the work order is closed: the events that ended units after the closing. */
  later?: LaterEnd[];
  head: { size: number; root: Uint8Array };
}

/** A unit in a list of a report. All times are in RFC 3339, UTC. */
export interface Listed {
  uci: string;
  serial?: string;
  status: Fact;
  facts: Partial<Record<Fact, string>>;
  station?: string;
  /** The maximum number of labels that may have been printed for this unit. */
  labels?: number;
  /** The number of labels of each role. Absent if every label has the role `device`. */
  roleLabels?: { [role: string]: number };
  /** The reasons of all reprints. */
  reprints?: string[];
  /** The reason why the unit was voided, scrapped, or signed off as a leftover unit. */
  reason?: string;
  note?: string;
  by?: string;
}

/** A unit that was voided, scrapped or returned after the closing. `facts` describes the unit before this happened. */
export interface ListedLater extends Omit<Listed, 'status'> {
  status: 'void' | 'scrapped' | 'returned';
  at: string;
  by: string;
  /** The shipping list that the unit was on at that time. */
  shipped?: string;
  /** The number of the RMA, if the unit was returned by this event or an earlier one. */
  rma?: string;
}

/** For a closed work order, the units that were voided, scrapped or returned after the closing. */
export interface Since {
  /** The time at which `now` was counted. */
  at: string;
  now: NowFigures;
  /** The figures as they are now, except that a returned unit counts as it was when it first came back. */
  figures: Figures;
  way: Way;
  /**
   * `void` and `scrapped` count units that were never returned. `afterReturn` counts units that were voided or scrapped
   * after a return.
   */
  counts: Record<'void' | 'scrapped' | 'returned' | 'afterReturn', number>;
  /** Oldest first. A unit that was returned and scrapped is listed twice. */
  units: ListedLater[];
}

/** A reconciliation report. A report consists of figures, and of lists of the counted units. */
export interface Report {
  /**
   * The time of the report. The report of a closed work order never changes, so its time is the time of the closing.
   * `treeSize` and `root` (in hexadecimal) describe the ledger at this time. An auditor's report has no root.
   */
  at: string;
  treeSize: number;
  root?: string;
  workOrder?: WorkOrderDefinition;
  productName?: string;
  closed?: { at: string; by: string; seq: number };
  /** Set while the work order is being closed. */
  closing?: { at: string; by: string };
  /**
   * The work order's last closing attempt. Set if the service stopped before this attempt ended, so the order is open
   * again.
   */
  interrupted?: { at: string; by: string };
  reservation?: string;
  from?: string;
  to?: string;
  /** The figures at the closing, if the work order is closed. Otherwise, the current figures. */
  figures: Figures;
  /** For each step, how many of the counted units completed it. A report about a roll has no `way`. */
  way?: Way;
  /** Where the units of an open work order are now. For a closed work order, these figures are in `since`. */
  now?: NowFigures;
  /** Only the report of a closed work order has `since`. */
  since?: Since;
  /** Only a report about a roll has `roll`. */
  roll?: Record<RollPart, number> & { reserved: number };
  /** The counted units, in the order in which they were made. A returned unit is listed as it was in its first life. */
  lists: Partial<Record<Part | 'left', Listed[]>>;
  /** Units that were signed off when the work order was closed. */
  signedOff?: Listed[];
  /** `cut` is set if a list was cut off after its first `limit` units. */
  cut?: true;
}

/** `limit` is the maximum number of units in a list. */
export function reportOf(gathered: Gathered, at: number, limit = Infinity): Report {
  const { scope, units, jobs, closing, head } = gathered;
  const products = new Map(gathered.products.map((product) => [product.id, product]));
  const productOf = (id: string): Product => defined(products.get(id));
  const counting: Counting = { productOf, orderOf: (id) => defined(gathered.orders.get(id)) };
  const figures = closing?.data.figures ?? tally(units, jobs, counting);
  const list = lister(gathered);
  const lists = listsOf(gathered, (id) => closing?.data.rule ?? productOf(id), { limit, list });
  const report: Report = {
    at: new Date(closing?.at ?? at).toISOString(),
    treeSize: head.size,
    root: Buffer.from(head.root).toString('hex'),
    ...about(gathered),
    figures,
    lists,
  };
  if ('reservation' in scope) report.roll = rollOf(units);
  else report.way = wayOf(units);
  if (gathered.later !== undefined) report.since = sinceOf(gathered, gathered.later, counting, { at, limit });
  else if ('workOrder' in scope) report.now = tallyNow(gathered.now.units, gathered.now.jobs, counting);
  if (closing !== undefined) report.signedOff = signedOff(closing, gathered, limit);
  if (
    [...Object.values(lists), report.signedOff ?? [], report.since?.units ?? []].some(({ length }) => length >= limit)
  )
    report.cut = true;
  return report;
}

function sinceOf(
  { now: { units, jobs } }: Pick<Gathered, 'now'>,
  later: LaterEnd[],
  counting: Counting,
  { at, limit }: { at: number; limit: number },
): Since {
  const produced = counted(units, jobs);
  const counts = { void: 0, scrapped: 0, returned: 0, afterReturn: 0 };
  for (const { event, before } of later)
    counts[event.type !== 'returned' && before.extra?.return !== undefined ? 'afterReturn' : event.type]++;
  return {
    at: new Date(at).toISOString(),
    now: tallyNow(units, jobs, counting),
    figures: tally(produced.units, produced.jobs, counting),
    way: wayOf(produced.units),
    counts,
    units: later.slice(0, limit).map(listedLater),
  };
}

function listedLater({ event, before }: LaterEnd): ListedLater {
  const { type, at, actor, data } = event;
  const rma = 'rma' in data ? data.rma : before.extra?.return?.rma;
  const { reason, note } = data;
  return {
    ...listed(before, undefined, undefined),
    status: type,
    at: new Date(at).toISOString(),
    by: actor,
    ...(reason === undefined ? {} : { reason }),
    ...(note === undefined ? {} : { note }),
    ...(before.extra?.shipped === undefined ? {} : { shipped: before.extra.shipped.list }),
    ...(rma === undefined ? {} : { rma }),
  };
}

function about({ scope, workOrder, products, closing: closingEvent }: Gathered): Partial<Report> {
  if ('reservation' in scope) return { reservation: scope.reservation };
  if ('from' in scope) return { from: new Date(scope.from).toISOString(), to: new Date(scope.to).toISOString() };
  const order = defined(workOrder);
  const { closed, closing, interrupted } = order;
  // A closing event of an earlier version contains neither the settings of the order nor the product's name.
  const settings = closingEvent?.data.order;
  const definition = settings ?? orderDefinition(order);
  const name =
    settings === undefined
      ? products.find(({ id }) => id === definition.product)?.name
      : closingEvent?.data.productName;
  return {
    workOrder: definition,
    ...(name === undefined ? {} : { productName: name }),
    ...(closed ? { closed: { ...closed, at: new Date(closed.at).toISOString() } } : {}),
    ...(closing ? { closing: { at: new Date(closing.at).toISOString(), by: closing.by } } : {}),
    ...(interrupted ? { interrupted: { ...interrupted, at: new Date(interrupted.at).toISOString() } } : {}),
  };
}

function listsOf(
  { scope, units }: Gathered,
  ruleOf: (id: string) => ReleaseRule,
  { limit, list }: { limit: number; list: Lister },
): Report['lists'] {
  const lists: Report['lists'] = { unaccounted: [], void: [], scrapped: [], released: [] };
  if ('reservation' in scope) lists.left = [];
  for (const unit of units) {
    const part = partOf(unit, ruleOf(unit.product)) ?? ('reservation' in scope ? unissued(unit) : undefined);
    const its = part === undefined ? undefined : lists[part];
    if (its !== undefined && its.length < limit) its.push(list(unit));
  }
  return lists;
}

/** For a roll's unit that no device has got, returns the list of the report in which the unit belongs. */
function unissued(unit: Unit): Part | 'left' {
  if (unit.facts.void !== undefined) return 'void';
  return unit.facts.scrapped === undefined ? 'left' : 'scrapped';
}

function rollOf(units: Unit[]): NonNullable<Report['roll']> {
  const roll = { reserved: units.length, given: 0, voided: 0, left: 0 };
  for (const unit of units) roll[rollPartOf(unit)]++;
  return roll;
}

type Lister = (unit: Unit) => Listed;

function lister({ units, jobs, endings }: Pick<Gathered, 'units' | 'jobs' | 'endings'>): Lister {
  const reprints = new Map<string, string[]>();
  for (const { uci, reprint } of reprintsOf(jobs, units)) reprints.set(uci, [...(reprints.get(uci) ?? []), reprint]);
  return (unit) => listed(unit, endings.get(unit.uci), reprints.get(unit.uci));
}

function listed(unit: Unit, ending: UnitEnd | undefined, reprints: string[] | undefined): Listed {
  const { reason, note } = ending?.data ?? {};
  return {
    uci: unit.uci,
    ...(unit.serial === undefined ? {} : { serial: unit.serial }),
    status: statusOf(unit),
    facts: mapped(unit.facts, (at) => new Date(at).toISOString()),
    ...(unit.station === undefined ? {} : { station: unit.station }),
    ...labelsOf(unit),
    ...(reprints === undefined ? {} : { reprints }),
    ...(reason === undefined ? {} : { reason }),
    ...(note === undefined ? {} : { note }),
    ...(ending === undefined ? {} : { by: ending.actor }),
  };
}

/**
 * Returns the number of all labels. If a label has a role other than `device`, also returns the number for each role.
 */
function labelsOf(unit: Unit): Pick<Listed, 'labels' | 'roleLabels'> {
  const counts = labelCounts(unit);
  if (counts.size === 0) return {};
  const labels = [...counts.values()].reduce((sum, one) => sum + one, 0);
  return { labels, ...(unit.extra?.roleLabels === undefined ? {} : { roleLabels: Object.fromEntries(counts) }) };
}

/** Returns the signed-off units, each with the reason why it was signed off. */
function signedOff(closing: Event<'work-order-closed'>, { units, jobs }: Gathered, limit: number): Listed[] {
  const byUci = new Map(units.map((unit) => [unit.uci, unit]));
  const list = lister({ units, jobs, endings: new Map() });
  const signed = closing.data.signedOff.flatMap(({ reason, units: ucis }) => ucis.map((uci) => ({ uci, reason })));
  return signed.slice(0, limit).map(({ uci, reason }) => ({ ...list(defined(byUci.get(uci))), reason }));
}
