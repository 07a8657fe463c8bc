import type { Approval } from '../../model/labels/saved-template.ts';
import type { TemplateCheck, TemplateUse } from '../../contract/labels.ts';
import { useOf } from '../../contract/labels/samples.ts';
import { inLanguage } from '../../platform/refusal-words.ts';
import type { Language } from '../../../words/sentence.ts';
import { outsideUses } from '../label-roles.ts';
import { present } from '../read-body.ts';
import { shownTime } from '../schemas.ts';
import { usesTemplate } from '../../model/labels/label-set.ts';
import type { Product } from '../../model/product.ts';
import type { Services } from '../services.ts';

/** Returns the products that use this template, and what they put on its labels. */
export async function usersOf({ ledger }: Services, name: string): Promise<{ products: Product[]; use: TemplateUse }> {
  const products = (await ledger.products()).filter((product) => usesTemplate(product, name));
  return { products, use: useOf(products) };
}

/** Adds the warnings of the label sets that use the template. */
export function withUses(check: TemplateCheck, products: Product[], language: Language): TemplateCheck {
  const uses = outsideUses(products, check).map((why) => inLanguage(why, language));
  return { ...check, warnings: [...check.warnings, ...uses] };
}

/** Returns when, by whom and why a revision was approved, or its approval was asked for. */
export function signed({ at, by, note }: Pick<Approval, 'at' | 'by' | 'note'>): {
  at: string;
  by: string;
  note?: string;
} {
  return { at: shownTime(at), by, ...present({ note }) };
}
