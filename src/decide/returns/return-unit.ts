import { mask } from '../../model/claim-id.ts';
import { openReturn } from '../../model/returns/lives.ts';
import { isEnded, type Disposition, type ReturnEnd, type Unit } from '../../model/unit.ts';
import { refusal } from '../../platform/error.ts';
import { phrase } from '../../platform/refusal-words.ts';
import { cancelWaiting } from '../print-jobs.ts';
import type { Decision, Seen } from '../seen.ts';
import { disarmEverywhere } from '../station-actions.ts';

/** Receives a unit that was returned to the factory. The unit begins another life (model/returns/lives.ts). */
export interface ReturnUnit {
  kind: 'return-unit';
  uci: string;
  rma: string;
  reason: string;
  disposition: Disposition;
  note?: string;
  actor: string;
}

/**
 * Closes the return of a unit. If the unit is voided or scrapped, this command is not needed, because ending the unit
 * also closes the return.
 */
export interface CloseReturn {
  kind: 'close-return';
  uci: string;
  how: Exclude<ReturnEnd, 'scrapped' | 'void'>;
  note?: string;
  actor: string;
}

export interface Returned {
  uci: string;
  rma: string;
}

/**
 * The maximum number of times that a unit can be returned. The number is limited, because the unit's row contains all
 * its former lives. A device that is returned more often is on loan, or a script has made a mistake.
 */
export const MAX_RETURNS = 50;

export function returnUnit(seen: Seen, command: ReturnUnit): Decision<Returned> {
  const { uci, rma, reason, disposition, note, actor } = command;
  const unit = knownUnit(seen, uci);
  const open = openReturn(unit);
  const answer = { uci, rma };
  // If the same device is scanned again, it is not received a second time.
  if (open?.rma === rma && open.reason === reason && open.disposition === disposition) return { events: [], answer };
  refuseUnreturnable(seen, unit);
  const data = { rma, reason, disposition, ...(note === undefined ? {} : { note }) };
  // An arming or a queued print job belongs to the former life, so it is cancelled before the new life begins.
  return {
    events: [
      ...disarmEverywhere(seen, unit, actor, 'returned'),
      ...cancelWaiting(seen, unit, 'the unit was returned'),
      { type: 'returned', uci, actor, data },
    ],
    answer,
  };
}

export function closeReturn(seen: Seen, command: CloseReturn): Decision<Returned> {
  const { uci, how, note, actor } = command;
  const open = openReturn(knownUnit(seen, uci));
  if (open === undefined) throw refusal('return-closed', 'none', { unit: mask(uci) });
  const { rma } = open;
  const data = { rma, how, ...(note === undefined ? {} : { note }) };
  return { events: [{ type: 'return-closed', uci, actor, data }], answer: { uci, rma } };
}

function refuseUnreturnable(seen: Seen, unit: Unit): void {
  const { uci, facts, extra } = unit;
  const named = { unit: mask(uci) };
  if (isEnded(unit)) {
    throw refusal('unit-ended', 'notReturned', { ...named, state: phrase(facts.void ? 'void' : 'scrapped') });
  }
  if (facts.issued === undefined) throw refusal('not-returnable', 'noDevice', named);
  const open = openReturn(unit);
  if (open !== undefined) throw refusal('return-open', 'received', { ...named, rma: open.rma });
  if ((extra?.lives?.length ?? 0) >= MAX_RETURNS)
    throw refusal('not-returnable', 'tooOften', { ...named, max: MAX_RETURNS });
  const nest = seen.stations().find(({ slot }) => slot.state === 'open' && slot.uci === uci);
  if (nest) throw refusal('station-busy', 'open', { ...named, station: nest.name });
}

function knownUnit(seen: Seen, uci: string): Unit {
  const unit = seen.unit(uci);
  if (!unit) throw refusal('not-found', 'unit', { unit: mask(uci) });
  return unit;
}
