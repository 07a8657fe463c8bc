import { keysOf, type First } from '../../decide/imports/check-units.ts';
import type { Import } from '../../decide/imports/import-units.ts';
import type { ImportedUnit } from '../../model/imports/imported-unit.ts';
import { openTurns } from '../../platform/turns.ts';

/**
 * The number of units in one part. An import that has no more units than this is recorded by a single command. A part
 * takes about 4 ms, and agents have to wait during this time.
 */
export const PART = 25;

export interface Part extends Pick<Import, 'units' | 'taken'> {
  isLast: boolean;
}

/**
 * Divides the units of an import into parts. Each part lists the keys that its units share with units of earlier parts.
 */
export function* partsOf(units: ImportedUnit[]): Generator<Part> {
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
  }
}

/**
 * Returns the first unit of each combination of product and work order. Pauses now and then, so that agents get
 * answers.
 */
export async function namedBy(units: ImportedUnit[]): Promise<Pick<ImportedUnit, 'place' | 'product' | 'workOrder'>[]> {
  const turn = openTurns();
  const named = new Map<string, Pick<ImportedUnit, 'place' | 'product' | 'workOrder'>>();
  for (const { place, product, workOrder } of units) {
    const name = `${product}\n${workOrder ?? ''}`;
    if (!named.has(name)) named.set(name, { place, product, ...(workOrder === undefined ? {} : { workOrder }) });
    await turn();
  }
  return [...named.values()];
}
