import type Database from 'better-sqlite3';
import { scannedKey } from '../model/identity/spelling.ts';
import type { IdentityValue } from '../model/scan/known.ts';
import type { Seen } from '../decide/seen.ts';
import { hasValue, IDENTITY_BY_CODE, keyBegins, selectByKey } from './identity-key.ts';

/**
 * The maximum number of S/Ns and identity values that a scan is compared with. Two would be enough to see that a scan
 * is ambiguous.
 */
const MAX_FOUND = 4;

/**
 * How many of the newest units to search for an example S/N of each product. SQLite reads this many in about a
 * millisecond.
 */
const MAX_SAMPLED = 2000;

/**
 * Look-ups for the codes that a scanner sent. The indexes of these look-ups are made in migrations/sqlite/0023 and
 * 0036.
 */
export function openScanCodes(db: Database.Database): Seen['codes'] {
  const byUci = db.prepare<[string], number>(`SELECT 1 FROM unit WHERE uci = ?`).pluck();
  const uciBegins = db
    .prepare<[string, string], number>(`SELECT 1 FROM unit WHERE uci >= ? AND uci < ? LIMIT 1`)
    .pluck();
  const live = `serial IS NOT NULL AND void_at IS NULL`;
  const bySerial = db
    .prepare<[string], string>(
      `SELECT DISTINCT serial FROM unit WHERE lower(serial) = ? AND ${live} LIMIT ${MAX_FOUND}`,
    )
    .pluck();
  const serialBegins = db
    .prepare<[string, string], number>(
      `SELECT 1 FROM unit WHERE lower(serial) >= ? AND lower(serial) < ? AND ${live} LIMIT 1`,
    )
    .pluck();
  const newest = `SELECT product, serial FROM unit WHERE ${live} ORDER BY id DESC LIMIT ${MAX_SAMPLED}`;
  const samples = db.prepare<[], string>(`SELECT max(serial) FROM (${newest}) GROUP BY product`).pluck();
  const byValue = db.prepare<{ properties: string; value: string }, IdentityValue>(
    `SELECT property, value FROM ${IDENTITY_BY_CODE}
     WHERE property IN (SELECT value FROM json_each(@properties)) AND ${hasValue('@value')} LIMIT ${MAX_FOUND}`,
  );
  const byKey = db.prepare<{ macs: string; key: string }, IdentityValue>(
    `${selectByKey('property, value', 'property IN (SELECT value FROM json_each(@macs))', '@key')} LIMIT ${MAX_FOUND}`,
  );
  const byKeyBegin = db
    .prepare<[string, string, string], number>(
      `SELECT 1 FROM ${IDENTITY_BY_CODE}
       WHERE property IN (SELECT value FROM json_each(?)) AND ${keyBegins('?', '?')} LIMIT 1`,
    )
    .pluck();
  return (identity) => {
    const properties = JSON.stringify(identity.properties);
    const macs = JSON.stringify(identity.macs.filter((property) => identity.properties.includes(property)));
    return {
      hasClaimId: (uci) => byUci.get(uci) !== undefined,
      beginsClaimId: (begin) => uciBegins.get(begin, `${begin}~`) !== undefined,
      serials: (text) => bySerial.all(text.toLowerCase()),
      beginsSerial: (begin) => serialBegins.get(begin.toLowerCase(), `${begin.toLowerCase()}~`) !== undefined,
      sampleSerials: () => samples.all(),
      identities: (value) => {
        const key = scannedKey(value);
        const exact = byValue.all({ properties, value });
        return key === undefined || exact.length > 0 ? exact : byKey.all({ macs, key });
      },
      // `g` is the next character after the hexadecimal digits.
      beginsIdentity: (digits) => byKeyBegin.get(macs, digits, `${digits}g`) !== undefined,
    };
  };
}
