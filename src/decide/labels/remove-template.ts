import { refusal } from '../../platform/error.ts';
import { isRemoved } from '../../model/labels/saved-template.ts';
import { usesTemplate } from '../../model/labels/label-set.ts';
import type { Decision, Seen } from '../seen.ts';

/** Removes a label template that was saved in the ledger. */
export interface RemoveTemplate {
  kind: 'remove-template';
  name: string;
  actor: string;
}

/**
 * Removes a template if no product uses it. Its revisions stay in the ledger, because labels were printed with them. If
 * a template with this name is saved later, its revision numbers continue after these.
 */
export function removeTemplate(seen: Seen, { name, actor }: RemoveTemplate): Decision<null> {
  const newest = seen.template(name);
  if (newest === undefined || isRemoved(newest)) throw refusal('not-found', 'savedTemplate', { template: name });
  const users = seen.products().filter((product) => usesTemplate(product, name));
  if (users.length > 0)
    throw refusal('template-in-use', 'products', { template: name, products: users.map(({ id }) => id).join(', ') });
  return {
    events: [{ type: 'template-removed', actor, data: { name, revision: newest.revision + 1 } }],
    answer: null,
  };
}
