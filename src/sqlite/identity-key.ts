/** The hexadecimal digits of a MAC or EUI-64, as `identityKey` in model/body.ts makes them from the value. */
const DIGITS = `replace(replace(replace(replace(value, ':', ''), '-', ''), '.', ''), ' ', '')`;

/**
 * The condition for identity values that have these digits. SQLite uses the index `identity_key`, because the condition
 * contains the same expressions as the index (migrations/sqlite/0019_identity_key.sql).
 */
export function hasKey(key: string): string {
  return `property NOT IN ('serial', 'uid') AND length(${DIGITS}) IN (12, 16) AND lower(${DIGITS}) = ${key}`;
}
