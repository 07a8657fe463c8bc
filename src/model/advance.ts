import { productOf, type Event } from './event.ts';
import { isReopenedBy } from './exceptions/exception.ts';
import { OTHER_LINK } from './link/link.ts';
import type { PrintJob } from './print-job.ts';
import { agentAddress, type Station } from './station.ts';
import { returned, withReturnClosed } from './returns/lives.ts';
import { shippingAfter } from './shipping/advance.ts';
import { DEVICE } from './labels/label-set.ts';
import { dayOf, labelsWithRole, withExtra, type Unit, type UnitExtra, type Withdrawn } from './unit.ts';

/* Functions that return the state of a unit, a station or a print job after an event. */

/** A unit gets this alarm when two sources alternately send the identity of the unit's device. */
export const TWO_SOURCES = 'two-sources';

/**
 * True if the alarm says that the unit's identity may have been sent by another device. Such an alarm proves little,
 * because anyone who knows S/Ns can cause it.
 */
export function isOfSource(alarm: string | undefined): boolean {
  return alarm === TWO_SOURCES || alarm === OTHER_LINK;
}

/** Returns the state of a unit after its next event. `unit` is undefined if the event makes the unit. */
export function advanceUnit(unit: Unit | undefined, event: Event): Unit {
  const next = unit ? { ...reopened(unit, event), facts: { ...unit.facts }, lastSeq: event.seq } : madeBy(event);
  const { facts } = next;
  switch (event.type) {
    case 'reserved':
      if (event.data.serial !== undefined) next.serial = event.data.serial;
      if (event.data.reservation !== undefined) next.reservation = event.data.reservation;
      facts.reserved = event.at;
      return drawn(next, event);
    case 'issued':
      issue(next, event);
      return shippingAfter(forgotten(drawn(next, event), 'verified', 'alarm'), event);
    case 'identified':
      if (event.data.serial !== undefined) next.serial = event.data.serial;
      break;
    case 'source-changed':
    case 'link-contradicted':
      // Keep an existing alarm about the device itself, because it says more.
      if (event.data.alarm !== undefined) next.alarm ??= event.data.alarm;
      break;
    case 'verified':
      // A reference device gets a PASS every day, but its work order counts only the first one.
      facts.verified = (next.extra?.reference && facts.verified) ?? event.at;
      return forgotten(next, 'verified');
    case 'printed':
      facts.printed = event.at;
      break;
    case 'void':
    case 'scrapped':
      facts[event.type] = event.at;
      return withReturnClosed(next, event.type, event.at);
    case 'print-queued':
      // A reprint is a new label. The unit counts as verified again only after the new label has been scanned.
      if (event.data.reprint === undefined) break;
      delete facts.verified;
      return forgotten(next, 'verified');
    case 'print-moved':
      return printMoved(next, event);
    case 'armed':
      return armed(next, event);
    case 'disarmed':
      return disarmed(next);
    case 'returned':
      return returned(next, event);
    case 'return-closed':
      return withReturnClosed(next, event.data.how, event.at);
    case 'exception-closed': {
      const { kind } = event.data;
      if (kind !== 'wrong-id') return withExtra(next, { closedException: kind });
      delete next.alarm;
      return forgotten(next, 'alarm');
    }
    case 'sample-released':
      return withExtra(next, { releasedSample: { reason: event.data.reason, at: event.at } });
    case 'reference-set':
    case 'reference-seen':
      return withExtra(next, { reference: referenceAfter(next, event) });
    case 'reported':
      report(next, event);
      return forgotten(next, 'alarm');
    case 'registered':
    case 'registration-failed':
      if (event.type === 'registered') facts.registered ??= event.at;
      next.outcome = event.data.outcome;
      break;
    default:
      return shippingAfter(next, event);
  }
  return next;
}

function drawn(unit: Unit, { data }: Event<'issued' | 'reserved'>): Unit {
  return data.drawn === undefined ? unit : withExtra(unit, { drawn: { ...unit.extra?.drawn, ...data.drawn } });
}

/** If the event makes the unit wait for another label or scan, reopens the unit's closed exception. */
function reopened(unit: Unit, { type }: Event): Unit {
  if (unit.extra?.closedException === undefined || !isReopenedBy(type)) return unit;
  return withExtra(unit, { closedException: undefined });
}

/**
 * Returns the unit after a station was armed for it. After rework, the unit counts as verified only after its label has
 * been scanned again. By arming the station for this unit, the operator decided which of two devices is the right one.
 * An arming that an earlier version recorded has no `withdrew`, so cancelling it restores nothing.
 */
function armed(unit: Unit, { data: { reason, withdrew } }: Event<'armed'>): Unit {
  const { facts, alarm } = unit;
  const { verified, ...others } = facts;
  const isOver = isOfSource(alarm);
  const { alarm: _alarm, ...quiet } = unit;
  const next: Unit = { ...(isOver ? quiet : unit), facts: reason === 'rework' ? others : facts };
  if (withdrew === undefined) return next;
  const kept: Withdrawn = {
    ...(reason === 'rework' && verified !== undefined ? { verified } : {}),
    ...(isOver ? { alarm } : {}),
  };
  return withExtra(next, { armed: kept });
}

/**
 * Returns the unit after the operator cancelled the arming, so that no device got the unit. The facts that the arming
 * withdrew become valid again.
 */
function disarmed(unit: Unit): Unit {
  const { armed: kept } = unit.extra ?? {};
  if (kept === undefined) return unit;
  const { verified = unit.facts.verified, alarm = unit.alarm } = kept;
  const next: Unit = {
    ...unit,
    facts: { ...unit.facts, ...(verified === undefined ? {} : { verified }) },
    ...(alarm === undefined ? {} : { alarm }),
  };
  return withExtra(next, { armed: undefined });
}

/**
 * Forgets withdrawn facts of the unit, because an event has set them again. If the arming is cancelled later, the
 * withdrawn facts must not be restored.
 */
function forgotten(unit: Unit, ...names: (keyof Withdrawn)[]): Unit {
  const { armed: kept } = unit.extra ?? {};
  if (kept === undefined) return unit;
  const left = { ...kept };
  for (const name of names) delete left[name];
  return withExtra(unit, { armed: Object.keys(left).length === 0 ? undefined : left });
}

function madeBy(event: Event): Unit {
  if (event.type !== 'issued' && event.type !== 'reserved')
    throw new Error(`event ${event.seq} (${event.type}) names a unit that does not exist`);
  const { seq, uci } = event;
  return { id: seq, uci, product: productOf(event), facts: {}, labels: 0, lastSeq: seq };
}

function issue(unit: Unit, { seq, at, station, workOrder, data }: Event<'issued'>): void {
  if (data.serial !== undefined) unit.serial = data.serial;
  // A reference device gets its Claim ID again just to check the line, so the facts of its unit do not change.
  if (unit.facts.issued !== undefined && unit.extra?.reference !== undefined) return;
  unit.facts.issued ??= at;
  unit.issuedSeq = seq;
  if (station !== undefined) unit.station = station;
  if (workOrder !== undefined) unit.workOrder = workOrder;
}

function referenceAfter(
  { extra }: Unit,
  event: Event<'reference-set' | 'reference-seen'>,
): UnitExtra['reference'] | undefined {
  const { seen = {}, ...known } = extra?.reference ?? {};
  if (event.type === 'reference-seen') return { ...known, seen: { ...seen, [event.station]: dayOf(event.at) } };
  const { reference, note } = event.data;
  if (!reference) return undefined;
  return { ...(note === undefined ? {} : { note }), ...(extra?.reference?.seen === undefined ? {} : { seen }) };
}

function report(unit: Unit, { at, data: { alarm } }: Event<'reported'>): void {
  if (alarm !== undefined) {
    unit.alarm = alarm;
    return;
  }
  delete unit.alarm;
  unit.facts.reported ??= at;
}

/** Returns the state of a station after an event of this station. */
export function advanceStation(station: Station, event: Event): Station {
  const { slot, armed } = station;
  const next: Station = { ...station };
  switch (event.type) {
    case 'armed':
      next.armed = { uci: event.uci, reason: event.data.reason };
      break;
    case 'disarmed':
      delete next.armed;
      break;
    case 'issued':
      if (armed?.uci === event.uci) delete next.armed;
      if (station.mode === 'slot') next.slot = { state: 'open', uci: event.uci, source: agentAddress(event.actor) };
      break;
    case 'verified':
      if (slot.state === 'open' && slot.uci === event.uci)
        next.slot = station.next === 'auto' ? { state: 'ready' } : { ...slot, state: 'closed' };
      break;
    case 'next':
      next.slot = { state: 'ready' };
      break;
    case 'same-device':
      if (slot.state === 'closed') next.slot = { ...slot, state: 'open' };
      break;
    default:
  }
  return next;
}

function printMoved(unit: Unit, { data: { state, copies, role } }: Event<'print-moved'>): Unit {
  // The printer rejected the job, so the unit got no label.
  if (state === 'queued') return labelled(unit, role, -copies);
  if (state !== 'sending') return unit;
  const next = labelled(unit, role, copies);
  if (labelsWithRole(next, role) === copies) return next;
  // The unit had such a label before. Earlier scans read the old label, so they do not verify the new one.
  delete next.facts.verified;
  return forgotten(next, 'verified');
}

function labelled(unit: Unit, role: string = DEVICE, more: number): Unit {
  if (role === DEVICE) return { ...unit, labels: unit.labels + more };
  const { [role]: before = 0, ...others } = unit.extra?.roleLabels ?? {};
  const counts = Object.entries({ ...others, [role]: before + more }).filter(([, count]) => count > 0);
  const roleLabels = Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return withExtra(unit, { roleLabels: counts.length === 0 ? undefined : roleLabels });
}

export function queuedJob({ seq, at, uci, station, data }: Event<'print-queued'>): PrintJob {
  const { printer, copies, firstCopy, reprint, role } = data;
  const job: PrintJob = { id: seq, uci, printer, state: 'queued', copies, firstCopy, at };
  if (station !== undefined) job.station = station;
  if (reprint !== undefined) job.reprint = reprint;
  if (role !== undefined) job.role = role;
  return job;
}

export function movedJob(event: Event<'print-moved' | 'printed'>, before: PrintJob | undefined): PrintJob {
  if (before === undefined) throw new Error(`event ${event.seq} changes a print job that does not exist`);
  const job: PrintJob = { ...before, state: event.type === 'printed' ? 'done' : event.data.state };
  if (event.type === 'print-moved' && event.data.set !== undefined) job.set = event.data.set;
  if (job.state === 'queued') delete job.set;
  // A job that goes back to the queue was never sent. The reason why it goes back is stored with the printer, not with
  // the job.
  if (event.data.reason !== undefined && job.state !== 'queued') job.reason = event.data.reason;
  return job;
}
