import type { Happening } from '../../model/event.ts';
import { hashOfSet, type DrawnSet } from '../../model/labels/render-set.ts';
import type { Kept, Seen } from '../seen.ts';

/**
 * Returns the number of the render set that a label was drawn with. If the ledger does not have this set yet, also
 * returns the event that records it. `kept` contains the set's fonts, logos and templates that the ledger does not have
 * yet.
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
