import { refusal } from '../../platform/error.ts';
import { mask } from '../../model/claim-id.ts';
import { MAX_PROCEDURES, type TestResult } from '../../model/shipping/test-result.ts';
import { isEnded } from '../../model/unit.ts';
import { phrase } from '../../platform/refusal-words.ts';
import type { Decision, Seen } from '../seen.ts';

/** A tester reports the result of a test. If there are several results, the last one recorded is valid. */
export interface NoteResult {
  kind: 'note-result';
  uci: string;
  result: TestResult;
  actor: string;
}

export function noteResult(seen: Seen, { uci, result, actor }: NoteResult): Decision<{ uci: string }> {
  const unit = seen.unit(uci);
  if (unit === undefined) throw refusal('not-found', 'unit', { unit: mask(uci) });
  if (isEnded(unit)) {
    const state = phrase(unit.facts.void === undefined ? 'scrapped' : 'void');
    throw refusal('unit-ended', 'already', { unit: mask(uci), state });
  }
  const tests = Object.keys(unit.extra?.tests ?? {});
  if (tests.length >= MAX_PROCEDURES && !tests.includes(result.procedure))
    throw refusal('too-many-procedures', 'unit', { unit: mask(uci), max: MAX_PROCEDURES });
  return { events: [{ type: 'tested', uci, actor, data: result }], answer: { uci } };
}
