import { advanceUnit } from '../model/advance.ts';
import { readEvent } from '../model/event-check.ts';
import { parseLine, type Event } from '../model/event.ts';
import { contentsOf, type KeptSet, type LabelContent } from '../model/labels/render-set.ts';
import type { Unit } from '../model/unit.ts';
import { refusal } from '../platform/error.ts';
import { labelData, type PrintedLabel } from './labels.ts';
import type { LabelOrder, LabelProduct } from '../model/labels/shown-settings.ts';
import type { Ledger } from './ledger.ts';

/** A label that was sent to a printer, as the events of its unit say. */
export interface UnitPrint {
  /** The number of the print job. */
  job: number;
  /** The event that recorded that the label is being sent, and its time. */
  seq: number;
  at: number;
  printer: string;
  station?: string;
  /** Absent for the label of the device. */
  role?: string;
  copies: number;
  firstCopy: number;
  reprint?: string;
  /** The number of the render set. Absent if an earlier version printed the label. */
  set?: number;
}

/** Returns the labels of a unit that may have been printed, oldest first. `lines` are the unit's events. */
export function printsOf(lines: string[]): UnitPrint[] {
  const prints = new Map<number, UnitPrint>();
  const reprints = new Map<number, string | undefined>();
  for (const { seq, at, type, station, data } of lines.map(readEvent)) {
    if (type === 'print-queued') reprints.set(seq, data.reprint);
    if (type !== 'print-moved') continue;
    const { job, printer, role, copies, firstCopy, set } = data;
    // The job went back to the queue, because the printer rejected it and printed nothing of it.
    if (data.state === 'queued') prints.delete(job);
    if (data.state !== 'sending') continue;
    const reprint = reprints.get(job);
    prints.set(job, {
      job,
      seq,
      at,
      printer,
      copies,
      firstCopy,
      ...(station === undefined ? {} : { station }),
      ...(role === undefined ? {} : { role }),
      ...(reprint === undefined ? {} : { reprint }),
      ...(set === undefined ? {} : { set }),
    });
  }
  return [...prints.values()];
}

/** Returns the data that the label had when it was printed, made from the unit's events before the print. */
export function printedLabel(lines: string[], print: UnitPrint, set: KeptSet, contents: LabelContent[]): PrintedLabel {
  const unit = unitAt(lines.map(readEvent), print.seq);
  const body = lines.map(parseLine).find(({ seq }) => seq === unit.issuedSeq)?.attributes;
  const product = contentIn<LabelProduct>(contents, set.product.hash);
  const order = set.order === undefined ? undefined : contentIn<LabelOrder>(contents, set.order);
  if (product === undefined || (set.order !== undefined && order === undefined))
    throw refusal('not-found', 'labelContents', { set: set.number });
  return { set, contents, data: labelData(unit, product, order, body, print) };
}

function unitAt(events: Event[], seq: number): Unit {
  let unit: Unit | undefined;
  for (const event of events) if (event.seq < seq) unit = advanceUnit(unit, event);
  if (unit === undefined) throw new Error(`event ${seq} prints the label of a unit that does not exist`);
  return unit;
}

function contentIn<T>(contents: LabelContent[], hash: string): T | undefined {
  const found = contents.find((content) => content.hash === hash);
  return found === undefined ? undefined : JSON.parse(Buffer.from(found.bytes).toString('utf8'));
}

/** Reads the event that recorded a render set. */
export function setIn(line: string): KeptSet {
  const event = readEvent(line);
  if (event.type !== 'render-set') throw new Error(`event ${event.seq} is not a render set`);
  return { ...event.data, seq: event.seq, at: event.at };
}

/** How many render sets there are, and which of them (by number) lack contents. */
export interface SetsChecked {
  sets: number;
  incomplete: number[];
}

/** Finds the render sets that lack contents. `kept` has the hashes of the contents that exist. */
export function checkedSets(sets: KeptSet[], kept: Set<string>): SetsChecked {
  const incomplete = sets.filter((set) => !contentsOf(set).every((hash) => kept.has(hash)));
  return { sets: sets.length, incomplete: incomplete.map(({ number }) => number) };
}

/** Reads a print of a unit with everything that is necessary to draw its label again. */
export async function readPrinted(
  ledger: Pick<Ledger, 'renderSet' | 'labelContent'>,
  lines: string[],
  job: number | undefined,
): Promise<{ print: UnitPrint; set: KeptSet; label: PrintedLabel }> {
  const prints = printsOf(lines);
  const print = job === undefined ? prints.at(-1) : prints.find((one) => one.job === job);
  if (print === undefined) throw refusal('not-found', 'noPrint');
  const set = print.set === undefined ? undefined : await ledger.renderSet({ number: print.set });
  if (set === undefined) throw refusal('not-found', 'printUnknown', { job: print.job });
  const contents: LabelContent[] = [];
  for (const hash of contentsOf(set)) {
    const bytes = await ledger.labelContent(hash);
    if (bytes !== undefined) contents.push({ hash, bytes });
  }
  return { print, set, label: printedLabel(lines, print, set, contents) };
}
