import type Database from 'better-sqlite3';
import type { UnitNumbers } from '../model/masking.ts';

/**
 * Looks up the Claim IDs that begin with one of the given texts. The reader may see either only units of `products`, or
 * all units. Because of CROSS JOIN, SQLite looks up each text in the index of Claim IDs, and never reads all units.
 */
export function openUnitNumbers(
  db: Database.Database,
): (beginnings: string[], products: readonly string[] | 'all') => UnitNumbers {
  const numbers = (shown: string) =>
    db
      .prepare<[{ products?: string; beginnings: string }], [string, number | null]>(
        `SELECT uci, ${shown}
         FROM json_each(@beginnings) AS asked CROSS JOIN unit ON unit.uci >= asked.value AND unit.uci < asked.value || '~'
         JOIN product ON product.id = unit.product`,
      )
      .raw();
  const ofAll = numbers('unit.id');
  const ofSome = numbers('CASE WHEN product.name IN (SELECT value FROM json_each(@products)) THEN unit.id END');
  return (beginnings, products) => {
    const asked = { beginnings: JSON.stringify(beginnings) };
    return new Map(
      products === 'all' ? ofAll.all(asked) : ofSome.all({ ...asked, products: JSON.stringify(products) }),
    );
  };
}
