import { setImmediate as turn } from 'node:timers/promises';
import { keysOf } from '../../decide/imports/check-units.ts';
import type { Import } from '../../decide/imports/import-units.ts';
import type { ImportedUnit } from '../../model/imports/imported-unit.ts';

/**
 * The number of units in a part. An import of at most this many units is one command. A part takes about 5 ms, and
 * agents wait as long.
 */
export const PART = 100;

export interface Part extends Pick<Import, 'units' | 'taken'> {
  isLast: boolean;
}

/**
 * Divides the units of an import into parts. Each part names what its units have in common with units of earlier parts.
 * Between the parts, agents are served.
 */
export async function* partsOf(units: ImportedUnit[]): AsyncGenerator<Part> {
  const places = new Map<string, string>();
  for (let from = 0; from < units.length; from += PART) {
    const part = units.slice(from, from + PART);
    const taken = new Map<string, string>();
    const added: [string, string][] = [];
    for (const unit of part)
      for (const key of keysOf(unit)) {
        const place = places.get(key);
        if (place === undefined) added.push([key, unit.place]);
        else taken.set(key, place);
      }
    for (const [key, place] of added) if (!places.has(key)) places.set(key, place);
    yield { units: part, taken: [...taken], isLast: from + PART >= units.length };
    await turn();
  }
}

/** Returns one unit for each product and work order that the units name. */
export function namedBy(units: ImportedUnit[]): Pick<ImportedUnit, 'place' | 'product' | 'workOrder'>[] {
  const named = new Map(units.toReversed().map((unit) => [`${unit.product}\n${unit.workOrder ?? ''}`, unit]));
  return [...named.values()]
    .toReversed()
    .map(({ place, product, workOrder }) => ({ place, product, ...(workOrder === undefined ? {} : { workOrder }) }));
}
