import type { Figures, RoleFigures } from '../model/figures.ts';
import { keysOf, own } from '../platform/own.ts';
import { NOT_FOR_SALE } from '../model/work-order.ts';
import type { Listed, ListedLater, Report, Since } from '../decide/report.ts';

/*
 * The texts of a report. Dates are in the factory's time zone (TZ). Claim IDs are in groups of five, as on labels.
 */

const DATE = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });
export const ZONE = DATE.resolvedOptions().timeZone;

/** Returns a time such as `2026-11-25 14:03:09` in the factory's time zone, or an empty string if there is no time. */
export function when(at: string | undefined): string {
  return at === undefined ? '' : DATE.format(new Date(at));
}

/** Actors that are not signed-in people (model/event.ts). */
const UNNAMED: Record<string, string> = { local: 'a command on the server', system: 'the service' };

/** Returns the name of an actor such as `person:ada`, without the kind. */
export function personOf(actor: string): string {
  return own(UNNAMED, actor) ?? actor.replace(/^[a-z]+:/, '');
}

let lastMinute = { at: '', text: '' };

/**
 * Returns a time without seconds. In a list, adjacent rows often have the same minute, so the last result is reused.
 */
function minuteOf(at: string | undefined): string {
  if (at === undefined) return '';
  const minute = at.slice(0, 16);
  if (lastMinute.at !== minute) lastMinute = { at: minute, text: when(at).slice(0, 16) };
  return lastMinute.text;
}

export function titleOf({ workOrder, reservation, closed, from }: Report): [string, string] {
  if (workOrder) return [closed ? 'Closing report of work order' : 'Reconciliation of work order', workOrder.id];
  if (reservation !== undefined) return ['Balance of roll', reservation];
  return ['Reconciliation of', from === undefined ? '' : when(from).slice(0, 10)];
}

/** Returns the parts of the reconciliation and their sum, as a sentence. */
export function balanceOf({
  figures: { issued, parts },
  roll,
}: Pick<Report, 'roll'> & { figures: Pick<Figures, 'issued' | 'parts'> }): string {
  if (roll) return `${roll.reserved} = ${roll.given} given out + ${roll.voided} voided + ${roll.left} left on the roll`;
  return `${issued} = ${parts.released} released + ${parts.void} void + ${parts.scrapped} scrapped + ${parts.unaccounted} unaccounted`;
}

export function figureRows(
  { at, workOrder, productName, closed, from, to, figures, since }: Report,
  by?: string,
): [string, string][] {
  const rows: [string, string][] = [];
  if (workOrder) {
    const { product } = workOrder;
    rows.push(
      ['Product', productName === undefined ? product : `${productName} (${product})`],
      ['Planned', number(workOrder.planned)],
    );
    const over = figures.issued - figures.parts.void - figures.parts.scrapped - workOrder.planned;
    if (over > 0) rows.push(['More than planned', number(over)]);
    if (workOrder.lot !== undefined) rows.push(['Lot', workOrder.lot]);
  }
  if (from !== undefined && to !== undefined) rows.push(['Issued from, to', `${when(from)}, ${when(to)}`]);
  if (closed) rows.push(['Closed', `${when(closed.at)} by ${personOf(closed.by)}, event ${closed.seq} of the ledger`]);
  if (workOrder && !closed) rows.push(['Closed', 'not closed: the figures are current']);
  // Without `since`, the report of a closed work order must be the same file each time it is made. So this report names
  // the person who closed the work order, and not the person who made the report.
  const who = by === undefined || (closed && !since) ? '' : ` by ${personOf(by)}`;
  rows.push(['Drawn up', `${when(since?.at ?? at)} (${ZONE})${who}`]);
  return rows;
}

/** Says what happened to the units of a closed work order after the closing. Nothing happened: undefined. */
export function sinceSaid({ since }: Pick<Report, 'since'>): string | undefined {
  if (since === undefined || since.units.length === 0) return undefined;
  const words = { void: 'void', scrapped: 'scrapped', returned: 'returned', afterReturn: 'ended after a return' };
  return keysOf(words)
    .flatMap((what) => (since.counts[what] === 0 ? [] : `${number(since.counts[what])} ${words[what]}`))
    .join(', ');
}

/** Returns a text about a unit that ended after the closing: its state, where it was, and the reason. */
export function laterSaid(unit: ListedLater): string {
  const { status, shipped, rma } = unit;
  const where = [
    ...(rma === undefined || status === 'returned' ? [] : [`after return with RMA ${rma}`]),
    ...(shipped === undefined ? [] : [`was shipped with list ${shipped}`]),
  ];
  return [endSaid(unit), ...where].join(', ');
}

/** Returns where the units of a closed work order are now, with the time. */
export function todaySaid({ at, now: { issued, parts } }: Since): [label: string, sum: string] {
  const { returned, ...rest } = parts;
  const back = returned === 0 ? '' : ` + ${number(returned)} returned`;
  return [`Today, ${when(at)}`, `${balanceOf({ figures: { issued, parts: rest } })}${back}`];
}

/** Says where the returned units are now. Returns undefined if no unit was returned. */
export function backSaid({ now: { returned, back } }: Since): string | undefined {
  if (returned === undefined) return undefined;
  const words = { released: 'released again', returned: 'not released again', void: 'void', scrapped: 'scrapped' };
  const parts = keysOf(words).flatMap((what) => (back[what] === 0 ? [] : `${number(back[what])} ${words[what]}`));
  return `Units that came back: ${number(returned)}, now ${parts.join(', ')}`;
}

/** Returns the rows of a table. Each row has a label, a figure and a note. */
export function printTable({
  figures: { facts, labels, issued, shipped, returned, notForSale },
  signedOff,
  roll,
}: Report): [string, string, string][] {
  const row = (...cells: [string, string, string]) => cells;
  const of = (value: number): string => (issued === 0 ? '' : `${((100 * value) / issued).toFixed(1)} % of issued`);
  return [
    ...(signedOff ? [row('Signed off though unaccounted', number(signedOff.length), '')] : []),
    // Roll labels are printed before their units are issued, so a percentage of the issued units would be meaningless.
    ['Units with a label', number(labels.units), roll ? '' : of(labels.units)],
    ['Label confirmed', number(facts.printed), `printed, as the printer reported; ${of(facts.printed)}`],
    ['Labels printed, at most', number(labels.copies), ''],
    ['Reprinted labels', number(sumOf(labels.reprints)), ''],
    ...reprintRows(labels.reprints),
    ['Print jobs failed', number(labels.failed), ''],
    ['Print jobs with unknown result', number(labels.unknown), ''],
    ...Object.entries(labels.roles ?? {}).map(([role, one]) =>
      row(`Labels "${role}"`, number(one.copies), roleNote(one)),
    ),
    ['Verified', number(facts.verified), of(facts.verified)],
    ['Reported by the device', number(facts.reported), of(facts.reported)],
    ['Registered', number(facts.registered), of(facts.registered)],
    ...(shipped === undefined ? [] : [row('On a shipping list', number(shipped), of(shipped))]),
    ...(returned === undefined ? [] : [row('Returned later', number(returned), 'counted by the RMA')]),
    ...(notForSale === undefined ? [] : [row('Not for sale', '', notForSaleOf(notForSale))]),
  ];
}

/** A unit may be counted under two reasons, so these figures are not added up. */
function notForSaleOf(counts: NonNullable<Figures['notForSale']>): string {
  const words = { engineering: 'for engineering', sample: 'samples', reference: 'reference devices' };
  return NOT_FOR_SALE.flatMap((why) => (counts[why] === undefined ? [] : `${words[why]}: ${number(counts[why])}`)).join(
    ', ',
  );
}

/** The number of reprint reasons that fit on the first page. */
const REASONS_SHOWN = 6;

function reprintRows(reprints: Figures['labels']['reprints']): [string, string, string][] {
  const others = reprints.slice(REASONS_SHOWN);
  const rows = reprints
    .slice(0, REASONS_SHOWN)
    .map(({ reason, copies }): [string, string, string] => ['', number(copies), reason]);
  if (others.length === 0) return rows;
  return [...rows, ['', number(sumOf(others)), `${others.length} other reasons: see the JSON report`]];
}

function roleNote({ units, reprinted, unused, failed, unknown }: RoleFigures): string {
  const parts = { reprinted, unused, failed, unknown };
  const counts = Object.entries(parts).flatMap(([what, count]) => (count === 0 ? [] : `${number(count)} ${what}`));
  return [`for ${number(units)} units`, ...counts].join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function sumOf(reprints: Figures['labels']['reprints']): number {
  return reprints.reduce((sum, { copies }) => sum + copies, 0);
}

export const SIGNATURES = ['Name', 'Date', 'Signature, quality assurance'];

export interface Column {
  label: string;
  x: number;
  width: number;
  face: 'sans' | 'mono';
  text: (unit: Listed | ListedLater) => string;
  /** True if a text that is too wide continues on another line. Otherwise, it is cut off. */
  wraps?: true;
}

/**
 * Returns the columns of a list. `x` is in points from the left margin. All columns together fill the width of the
 * page.
 */
export function columnsOf(list: (Listed | ListedLater)[], { since }: Pick<Report, 'since'>): Column[] {
  const reasoned = list.some(({ reason }) => reason !== undefined);
  const columns: Column[] = [
    { label: 'Claim ID', x: 0, width: 128, face: 'mono', text: ({ uci }) => grouped(uci) },
    { label: 'S/N', x: 132, width: 100, face: 'mono', text: ({ serial = '' }) => serial },
    { label: 'Status', x: 236, width: 52, face: 'sans', text: ({ status }) => status },
    { label: 'Station', x: 292, width: 58, face: 'sans', text: ({ station = '' }) => station },
  ];
  if (!reasoned) {
    const timeOf = (fact: 'issued' | 'verified') => (unit: Pick<Listed, 'facts'>) => minuteOf(unit.facts[fact]);
    return [
      ...columns,
      { label: 'Issued', x: 354, width: 74, face: 'sans', text: timeOf('issued') },
      { label: 'Verified', x: 428, width: 74, face: 'sans', text: timeOf('verified') },
    ];
  }
  if (list.some((unit) => 'at' in unit)) return laterColumns(columns);
  if (since !== undefined)
    return [...columns, { label: 'Reason', x: 354, width: 145, face: 'sans', text: endSaid, wraps: true }];
  const why = ({ reason = '', note, by }: Pick<Listed, 'reason' | 'note' | 'by'>): string =>
    [note === undefined ? reason : `${reason}: ${note}`, by].filter(Boolean).join(', ');
  return [...columns, { label: 'Reason', x: 354, width: 145, face: 'sans', text: why }];
}

/** Returns why a unit ended or was signed off, and who decided it. */
function endSaid({ reason, note, by }: Pick<Listed, 'reason' | 'note' | 'by'>): string {
  const why = [reason, note].filter((one) => one !== undefined).join(': ');
  return [why, ...(by === undefined ? [] : [`by ${personOf(by)}`])].filter((one) => one !== '').join(', ');
}

/** The columns of the units that ended after the closing. */
function laterColumns(columns: Column[]): Column[] {
  return [
    ...columns.slice(0, 3),
    { label: 'When', x: 292, width: 78, face: 'sans', text: (unit) => ('at' in unit ? minuteOf(unit.at) : '') },
    {
      label: 'Reason',
      x: 374,
      width: 125,
      face: 'sans',
      text: (unit) => ('at' in unit ? laterSaid(unit) : ''),
      wraps: true,
    },
  ];
}

export function grouped(uci: string): string {
  return uci.startsWith('*') ? uci : (uci.match(/.{1,5}/g)?.join(' ') ?? uci);
}
