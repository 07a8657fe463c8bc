import { labelSetOf, unprovenRoles } from '../../model/labels/label-set.ts';
import type { Unit } from '../../model/unit.ts';
import type { Seen } from '../seen.ts';
import type { Scan } from './codes.ts';

/* Products whose units have several labels. */

export function hasSeveral(seen: Seen, { product }: Unit): boolean {
  return labelSetOf(seen.product(product) ?? {}).length > 1;
}

/**
 * Returns the roles of the labels that must also be scanned. A scan of the device's own code does not count as a scan
 * of a label.
 */
export function missingLabels(seen: Seen, { product }: Unit, scans: Scan[]): string[] {
  const codes = scans.map(({ meaning }) => ({
    isClaimId: 'claimId' in meaning,
    ...('role' in meaning && meaning.role !== undefined ? { role: meaning.role } : {}),
  }));
  return unprovenRoles(seen.product(product) ?? {}, codes);
}
