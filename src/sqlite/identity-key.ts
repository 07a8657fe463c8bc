import type Database from 'better-sqlite3';
import { NEVER_MACS, spelledKey } from '../model/identity/spelling.ts';

/**
 * Returns the hexadecimal digits of a MAC or EUI-64, in the same way as `completeKey` in model/identity/spelling.ts.
 */
function digitsOf(value: string): string {
  return `replace(replace(replace(replace(${value}, ':', ''), '-', ''), '.', ''), ' ', '')`;
}
const DIGITS = digitsOf('value');
const IS_KEYED = `property NOT IN ('serial', 'uid')`;

/** The expression that the index is made of (migrations/sqlite/0023_identity_code.sql). */
export const CODE = `CASE WHEN ${IS_KEYED} AND length(${DIGITS}) IN (12, 16) THEN lower(${DIGITS}) ELSE value END`;

/** Returns the text that stands for this value in the index. The expression `CODE` computes the same text. */
export function codeOf(property: string, value: string): string {
  const digits = value.replaceAll(/[:\-. ]/g, '');
  return NEVER_MACS.includes(property) || ![12, 16].includes(digits.length) ? value : digits.toLowerCase();
}

/**
 * The table together with the index that the conditions below need. If the index were not named, SQLite would use the
 * primary key and read all identities of the product. The more units there are, the longer each request of a device
 * would then take.
 */
export const IDENTITY_BY_CODE = 'identity INDEXED BY identity_code';

/** Returns the condition for this value in exactly this spelling. */
export function hasValue(value: string): string {
  return `${CODE} IN (${value}, lower(${digitsOf(value)})) AND value = ${value}`;
}

/**
 * Returns a statement that finds MACs and EUI-64s with these digits. `condition` restricts the properties, and in some
 * calls also the products.
 */
export function selectByKey(columns: string, condition: string, key: string): string {
  return `SELECT ${columns} FROM ${IDENTITY_BY_CODE} WHERE ${condition} AND ${IS_KEYED} AND ${CODE} = ${key}
      AND NOT EXISTS (SELECT 1 FROM identity_spelling AS other WHERE other.unit = identity.unit AND other.property = identity.property)
    UNION ALL SELECT ${columns} FROM identity_spelling CROSS JOIN identity USING (unit, property)
    WHERE ${condition} AND key = ${key}`;
}

/** Returns the condition for MACs and EUI-64s whose digits are in a range. */
export function keyBegins(from: string, to: string): string {
  return `${IS_KEYED} AND length(${DIGITS}) IN (12, 16) AND ${CODE} >= ${from} AND ${CODE} < ${to}`;
}

/** Adds the function that migrations and checks use to find the spellings that the index does not contain. */
export function addSpelledKey(db: Database.Database): void {
  db.function('spelled_key', { deterministic: true }, (property: unknown, value: unknown) =>
    typeof property === 'string' && typeof value === 'string' ? (spelledKey(property, value) ?? null) : null,
  );
}

/** The rows that `identity_spelling` must have. Also used by migrations/sqlite/0042_identity_spelling.sql. */
const SPELLINGS = `SELECT unit, property, spelled_key(property, value) AS key FROM identity
  WHERE ${IS_KEYED} AND spelled_key(property, value) IS NOT NULL`;

/** Returns how many rows of `identity_spelling` are missing or do not belong in it. */
export function wrongSpellings(db: Database.Database): number {
  addSpelledKey(db);
  const stored = `SELECT unit, property, key FROM identity_spelling`;
  const [lacks, extra] = [
    [SPELLINGS, stored],
    [stored, SPELLINGS],
  ].map(([one, other]) => db.prepare<[], number>(`SELECT count(*) FROM (${one} EXCEPT ${other})`).pluck().get());
  return (lacks ?? 0) + (extra ?? 0);
}
