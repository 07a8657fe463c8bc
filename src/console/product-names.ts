import type { PageContext } from './pages.tsx';

/** Returns the id and the name of each product, for choices and lists. A product without a name is shown by its id. */
export async function productNames({ call }: Pick<PageContext, 'call'>): Promise<[id: string, name: string][]> {
  return (await call('GET /v1/products')).products.map(({ id, name }) => [id, name ?? id]);
}
