import type { TemplateCheck } from '../contract/labels.ts';
import { splitPool } from '../model/pools/pool.ts';
import { isCode, refusal } from '../platform/error.ts';

/**
 * The settings that a device code depends on. The values in a patch are not checked yet, so they can be of any type.
 */
interface CodeSettings {
  deviceCode?: unknown;
  label?: unknown;
}

/**
 * Refuses a pool whose property is not an identity property, because neither a device nor a scan could name a unit by a
 * number of this pool. A pool that is not valid is refused later.
 */
export function refuseUnknownPools(properties: string[], { pools }: { pools?: unknown }): void {
  for (const pool of Array.isArray(pools) ? pools : []) {
    const property = typeof pool === 'string' ? splitPool(pool).property : '';
    if (property === '' || properties.includes(property)) continue;
    throw refusal('pool-wrong', 'notIdentity', { property, properties: properties.join(', ') });
  }
}

/**
 * Refuses a device code that proves nothing. This is the case if units cannot be found by the code's property, or if
 * the product's label shows the property. If the label's template is missing or invalid, the label counts as showing
 * nothing.
 */
export async function refuseUnfitCode(
  check: (template?: string) => Promise<Pick<TemplateCheck, 'name' | 'prints'>>,
  properties: string[],
  { deviceCode: property, label }: CodeSettings,
): Promise<void> {
  if (typeof property !== 'string') return;
  if (!properties.includes(property))
    throw refusal('device-code-needed', 'notIdentity', { property, properties: properties.join(', ') });
  const template = await check(typeof label === 'string' ? label : undefined).catch((error: unknown) => {
    if (isCode(error, 'not-found') || isCode(error, 'template-wrong')) return undefined;
    throw error;
  });
  const isPrinted = [property, `attributes.${property}`, `pool.${property}`].some((field) =>
    template?.prints.includes(field),
  );
  if (isPrinted) throw refusal('device-code-needed', 'printed', { property, template: template?.name ?? '' });
}
