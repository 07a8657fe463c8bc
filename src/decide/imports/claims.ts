import { identityClaim, serialClaim, uciClaim, type Claim, type Importing } from '../../model/imports/importing.ts';
import { refusal } from '../../platform/error.ts';
import type { Seen } from '../seen.ts';

/** Returns the unfinished import, if there is one. */
export function running(seen: Pick<Seen, 'importing'>): Importing | undefined {
  const row = seen.importing();
  return row?.ended === undefined ? row : undefined;
}

/**
 * Returns look-ups for a command that may run during an import. If the command looks up a value that the import has
 * claimed, the look-up throws `importing`, because the command would otherwise take this value. Soon afterwards, the
 * import has either recorded the unit or dropped the claim. If no import is running, returns the look-ups unchanged.
 */
export function besideImport(seen: Seen): Seen {
  if (running(seen) === undefined) return seen;
  const unclaimed = (claim: Claim): void => {
    if (seen.claimed(claim)) throw refusal('importing', 'unit');
  };
  return {
    ...seen,
    unit(uci) {
      const unit = seen.unit(uci);
      if (unit === undefined) unclaimed(uciClaim(uci));
      return unit;
    },
    unitBySerial(product, serial) {
      const unit = seen.unitBySerial(product, serial);
      if (unit === undefined) unclaimed(serialClaim(product, serial));
      return unit;
    },
    unitsByIdentity(product, one) {
      const units = seen.unitsByIdentity(product, one);
      // A look-up across all products only reads codes and never chooses a value for a unit, so it needs no check.
      if (units.length === 0 && product !== undefined) unclaimed(identityClaim(product, one));
      return units;
    },
  };
}

/** Throws while an import is recording units for this work order. */
export function refuseImportingOrder(seen: Seen, workOrder: string): void {
  if (running(seen)?.workOrders?.includes(workOrder)) throw refusal('importing', 'workOrder', { workOrder });
}

/** Throws while an import is recording units of this product. */
export function refuseImportingProduct(seen: Seen, product: string): void {
  if (running(seen)?.products?.includes(product)) throw refusal('importing', 'product', { product });
}
