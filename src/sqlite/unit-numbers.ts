import type Database from 'better-sqlite3';
import type { UnitNumbers } from '../model/masking.ts';

/** Looks up which of the given Claim IDs are in the ledger, for a reader who sees only units of `products`. */
export function openUnitNumbers(db: Database.Database): (ucis: string[], products: readonly string[]) => UnitNumbers {
  const numbers = db
    .prepare<[string, string], [string, number | null]>(
      `SELECT uci, CASE WHEN product.name IN (SELECT value FROM json_each(?)) THEN unit.id END
       FROM json_each(?) AS asked JOIN unit ON unit.uci = asked.value JOIN product ON product.id = unit.product`,
    )
    .raw();
  return (ucis, products) => new Map(numbers.all(JSON.stringify(products), JSON.stringify(ucis)));
}
