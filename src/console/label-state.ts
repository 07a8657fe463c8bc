import type { Answer } from '../http/client.ts';
import { DEFAULT_TEMPLATE } from '../model/labels/saved-template.ts';
import type { LABELS } from '../../words/console/labels.ts';
import type { ShapeName } from './icons.tsx';
import type { PageContext } from './pages.tsx';

/* Functions that tell which revision of a label template is printed. */

export type Revision = Answer<'GET /v1/label-templates/{name}/revisions'>['revisions'][number];
export type Product = Answer<'GET /v1/products'>['products'][number];

/** The event that makes the parts about revisions reload. */
export const CHANGED = 'revisions-changed';

/** The number of revisions that the editor shows. */
const ROWS_IN_EDITOR = 6;

export const person = (actor: string): string => actor.replace(/^person:/, '');

export async function productsWith(page: PageContext, name: string): Promise<Product[]> {
  const { products } = await page.call('GET /v1/products');
  return products.filter(({ label }) => (label ?? DEFAULT_TEMPLATE) === name);
}

/** Returns the approved revision with the highest number. */
async function approvedOf(page: PageContext, name: string): Promise<number | undefined> {
  const { approved } = await page.call('GET /v1/label-templates/{name}/approvals', { params: { name } });
  return approved[0]?.revision;
}

export interface State {
  newest: number;
  approved: number | undefined;
  products: Product[];
}

/**
 * Returns the status of a revision as a shape and words. Products print the newest revision or, if they print only
 * approved revisions, the approved one.
 */
export function statusOf(
  { revision, approved, asked }: Revision,
  state: State,
): { shape: ShapeName; words: keyof Words } {
  const isPrinted = state.products.some((product) => product.approval === true && product.stopLabels !== true);
  if (revision === state.approved) return { shape: 'good', words: isPrinted ? 'approvedPrints' : 'approvedNow' };
  if (asked !== undefined) return { shape: 'half', words: 'waits' };
  if (approved !== undefined) return { shape: 'idle', words: 'approvedBefore' };
  if (revision < state.newest) return { shape: 'idle', words: 'earlier' };
  const isUsed = state.products.some((product) => product.approval !== true && product.stopLabels !== true);
  return isUsed ? { shape: 'good', words: 'printsNewest' } : { shape: 'half', words: 'draftNewest' };
}
type Words = (typeof LABELS)['en'];

export async function stateOf(page: PageContext, name: string): Promise<State & { revisions: Revision[] }> {
  const revisions = await page.call('GET /v1/label-templates/{name}/revisions', {
    params: { name },
    query: { limit: ROWS_IN_EDITOR },
  });
  const [approved, products] = await Promise.all([approvedOf(page, name), productsWith(page, name)]);
  return { ...revisions, newest: revisions.revisions[0]?.revision ?? 0, approved, products };
}
