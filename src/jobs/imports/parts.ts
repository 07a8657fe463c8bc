import { setImmediate as turn } from 'node:timers/promises';
import { keysOf, type First } from '../../decide/imports/check-units.ts';
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
  const firsts = new Map<string, First>();
  for (let from = 0; from < units.length; from += PART) {
    const part = units.slice(from, from + PART);
    const taken = new Map<string, First>();
    const added: [string, First][] = [];
    for (const unit of part)
      for (const key of keysOf(unit)) {
        const first = firsts.get(key);
        if (first === undefined) added.push([key, { place: unit.place, product: unit.product }]);
        else taken.set(key, first);
      }
    for (const [key, first] of added) if (!firsts.has(key)) firsts.set(key, first);
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
