/** The hexadecimal digits of a MAC or EUI-64, as `identityKey` in model/body.ts makes them from the value. */
function digitsOf(value: string): string {
  return `replace(replace(replace(replace(${value}, ':', ''), '-', ''), '.', ''), ' ', '')`;
}
const DIGITS = digitsOf('value');
const IS_KEYED = `property NOT IN ('serial', 'uid')`;

const SEPARATED = `replace(replace(replace(value, '-', ':'), '.', ':'), ' ', ':')`;
const SEPARATORS = `length(value) - length(${DIGITS})`;

/**
 * The condition for MACs and EUI-64s in which a byte has only one digit, such as `a4:c1:38:aa:0:1`. With two digits for
 * each byte, a MAC has 17 characters, and an EUI-64 has 23. The index `identity_short`
 * (migrations/sqlite/0037_identity_short.sql) has only these values, which few ledgers have.
 */
const IS_SHORT = `${IS_KEYED} AND (length(value) BETWEEN 11 AND 16 AND ${SEPARATORS} = 5
    OR length(value) BETWEEN 15 AND 22 AND ${SEPARATORS} = 7) AND instr(':' || ${SEPARATED} || ':', '::') = 0`;

/**
 * The digits of such a value, with the missing zeros. Each separator is doubled, so that two adjacent ones are both
 * found.
 */
const PADDED = Array.from('0123456789abcdef').reduce(
  (padded, digit) => `replace(${padded}, ':${digit}:', ':0${digit}:')`,
  `':' || replace(lower(${SEPARATED}), ':', '::') || ':'`,
);
const SHORT_CODE = `replace(${PADDED}, ':', '')`;

/** The expression that the index uses (migrations/sqlite/0023_identity_code.sql). */
const CODE = `CASE WHEN ${IS_KEYED} AND length(${DIGITS}) IN (12, 16) THEN lower(${DIGITS}) ELSE value END`;

/**
 * The table, with the index that the conditions below need. If the statement did not name it, SQLite would use the
 * primary key and read all identities of the product, so that each device request would take longer with each unit.
 */
export const IDENTITY_BY_CODE = 'identity INDEXED BY identity_code';

/** The condition for this value in exactly this spelling. */
export function hasValue(value: string): string {
  return `${CODE} IN (${value}, lower(${digitsOf(value)})) AND value = ${value}`;
}

/**
 * Finds MACs and EUI-64s that consist of these digits. `condition` limits the properties, and may limit the products.
 */
export function selectByKey(columns: string, condition: string, key: string): string {
  return `SELECT ${columns} FROM ${IDENTITY_BY_CODE} WHERE ${condition} AND ${IS_KEYED} AND ${CODE} = ${key} AND NOT (${IS_SHORT})
    UNION ALL SELECT ${columns} FROM identity INDEXED BY identity_short
    WHERE ${condition} AND ${IS_SHORT} AND ${SHORT_CODE} = ${key}`;
}

/** The condition for MACs and EUI-64s whose digits are in a range. */
export function keyBegins(from: string, to: string): string {
  return `${IS_KEYED} AND length(${DIGITS}) IN (12, 16) AND ${CODE} >= ${from} AND ${CODE} < ${to}`;
}
