import { ClaimstampError, refusal } from '../platform/error.ts';
import { phrase } from '../platform/refusal-words.ts';
import type { DrawnSet } from '../model/labels/render-set.ts';
import { refuseStopped } from './labels/approve-template.ts';
import { keepSet } from './labels/keep-set.ts';
import type { Happening } from '../model/event.ts';
import { changedPrinter, isSamePlace, type KeptPrinter, type Printer } from '../model/printer.ts';
import type { SetOf } from './catalog.ts';
import { MOVES, type PrintJob, type PrintState } from '../model/print-job.ts';
import { ofReturn } from '../model/returns/lives.ts';
import type { Decision, Seen } from './seen.ts';
import type { Station } from '../model/station.ts';
import { mask } from '../model/claim-id.ts';
import { notPassed } from '../model/shipping/test-result.ts';
import { DEVICE, labelSetOf, labelWithRole, printerOf, type ProductLabel } from '../model/labels/label-set.ts';
import { isEnded, labelsWithRole, type Unit } from '../model/unit.ts';
import { defined } from '../platform/own.ts';

/** Prints a label of a unit on this printer. If no printer is named, uses the station's printer. */
export interface Print {
  kind: 'print';
  uci: string;
  printer?: string;
  station?: string;
  /** The role of the label. By default, the label of the device. */
  role?: string;
  /** By default, the number of copies in the product's settings. */
  copies?: number;
  /** A reason is required if the unit may already have such a label. */
  reason?: string;
  actor: string;
}

/**
 * Changes the state of a job. Either the printer's queue reports the new state, or a person cancels the job
 * (`cancelled`). `queued` means that the printer rejected the job before it accepted any part of it.
 */
export interface MovePrint {
  kind: 'move-print';
  job: number;
  to: PrintState;
  reason?: string;
  /** Only for the state `sending`: the render set with which the label was drawn. */
  set?: DrawnSet;
  /** The column of the printer's next label, if the roll has labels side by side. */
  nextColumn?: number;
  actor: string;
}

export type SetPrinter = SetOf<'printer', Printer, 'name'> & {
  kind: 'set-printer';
  /** True if labels were loaded. The next label is then printed in the first column of a new row. */
  newRow?: true;
  /**
   * The time (in ms) at which the password was set, or null if the password was removed. The password itself is stored
   * outside the ledger.
   */
  passwordAt?: number | null;
  actor: string;
};

export function print(seen: Seen, command: Print): Decision<PrintJobAnswer> {
  const unit = seen.unit(command.uci);
  if (!unit) throw refusal('not-found', 'unit', { unit: mask(command.uci) });
  const station = command.station === undefined ? undefined : seen.station(command.station);
  const label = labelOf(seen, unit, command.role);
  const printer = command.printer ?? (station && printerOf(station, label.role));
  if (printer === undefined) throw refusal('invalid', 'namePrinter');
  const event = queued(seen, unit, printer, { copies: label.copies, ...command });
  return {
    events: [event, ...reopened(seen, unit, command)],
    answer: { job: seen.size() + 1, printer, uci: unit.uci, firstCopy: event.data.firstCopy },
  };
}

/**
 * Returns the settings of the label with this role. The product's settings may have changed since the unit was made.
 */
function labelOf(seen: Seen, { product }: Pick<Unit, 'product'>, role: string = DEVICE): ProductLabel {
  return labelWithRole(defined(seen.product(product)), role);
}

/**
 * A reprint withdraws the PASS, so the new label has to be scanned. If the unit is still in a station's nest, the slot
 * is reopened for this scan. A nest of an armed station is not opened, because it is waiting for the next device.
 */
function reopened(
  seen: Seen,
  { uci, facts }: Unit,
  { actor, role = DEVICE, reason }: Pick<Print, 'actor' | 'role' | 'reason'>,
): Happening[] {
  if (facts.verified === undefined || (role !== DEVICE && reason === undefined)) return [];
  const nest = seen
    .stations()
    .find(({ slot, armed }) => slot.state === 'closed' && slot.uci === uci && armed === undefined);
  return nest === undefined ? [] : [{ type: 'same-device', uci, actor, station: nest.name, data: {} }];
}

/**
 * Prints the labels of a roll in order on the station's printer, starting with the given label. If one label cannot be
 * queued, no label is queued.
 */
export interface PrintRoll {
  kind: 'print-roll';
  station: string;
  role?: string;
  units: string[];
  reason: string;
  actor: string;
}

export function printRoll(seen: Seen, command: PrintRoll): Decision<{ printer: string }> {
  const { station, role, reason, actor } = command;
  const at = seen.station(station);
  const printer = at && printerOf(at, role);
  if (printer === undefined) throw refusal('no-printer', 'set', { station });
  const events = command.units.map((uci) => {
    const unit = seen.unit(uci);
    if (!unit) throw refusal('not-found', 'unit', { unit: mask(uci) });
    const { copies } = labelOf(seen, unit, role);
    const again = labelsWithRole(unit, role) > 0 ? { reason } : {};
    return queued(seen, unit, printer, { copies, actor, station, ...again, ...(role === undefined ? {} : { role }) });
  });
  return { events, answer: { printer } };
}

/** Prints the label of a job on another printer. `reason` is required if the label may already have been printed. */
export interface PrintElsewhere {
  kind: 'print-elsewhere';
  job: number;
  printer: string;
  reason?: string;
  actor: string;
}

/**
 * A job that was not sent is moved: one transaction cancels it and queues it for the other printer, so the label is
 * printed once. For any other job, bytes may have been sent. The label of such a job is printed as a reprint, with a
 * reason. A job that is being sent is not moved, because its result is not known yet.
 */
export function printElsewhere(seen: Seen, command: PrintElsewhere): Decision<PrintJobAnswer> {
  const { printer, actor } = command;
  const job = seen.printJob(command.job);
  if (!job) throw refusal('not-found', 'printJob', { job: command.job });
  if (job.printer === printer) throw refusal('printer-unfit', 'same', { job: job.id, printer });
  if (job.state === 'sending') throw refusal('print-job-moved', 'sending', { job: job.id, printer: job.printer });
  const unit = defined(seen.unit(job.uci));
  const isMoved = job.state === 'queued';
  const reason = isMoved ? job.reprint : command.reason;
  const { copies, role } = job;
  const ofRole = role === undefined ? {} : { role };
  const asked = { copies, actor, ...ofRole, ...(reason === undefined ? {} : { reason }) };
  const at = job.station === undefined ? asked : { ...asked, station: job.station };
  const event = queued(seen, unit, printer, at, isMoved ? job : undefined);
  const left = isMoved ? [moved(job, 'cancelled', actor, { reason: `moved to printer ${printer}` })] : [];
  const events = [...left, event, ...(isMoved ? [] : reopened(seen, unit, asked))];
  const { firstCopy } = event.data;
  return { events, answer: { job: seen.size() + left.length + 1, printer, uci: unit.uci, firstCopy } };
}

export interface PrintJobAnswer {
  /** The number of the job is the `seq` of the event that queued it. */
  job: number;
  printer: string;
  uci: string;
  firstCopy: number;
}

function queued(
  seen: Seen,
  unit: Unit,
  printer: string,
  command: Pick<Print, 'role' | 'reason' | 'actor' | 'station'> & { copies: number },
  replaced?: PrintJob,
): Happening<'print-queued'> {
  if (!seen.printer(printer)) throw refusal('not-found', 'printer', { printer });
  if (isEnded(unit)) throw ended(unit);
  refuseStopped(seen.product(unit.product));
  const labels = labelsWithRole(unit, command.role);
  if (openJobs(seen, unit, command.role).some(({ id }) => id !== replaced?.id)) {
    throw refusal('print-queued', 'wait', { unit: mask(unit.uci) });
  }
  if (labels > 0 && command.reason === undefined) {
    throw refusal('reprint-reason', 'labels', { unit: mask(unit.uci), labels });
  }
  const copies = { printer, ...roleData(command.role), copies: command.copies, firstCopy: labels + 1 };
  const reprint = command.reason === undefined ? {} : { reprint: command.reason };
  const data = { ...copies, ...reprint, ...ofReturn(unit) };
  const event: Happening<'print-queued'> = { type: 'print-queued', uci: unit.uci, actor: command.actor, data };
  if (command.station !== undefined) event.station = command.station;
  return event;
}

/** Returns the unit's unsent jobs for labels of this role. */
function openJobs(seen: Seen, { uci }: Pick<Unit, 'uci'>, role: string = DEVICE): PrintJob[] {
  return seen.openPrintJobs({ uci }).filter((job) => (job.role ?? DEVICE) === role);
}

/** Events about the label of the device have no role. */
function roleData(role: string = DEVICE): { role?: string } {
  return role === DEVICE ? {} : { role };
}

function ended({ uci, facts }: Unit): ClaimstampError {
  return refusal('unit-ended', 'notPrinted', { unit: mask(uci), state: phrase(facts.void ? 'void' : 'scrapped') });
}

export function movePrint(seen: Seen, command: MovePrint): Decision<{ job: number }> {
  const job = seen.printJob(command.job);
  if (!job) throw refusal('not-found', 'printJob', { job: command.job });
  // If the queue cannot know whether the ledger recorded a report, it resends the report. A repeated report adds no
  // event. `sending` is an exception: a repeated report is refused, because this state allows the queue to send bytes.
  if (job.state === command.to && command.to !== 'sending') return { events: [], answer: { job: job.id } };
  if (!MOVES[job.state].includes(command.to)) {
    throw refusal('print-job-moved', 'cannot', { job: job.id, state: phrase(job.state), to: phrase(command.to) });
  }
  const unit = defined(seen.unit(job.uci));
  if (command.to === 'sending' && isEnded(unit)) throw ended(unit);
  const { set, reason, nextColumn } = command;
  const drawn = set === undefined ? undefined : keepSet(seen, set);
  const data = { reason, set: drawn?.number, nextColumn };
  const events = [...(drawn?.events ?? []), moved(job, command.to, command.actor, data)];
  const gone = command.to === 'queued' ? whyGone(seen, job, unit) : undefined;
  if (gone !== undefined) events.push(moved(job, 'cancelled', 'system', { reason: gone }));
  return { events, answer: { job: job.id }, ...(drawn === undefined ? {} : { kept: drawn.kept }) };
}

/**
 * A job that is being sent is not cancelled when its unit ends or leaves the station. If the printer then rejects the
 * job, it may no longer belong in the queue: returns the reason, or undefined if the job can go back to the queue.
 */
function whyGone(seen: Seen, job: PrintJob, unit: Unit): string | undefined {
  if (isEnded(unit)) return unit.facts.void ? 'the unit is void' : 'the unit is scrapped';
  const station = job.station === undefined ? undefined : seen.station(job.station);
  if (station === undefined || unit.facts.issued === undefined) return undefined;
  const { issued } = seen.lastIssuedAt(station.name, RECENT_EVENTS);
  const arrived = issued.filter(({ seq, uci }) => seq > job.id && uci !== unit.uci);
  const inNests = station.mode === 'open' ? (station.nests ?? 1) : 1;
  const isOut = station.mode === 'slot' && station.slot.state === 'ready' && job.reprint === undefined;
  return isOut || arrived.length >= inNests ? LEFT_STATION : undefined;
}

/**
 * A printer rejects a job within seconds after the job was queued. So if a unit has arrived since then, the event of
 * the unit's arrival is among the newest events.
 */
const RECENT_EVENTS = 1000;
const LEFT_STATION = 'the unit left the station';

interface Moved {
  reason?: string | undefined;
  set?: number | undefined;
  nextColumn?: number | undefined;
}

function moved(job: PrintJob, to: MovePrint['to'], actor: string, { reason, set, nextColumn }: Moved = {}): Happening {
  const { uci, printer, role, copies, firstCopy, station } = job;
  const data = {
    job: job.id,
    printer,
    ...roleData(role),
    copies,
    firstCopy,
    ...(reason === undefined ? {} : { reason }),
  };
  const of = { uci, actor, ...(station === undefined ? {} : { station }) };
  if (to === 'done') return { type: 'printed', ...of, data };
  const place = nextColumn === undefined ? {} : { nextColumn };
  const drawn = set === undefined ? {} : { set };
  return { type: 'print-moved', ...of, data: { ...data, state: to, ...drawn, ...place } };
}

/**
 * Cancels the queued jobs of a unit that ends. A job that may already have been sent is not cancelled, and the queue
 * reports the job's result.
 */
export function cancelWaiting(seen: Seen, { uci }: Unit, reason: string): Happening[] {
  const waiting = seen.openPrintJobs({ uci }).filter(({ state }) => state === 'queued');
  return waiting.map((job) => moved(job, 'cancelled', 'system', { reason }));
}

/**
 * Returns the events about labels when a unit arrives at a station. If labels of earlier units are still queued there,
 * they are cancelled. Otherwise, after a paper jam, a device could get the label of an earlier device. In open mode,
 * each of the station's other nests may still hold a device, so the labels of one earlier unit are kept for each of
 * these nests. Labels of a roll are also kept, because no device has their units yet. If the station prints
 * automatically, the required labels of the new unit are queued.
 *
 * `arrived` is undefined if a device left the nest and no other device arrived. Jobs of a `replaced` unit are not
 * cancelled here, because the code that voids the unit cancels them.
 */
export function printingAt(
  seen: Seen,
  station: Station,
  arrived: Pick<Unit, 'uci' | 'labels' | 'product' | 'extra'> | undefined,
  replaced?: Unit,
): Happening[] {
  const left = seen
    .openPrintJobs({ station: station.name })
    .filter((job) => job.state === 'queued' && job.uci !== arrived?.uci && job.uci !== replaced?.uci)
    .filter((job) => seen.unit(job.uci)?.facts.issued !== undefined);
  const inNests = station.mode === 'open' ? (station.nests ?? 1) - 1 : 0;
  const units = [...new Set(left.map(({ uci }) => uci))];
  const leaving = units.slice(0, Math.max(0, units.length - inNests));
  const gone = left.filter(({ uci }) => leaving.includes(uci));
  const events: Happening[] = gone.map((job) => moved(job, 'cancelled', 'system', { reason: LEFT_STATION }));
  if (arrived === undefined || !station.autoPrint) return events;
  // A person may print the label of a unit that failed a test, but the service does not print it automatically.
  if (notPassed(arrived.extra?.tests).length > 0) return events;
  // The product's units are already claimed by the manufacturer, so they need no label.
  const product = seen.product(arrived.product);
  if (product?.claiming === 'pre') return events;
  for (const { role, required, copies } of labelSetOf(product ?? {})) {
    const printer = printerOf(station, role);
    if (!required || printer === undefined || !seen.printer(printer)) continue;
    if (labelsWithRole(arrived, role) > 0 || openJobs(seen, arrived, role).length > 0) continue;
    const data = { printer, ...roleData(role), copies, firstCopy: 1, ...ofReturn(arrived) };
    events.push({ type: 'print-queued', uci: arrived.uci, actor: 'system', station: station.name, data });
  }
  return events;
}

export function setPrinter(seen: Seen, command: SetPrinter): Decision<Printer> {
  const before = seen.printer(command.printer.name);
  const printer = command.merge ? changedPrinter(before ?? {}, command.printer) : command.printer;
  const isConfined = before === undefined || before.confined === true || !isSamePlace(before, printer);
  const data: KeptPrinter = {
    ...printer,
    ...(isConfined && { confined: true }),
    ...(!command.newRow && keptColumn(before, printer)),
    ...passwordTime(before, printer, command),
  };
  const isSet = JSON.stringify(before) === JSON.stringify(data);
  return { events: isSet ? [] : [{ type: 'printer-set', actor: command.actor, data }], answer: printer };
}

/** Only an IPP printer with a user name has a password. */
function passwordTime(
  before: KeptPrinter | undefined,
  printer: Printer,
  { passwordAt = before?.passwordAt }: Pick<SetPrinter, 'passwordAt'>,
): Pick<KeptPrinter, 'passwordAt'> {
  return passwordAt == null || printer.kind !== 'ipp' || printer.user === undefined ? {} : { passwordAt };
}

/** A partly used row of labels is continued as long as the same labels are in the printer. */
function keptColumn(before: KeptPrinter | undefined, printer: Printer): Pick<KeptPrinter, 'nextColumn'> {
  const isSame = before?.across === printer.across && before?.loaded === printer.loaded;
  return before?.nextColumn === undefined || !isSame ? {} : { nextColumn: before.nextColumn };
}
