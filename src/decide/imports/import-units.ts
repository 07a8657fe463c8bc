import type { UnitData } from '../../model/event-data.ts';
import type { Happening } from '../../model/event.ts';
import type { ImportedUnit } from '../../model/imports/imported-unit.ts';
import type { AtSite } from '../new-unit.ts';
import { isInPool } from '../pools/draw.ts';
import type { Decision, Seen } from '../seen.ts';
import { checkUnits, isVoid, type UnitsToCheck } from './check-units.ts';

/**
 * The maximum number of units in an import. All units of an import are in one request, and stay in memory until they
 * are imported.
 */
export const MAX_IMPORT = 20_000;

/** An import that is recorded at once. Larger imports are recorded in parts (import-parts.ts). */
export interface Import extends AtSite, UnitsToCheck {
  kind: 'import';
  as: 'issued' | 'reserved';
  /** If true, the import is only checked, and nothing changes. */
  check?: true | undefined;
}

export interface Imported {
  imported: number;
}

/** Imports all units of a file. If one line of the file has a problem, imports nothing and returns the problems. */
export function importUnits(seen: Seen, command: Import): Decision<Imported> {
  const { problems, added } = checkUnits(seen, command);
  problems.refuse();
  if (command.check) return { events: [], answer: { imported: 0 } };
  const { units, as, actor } = command;
  const inOrder = [...units.filter(isVoid), ...units.filter((unit) => !isVoid(unit))];
  const events = inOrder.flatMap((unit) => importedEvents(seen, unit, as, actor));
  return { events: [...added, ...events], answer: { imported: units.length } };
}

export function importedEvents(seen: Seen, unit: ImportedUnit, asAll: Import['as'], actor: string): Happening[] {
  const { uci, reservation, workOrder, ends = [] } = unit;
  const as = unit.as ?? asAll;
  const roll: UnitData = { imported: true, ...(reservation === undefined ? {} : { reservation }) };
  const data: UnitData = as === 'reserved' ? roll : { imported: true };
  if (unit.attributes === undefined) data.product = unit.product;
  if (unit.serial !== undefined) data.serial = unit.serial;
  if (unit.identity.length > 0) data.identity = unit.identity.map(([property]) => property);
  if (isInPool(seen.product(unit.product) ?? {}, unit.identity)) data.inPool = true;
  const event: Happening<'issued' | 'reserved'> = { type: as, uci, actor, data };
  if (unit.attributes !== undefined) event.attributes = unit.attributes;
  if (as === 'issued' && workOrder !== undefined) event.workOrder = workOrder;
  const events: Happening[] = [event];
  // A unit of a roll is reserved first, and issued when a device gets it.
  if (as === 'issued' && reservation !== undefined)
    events.unshift({ type: 'reserved', uci, actor, data: { ...roll, product: unit.product } });
  for (const { type, ...end } of ends) events.push({ type, uci, actor, data: end });
  return events;
}
