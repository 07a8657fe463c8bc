/** The hexadecimal digits of a MAC or EUI-64, as `identityKey` in model/body.ts makes them from the value. */
const DIGITS = `replace(replace(replace(replace(value, ':', ''), '-', ''), '.', ''), ' ', '')`;

/**
 * The table, with the index that a condition `hasKey` needs. Without this name, SQLite would use the primary key, and
 * read all identities of the product: each request of a device would take longer with each unit.
 */
export const IDENTITY_BY_KEY = 'identity INDEXED BY identity_key';

/**
 * The condition for identity values that have these digits. The condition contains the same expressions as the index
 * (migrations/sqlite/0019_identity_key.sql).
 */
export function hasKey(key: string): string {
  return `property NOT IN ('serial', 'uid') AND length(${DIGITS}) IN (12, 16) AND lower(${DIGITS}) = ${key}`;
}

/** The condition for identity values whose digits are in a range. It uses the same index. */
export function keyBegins(from: string, to: string): string {
  return `property NOT IN ('serial', 'uid') AND length(${DIGITS}) IN (12, 16) AND lower(${DIGITS}) >= ${from} AND lower(${DIGITS}) < ${to}`;
}
