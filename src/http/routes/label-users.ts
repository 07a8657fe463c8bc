import type { Approval } from '../../model/labels/saved-template.ts';
import { present } from '../read-body.ts';
import { shownTime } from '../schemas.ts';
import { usesTemplate } from '../../model/labels/label-set.ts';
import type { Product } from '../../model/product.ts';
import type { Services } from '../services.ts';

/** Returns the products that use this template, and their logos. */
export async function usersOf({ ledger }: Services, name: string): Promise<{ products: Product[]; logos: string[] }> {
  const products = (await ledger.products()).filter((product) => usesTemplate(product, name));
  return { products, logos: [...new Set(products.flatMap(({ logo }) => logo ?? []))] };
}

/** Returns who approved or asked, when, and why. */
export function signed({ at, by, note }: Pick<Approval, 'at' | 'by' | 'note'>): {
  at: string;
  by: string;
  note?: string;
} {
  return { at: shownTime(at), by, ...present({ note }) };
}
