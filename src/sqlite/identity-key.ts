/** The hexadecimal digits of a MAC or EUI-64, as `identityKey` in model/body.ts makes them from the value. */
function digitsOf(value: string): string {
  return `replace(replace(replace(replace(${value}, ':', ''), '-', ''), '.', ''), ' ', '')`;
}
const DIGITS = digitsOf('value');
const IS_KEYED = `property NOT IN ('serial', 'uid')`;

/** The expression of the index (migrations/sqlite/0023_identity_code.sql). */
const CODE = `CASE WHEN ${IS_KEYED} AND length(${DIGITS}) IN (12, 16) THEN lower(${DIGITS}) ELSE value END`;

/**
 * The table, with the index that the conditions below need. Without this name, SQLite would use the primary key, and
 * read all identities of the product: each request of a device would take longer with each unit.
 */
export const IDENTITY_BY_CODE = 'identity INDEXED BY identity_code';

/** The condition for this value, in the same spelling. */
export function hasValue(value: string): string {
  return `${CODE} IN (${value}, lower(${digitsOf(value)})) AND value = ${value}`;
}

/** The condition for MACs and EUI-64s that have these digits. */
export function hasKey(key: string): string {
  return `${IS_KEYED} AND ${CODE} = ${key}`;
}

/** The condition for MACs and EUI-64s whose digits are in a range. */
export function keyBegins(from: string, to: string): string {
  return `${IS_KEYED} AND length(${DIGITS}) IN (12, 16) AND ${CODE} >= ${from} AND ${CODE} < ${to}`;
}
