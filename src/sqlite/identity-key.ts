/** Returns the hexadecimal digits of a MAC or EUI-64, in the same way as `identityKey` in model/body.ts. */
function digitsOf(value: string): string {
  return `replace(replace(replace(replace(${value}, ':', ''), '-', ''), '.', ''), ' ', '')`;
}
const DIGITS = digitsOf('value');
const IS_KEYED = `property NOT IN ('serial', 'uid')`;

const SEPARATED = `replace(replace(replace(value, '-', ':'), '.', ':'), ' ', ':')`;
const SEPARATORS = `length(value) - length(${DIGITS})`;

/**
 * The condition for MACs and EUI-64s that contain a byte with only one digit, such as `a4:c1:38:aa:0:1`. If all bytes
 * had two digits, a MAC would have 17 characters and an EUI-64 would have 23. The index `identity_short`
 * (migrations/sqlite/0037_identity_short.sql) contains only such values. Few ledgers have any.
 */
const IS_SHORT = `${IS_KEYED} AND (length(value) BETWEEN 11 AND 16 AND ${SEPARATORS} = 5
    OR length(value) BETWEEN 15 AND 22 AND ${SEPARATORS} = 7) AND instr(':' || ${SEPARATED} || ':', '::') = 0`;

/**
 * The digits of such a value, with the missing zeros added. Each separator is doubled first, so that two bytes in a row
 * with one digit are both found.
 */
const PADDED = Array.from('0123456789abcdef').reduce(
  (padded, digit) => `replace(${padded}, ':${digit}:', ':0${digit}:')`,
  `':' || replace(lower(${SEPARATED}), ':', '::') || ':'`,
);
const SHORT_CODE = `replace(${PADDED}, ':', '')`;

/** The expression that the index is made of (migrations/sqlite/0023_identity_code.sql). */
const CODE = `CASE WHEN ${IS_KEYED} AND length(${DIGITS}) IN (12, 16) THEN lower(${DIGITS}) ELSE value END`;

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
  return `SELECT ${columns} FROM ${IDENTITY_BY_CODE} WHERE ${condition} AND ${IS_KEYED} AND ${CODE} = ${key} AND NOT (${IS_SHORT})
    UNION ALL SELECT ${columns} FROM identity INDEXED BY identity_short
    WHERE ${condition} AND ${IS_SHORT} AND ${SHORT_CODE} = ${key}`;
}

/** Returns the condition for MACs and EUI-64s whose digits are in a range. */
export function keyBegins(from: string, to: string): string {
  return `${IS_KEYED} AND length(${DIGITS}) IN (12, 16) AND ${CODE} >= ${from} AND ${CODE} < ${to}`;
}
