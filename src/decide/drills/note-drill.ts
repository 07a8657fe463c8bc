import type { DrillKind, DrillOutcome } from '../../model/event-data.ts';
import type { Decision, Seen } from '../seen.ts';

/**
 * Records that people held a drill. The drill itself runs on a copy of the ledger. This event is the only record of the
 * drill in the ledger itself.
 */
export interface NoteDrill {
  kind: 'note-drill';
  drill: DrillKind;
  outcome: DrillOutcome;
  seconds: number;
  /** The people who took part. */
  people?: string;
  note?: string;
  actor: string;
}

export function noteDrill(
  _seen: Seen,
  { kind: _kind, actor, ...data }: NoteDrill,
  at: number,
): Decision<{ at: number }> {
  return { events: [{ type: 'drill-held', actor, data }], answer: { at } };
}
