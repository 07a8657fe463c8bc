import type Database from 'better-sqlite3';
import type { UnitNumbers } from '../model/masking.ts';

/**
 * Looks up the Claim IDs that begin with one of the given texts, for a reader who sees only units of `products`. With
 * CROSS JOIN, SQLite looks up each text in the index of Claim IDs, and never reads all units.
 */
export function openUnitNumbers(
  db: Database.Database,
): (beginnings: string[], products: readonly string[]) => UnitNumbers {
  const numbers = db
    .prepare<[string, string], [string, number | null]>(
      `SELECT uci, CASE WHEN product.name IN (SELECT value FROM json_each(?)) THEN unit.id END
       FROM json_each(?) AS asked CROSS JOIN unit ON unit.uci >= asked.value AND unit.uci < asked.value || '~'
       JOIN product ON product.id = unit.product`,
    )
    .raw();
  return (beginnings, products) => new Map(numbers.all(JSON.stringify(products), JSON.stringify(beginnings)));
}
