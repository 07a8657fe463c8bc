import { refusal } from '../../platform/error.ts';
import { phrase } from '../../platform/refusal-words.ts';
import { mask } from '../../model/claim-id.ts';
import type { Happening } from '../../model/event.ts';
import { dayOf, isEnded, type Unit } from '../../model/unit.ts';
import { purposeOf } from '../../model/work-order.ts';
import type { Decision, Seen } from '../seen.ts';

/* Units that are not for sale: samples, and reference devices that check the line. */

/** A lead decides that a sample may be sold. */
export interface ReleaseSample {
  kind: 'release-sample';
  uci: string;
  reason: string;
  actor: string;
}

export function releaseSample(seen: Seen, { uci, reason, actor }: ReleaseSample): Decision<{ uci: string }> {
  const unit = standing(seen, uci);
  const order = unit.workOrder === undefined ? undefined : seen.workOrder(unit.workOrder);
  if (purposeOf(order) !== 'sample') throw refusal('not-a-sample', 'order', { unit: mask(uci) });
  const events: Happening[] = [{ type: 'sample-released', uci, actor, data: { reason } }];
  return { events: unit.extra?.releasedSample === undefined ? events : [], answer: { uci } };
}

/**
 * Marks the device of a unit as a reference device, or removes the mark. A reference device always gets its own Claim
 * ID again, and is left out of all figures.
 */
export interface SetReference {
  kind: 'set-reference';
  uci: string;
  reference: boolean;
  note?: string;
  actor: string;
}

export function setReference(
  seen: Seen,
  { uci, reference, note, actor }: SetReference,
): Decision<{ uci: string; reference: boolean }> {
  const unit = standing(seen, uci);
  const before = unit.extra?.reference;
  const isSame = reference ? before !== undefined && before.note === note : before === undefined;
  const data = { reference, ...(reference && note !== undefined ? { note } : {}) };
  const events: Happening[] = isSame ? [] : [{ type: 'reference-set', uci, actor, data }];
  return { events, answer: { uci, reference } };
}

/** Records, once per station and day, that the reference device checked the station. */
export function referenceSeen({ uci, extra }: Unit, station: string, actor: string, now: number): Happening[] {
  const { reference } = extra ?? {};
  if (reference === undefined || reference.seen?.[station] === dayOf(now)) return [];
  return [{ type: 'reference-seen', uci, actor, station, data: {} }];
}

function standing(seen: Seen, uci: string): Unit {
  const unit = seen.unit(uci);
  if (!unit) throw refusal('not-found', 'unit', { unit: mask(uci) });
  if (!isEnded(unit)) return unit;
  throw refusal('unit-ended', 'already', { unit: mask(uci), state: phrase(unit.facts.void ? 'void' : 'scrapped') });
}
