import { productOf, type Event } from './event.ts';
import type { PrintJob } from './print-job.ts';
import { agentAddress, type Station } from './station.ts';
import type { Unit } from './unit.ts';

/* Functions that return the state of a unit, a station or a print job after an event. */

/** The alarm of a unit when two sources alternately send the identity of its device. */
export const TWO_SOURCES = 'two-sources';

/** Returns the state of a unit after its next event. `unit` is undefined if the event makes the unit. */
export function advanceUnit(unit: Unit | undefined, event: Event): Unit {
  const next = unit ? { ...unit, facts: { ...unit.facts }, lastSeq: event.seq } : madeBy(event);
  const { facts } = next;
  switch (event.type) {
    case 'reserved':
      if (event.data.serial !== undefined) next.serial = event.data.serial;
      if (event.data.reservation !== undefined) next.reservation = event.data.reservation;
      facts.reserved = event.at;
      break;
    case 'issued':
      issue(next, event);
      break;
    case 'identified':
      if (event.data.serial !== undefined) next.serial = event.data.serial;
      break;
    case 'source-changed':
      // Keep an existing alarm about the device itself, because it is more precise.
      if (event.data.alarm !== undefined) next.alarm ??= event.data.alarm;
      break;
    case 'verified':
    case 'printed':
    case 'void':
    case 'scrapped':
      facts[event.type] = event.at;
      break;
    case 'print-queued':
      // A reprint is a new label. The unit is verified again only after the new label was scanned.
      if (event.data.reprint !== undefined) delete facts.verified;
      break;
    case 'print-moved':
      if (event.data.state !== 'sending') break;
      // If the unit had a label before, earlier scans were scans of the old label, and do not verify the new label.
      if (next.labels > 0) delete facts.verified;
      next.labels += event.data.copies;
      break;
    case 'armed':
      // After rework, the unit is not verified until its label is scanned again.
      if (event.data.reason === 'rework') delete facts.verified;
      // The operator armed the station for this unit's device, and so decided which of the two devices is the right
      // one.
      if (next.alarm === TWO_SOURCES) delete next.alarm;
      break;
    case 'reported':
      report(next, event);
      break;
    case 'registered':
      facts.registered ??= event.at;
      next.outcome = event.data.outcome;
      break;
    case 'registration-failed':
      next.outcome = event.data.outcome;
      break;
    default:
  }
  return next;
}

function madeBy(event: Event): Unit {
  if (event.type !== 'issued' && event.type !== 'reserved')
    throw new Error(`event ${event.seq} (${event.type}) names a unit that does not exist`);
  const { seq, uci } = event;
  return { id: seq, uci, product: productOf(event), facts: {}, labels: 0, lastSeq: seq };
}

function issue(unit: Unit, { seq, at, station, workOrder, data }: Event<'issued'>): void {
  if (data.serial !== undefined) unit.serial = data.serial;
  unit.facts.issued ??= at;
  unit.issuedSeq = seq;
  if (station !== undefined) unit.station = station;
  if (workOrder !== undefined) unit.workOrder = workOrder;
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

export function queuedJob({ seq, at, uci, station, data }: Event<'print-queued'>): PrintJob {
  const { printer, copies, firstCopy, reprint } = data;
  const job: PrintJob = { id: seq, uci, printer, state: 'queued', copies, firstCopy, at };
  if (station !== undefined) job.station = station;
  if (reprint !== undefined) job.reprint = reprint;
  return job;
}

export function movedJob(event: Event<'print-moved' | 'printed'>, before: PrintJob | undefined): PrintJob {
  if (before === undefined) throw new Error(`event ${event.seq} moves a print job that does not exist`);
  const job: PrintJob = { ...before, state: event.type === 'printed' ? 'done' : event.data.state };
  if (event.data.reason !== undefined) job.reason = event.data.reason;
  return job;
}
