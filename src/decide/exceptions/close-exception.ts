import { mask } from '../../model/claim-id.ts';
import { exceptionsOf } from '../../model/exceptions/exception.ts';
import type { ExceptionKind } from '../../model/exceptions/kinds.ts';
import { refusal } from '../../platform/error.ts';
import { defined } from '../../platform/own.ts';
import type { Decision, Seen } from '../seen.ts';

/** A person investigated a unit's exception, and writes down what was found and done. */
export interface CloseException {
  kind: 'close-exception';
  uci: string;
  exception: ExceptionKind;
  note: string;
  actor: string;
}

export interface Closed {
  uci: string;
  kind: ExceptionKind;
}

export function closeException(seen: Seen, { uci, exception, note, actor }: CloseException): Decision<Closed> {
  const unit = seen.unit(uci);
  if (!unit) throw refusal('not-found', 'unit', { unit: mask(uci) });
  const open = exceptionsOf(unit, defined(seen.product(unit.product)));
  if (!open.includes(exception)) throw refusal('no-exception', 'open', { unit: mask(uci), kind: exception });
  return {
    events: [{ type: 'exception-closed', uci, actor, data: { kind: exception, note } }],
    answer: { uci, kind: exception },
  };
}
