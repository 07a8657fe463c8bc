import { ClaimstampError, refusal, wordsOf } from '../platform/error.ts';
import { phrase, type Words } from '../platform/refusal-words.ts';
import type { EndData } from '../model/event-data.ts';
import type { Happening } from '../model/event.ts';
import { disarmEverywhere } from './station-actions.ts';
import { cancelWaiting } from './print-jobs.ts';
import type { Decision, Seen } from './seen.ts';
import { mask } from '../model/claim-id.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import { defined } from '../platform/own.ts';

/**
 * Ends all units in a list. If one unit in the list cannot be ended, no unit is ended. `void` retires a Claim ID
 * permanently. The device may get a new Claim ID. `scrap` records that the device was destroyed. Nothing is deleted.
 */
export interface EndUnits {
  kind: 'void' | 'scrap';
  units: Ending[];
  /** One of the reason codes in the settings. */
  reason: string;
  note?: string;
  actor: string;
}

export interface Ending {
  uci: string;
  /** The position of the unit in the list, for messages. */
  place?: string;
}

/**
 * The maximum number of units in one transaction. A transaction of this size takes half a second, and agents have to
 * wait during this time.
 */
export const MAX_ENDED = 5000;

/** The maximum number of problems that one refusal lists. */
const NAMED = 20;

export function endUnits(seen: Seen, command: EndUnits): Decision<{ units: string[] }> {
  const problems: ClaimstampError[] = [];
  const found = new Map<string, Unit>();
  for (const ending of command.units) {
    const problem = problemOf(seen, command, ending, found);
    if (problem) problems.push(problem);
  }
  if (problems.length > 0) throw refusedAll(problems, command);
  const units = [...found.values()];
  return { events: units.flatMap((unit) => eventsOf(seen, command, unit)), answer: { units: [...found.keys()] } };
}

/** If the unit can be ended, adds the unit to `found` and returns undefined. */
function problemOf(
  seen: Seen,
  { kind }: EndUnits,
  { uci, place }: Ending,
  found: Map<string, Unit>,
): ClaimstampError | undefined {
  const at = (error: ClaimstampError): ClaimstampError =>
    place === undefined ? error : new ClaimstampError(error.code, phrase('place', { place, why: wordsOf(error) }));
  if (found.has(uci)) return at(refusal('invalid', 'listedTwice', { unit: mask(uci) }));
  const unit = seen.unit(uci);
  if (!unit) return at(refusal('not-found', 'unit', { unit: mask(uci) }));
  // A void unit cannot be scrapped. A scrapped unit can still be voided, so that its identity becomes free.
  if (kind === 'void' ? unit.facts.void !== undefined : isEnded(unit)) {
    const state = phrase(unit.facts.void ? 'void' : 'scrapped');
    return at(refusal('unit-ended', 'already', { unit: mask(uci), state }));
  }
  found.set(uci, unit);
  return undefined;
}

function refusedAll(problems: ClaimstampError[], { units }: EndUnits): ClaimstampError {
  const first = defined(problems[0]);
  if (units.length === 1) return first;
  const shown: Words[] = problems.slice(0, NAMED).map(wordsOf);
  if (problems.length > NAMED) shown.push(phrase('more', { count: problems.length - NAMED }));
  // If a list contains an unknown unit, the list counts as an attempt to guess Claim IDs, even if it also has other
  // problems.
  const code = problems.some((problem) => problem.code === 'not-found') ? 'not-found' : first.code;
  return new ClaimstampError(code, phrase('listed', { problems: shown }));
}

function eventsOf(seen: Seen, { kind, reason, note, actor }: EndUnits, unit: Unit): Happening[] {
  const type = kind === 'void' ? 'void' : 'scrapped';
  const data: EndData = note === undefined ? { reason } : { reason, note };
  return [
    ...disarmEverywhere(seen, unit, actor, type),
    { type, uci: unit.uci, actor, data },
    ...cancelWaiting(seen, unit, type === 'void' ? 'the unit was voided' : 'the unit was scrapped'),
  ];
}
