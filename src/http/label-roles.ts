import type { TemplateCheck } from '../contract/labels.ts';
import { isInside, labelSetOf, needsMark, type LabelSettings, type ProductLabel } from '../model/labels/label-set.ts';
import { DEFAULT_TEMPLATE } from '../model/labels/saved-template.ts';
import { refusal } from '../platform/error.ts';
import { phrase, type Words } from '../platform/refusal-words.ts';

/* Checks the templates of a product's label set. */

interface LabelSet {
  id: string;
  label?: string | undefined;
  labels?: { [role: string]: LabelSettings } | undefined;
}

type Check = Pick<TemplateCheck, 'secret' | 'marked'>;

/** Refuses a label set whose templates are missing, show a secret that they must not show, or cannot be told apart. */
export async function refuseUnfitRoles(
  product: LabelSet,
  names: () => Promise<string[]>,
  checkOf: (template?: string) => Promise<Check>,
): Promise<void> {
  if (product.labels === undefined) return;
  const known = await names();
  for (const label of labelSetOf(product)) {
    const { template } = label;
    if (template !== undefined && !known.includes(template))
      throw refusal('template-wrong', 'missing', { template, names: known.join(', ') });
    refuseUnfit(product, label, await checkOf(template));
  }
}

/** Refuses a template that does not fit the labels of these products. */
export function refuseUnfitUse(products: LabelSet[], template: string, check: Check): void {
  for (const product of products)
    for (const label of labelSetOf(product))
      if ((label.template ?? DEFAULT_TEMPLATE) === template) refuseUnfit(product, label, check);
}

/**
 * Returns a warning for each label that shows a secret, unless its role or its template's role says that the label is
 * on the device or inside the box. `roleOf` returns the role that a template names.
 */
export async function outsideWarnings(
  product: LabelSet,
  roleOf: (template: string) => Promise<string | undefined>,
): Promise<Words[]> {
  const warnings: Words[] = [];
  for (const { role, secret, template = DEFAULT_TEMPLATE } of labelSetOf(product))
    if (secret && !isInside(role) && !isInside((await roleOf(template)) ?? ''))
      warnings.push(phrase('secret-outside', { role, template }));
  return warnings;
}

/**
 * Returns the warnings for a template in the label sets of these products, each with its product. Returns none for a
 * template that has a role, because the check of the template itself then warns.
 */
export function outsideUses(
  products: LabelSet[],
  { name, role }: { name: string; role?: string | undefined },
): Words[] {
  if (role !== undefined) return [];
  return products.flatMap((product) =>
    labelSetOf(product)
      .filter((label) => label.secret && !isInside(label.role) && label.template === name)
      .map((label) =>
        phrase('place', {
          place: product.id,
          why: phrase('secret-outside', { role: label.role, template: name }),
        }),
      ),
  );
}

function refuseUnfit(product: LabelSet, label: ProductLabel, { secret, marked }: Check): void {
  if (product.labels === undefined) return;
  const { role, template = DEFAULT_TEMPLATE } = label;
  if (secret && !label.secret) throw refusal('template-wrong', 'secretRole', { template, role });
  const isKnown = marked || (secret && !needsMark(product, label));
  if (label.release && labelSetOf(product).length > 1 && !isKnown)
    throw refusal('template-wrong', 'unmarkedRole', { template, role, example: '{serial} {role}' });
}
