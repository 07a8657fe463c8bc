import type { Happening } from '../../model/event.ts';
import { hashOfSet, type DrawnSet } from '../../model/labels/render-set.ts';
import type { Kept, Seen } from '../seen.ts';

/**
 * Returns the number of the set that a label was drawn with. If the ledger has no such set yet, also returns the event
 * that records it. `kept` has the contents that the ledger lacks.
 */
export function keepSet(
  seen: Pick<Seen, 'renderSet' | 'lastRenderSet' | 'hasLabelContent'>,
  { set, sample, contents = [] }: DrawnSet,
): { number: number; events: Happening[]; kept: Kept[] } {
  const kept = contents
    .filter(({ hash }) => !seen.hasLabelContent(hash))
    .map((content): Kept => ({ table: 'label-content', ...content }));
  const known = seen.renderSet(hashOfSet(set));
  if (known !== undefined) return { number: known, events: [], kept };
  const number = seen.lastRenderSet() + 1;
  const data = { number, ...set, ...(sample === undefined ? {} : { sample }) };
  return { number, events: [{ type: 'render-set', actor: 'system', data }], kept };
}
