/** Properties whose values are never MACs. Two S/Ns that differ only in their separators belong to two devices. */
export const NEVER_MACS = ['serial', 'uid'];

/**
 * Returns the hexadecimal digits of a MAC (12) or EUI-64 (16) in any spelling, such as `A4:C1:38:AA:00:01`,
 * `a4-c1-38-aa-0-1`, `a4c1.38aa.0001`, `0xA4C138AA0001` and `MAC: {A4_C1_38_AA_00_01}`. Returns undefined for other
 * values.
 */
export function identityKey(value: string): string | undefined {
  return keyOfBytes(value.split(/[:\-. ]/)) ?? completeKey(value) ?? unusualKey(value);
}

/** Returns the digits of a MAC or EUI-64 if every byte is written with two digits, in a usual spelling. */
export function completeKey(value: string): string | undefined {
  return asKey(value.replace(/[:\-. ]/g, ''));
}

/**
 * Returns the key of a value if the index of identities does not contain this key. The SQL of the index (`CODE` in
 * src/sqlite/identity-key.ts) knows only complete keys. The table `identity_spelling` contains all other keys.
 */
export function spelledKey(property: string, value: string): string | undefined {
  if (NEVER_MACS.includes(property)) return undefined;
  const key = identityKey(value);
  return key === completeKey(value) ? undefined : key;
}

/**
 * Returns the key of a scanned value. If the first or the last byte has only one digit, the code may have been cut off,
 * so no zero is added. A decimal number may be the code of an article, so it is not converted to a MAC.
 */
export function scannedKey(value: string): string | undefined {
  const complete = completeKey(value);
  if (complete !== undefined || value.length > MAX_SPELLED) return complete;
  const bytes = bytesOf(plain(value));
  if (bytes.at(0)?.length === 1 || bytes.at(-1)?.length === 1) return undefined;
  return keyOfBytes(bytes) ?? asKey(bytes.join(''));
}

function asKey(digits: string): string | undefined {
  return /^(?:[0-9a-f]{12}|[0-9a-f]{16})$/i.test(digits) ? digits.toLowerCase() : undefined;
}

/** Joins bytes to a key. Some programs leave out the first zero of a byte. */
function keyOfBytes(bytes: string[]): string | undefined {
  if (bytes.length !== 6 && bytes.length !== 8) return undefined;
  if (!bytes.every((byte) => /^[0-9a-f]{1,2}$/i.test(byte))) return undefined;
  return bytes.map((byte) => byte.padStart(2, '0').toLowerCase()).join('');
}

/** Texts that programs write before a MAC, such as `MAC=`, `link/ether`, `EUI-64:` and `urn:dev:mac:` (RFC 9039). */
const NAME =
  /^(?:urn:dev:)?(?:(?:link\/)?ether|hwaddr|bdaddr|(?:[a-z]{2,9}[ _-]?)?mac|eui[ _-]?(?:48|64))(?:[ _-]?(?:addr(?:ess)?|id))?[ :=#-]*/;

/** Quotes and brackets around a value. */
const AROUND = /^["'`´\u2018-\u201f«»‹›{}[\]()<>\s]+|["'`´\u2018-\u201f«»‹›{}[\]()<>\s]+$/g;

/** Separators between two bytes. In source code, `\x` or `0x` comes before each byte. */
const BETWEEN = /(?:[\s:.\-_,;/|·•∙ː∶꞉\u2010-\u2015\u2212\u00ad]|%3a|\\x|(?<![0-9a-f])0x)+/;

/** `MAC address: "0xA4, 0xC1, 0x38, 0xFF, 0xFE, 0xAA, 0x00, 0x01"` has 61 characters. */
const MAX_SPELLED = 72;

function unusualKey(value: string): string | undefined {
  if (value.length > MAX_SPELLED) return undefined;
  const text = plain(value);
  const bytes = bytesOf(text);
  return keyOfBytes(bytes) ?? asKey(bytes.join('')) ?? keyOfNumber(text);
}

function bytesOf(text: string): string[] {
  return text.split(BETWEEN).filter((byte) => byte !== '');
}

/**
 * Returns the value in lowercase, without what surrounds it. NFKC turns full-width digits, letters and colons into
 * those of ASCII.
 */
function plain(value: string): string {
  const bare = value.normalize('NFKC').toLowerCase().replace(AROUND, '');
  return latin(bare.replace(NAME, '').replace(AROUND, ''));
}

/**
 * Letters that look like a hexadecimal digit, and that a keyboard with a Cyrillic or Greek layout types in its place.
 * People cannot see the difference, so these values are the same MAC.
 */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map([
  ['а', 'a'],
  ['в', 'b'],
  ['с', 'c'],
  ['ԁ', 'd'],
  ['е', 'e'],
  ['α', 'a'],
  ['β', 'b'],
  ['ϲ', 'c'],
  ['ε', 'e'],
]);

function latin(text: string): string {
  return /[^\p{ASCII}]/u.test(text) ? Array.from(text, (one) => LOOK_ALIKES.get(one) ?? one).join('') : text;
}

/**
 * Returns the key of a MAC that is written as a decimal number, as some firmware does. If its first byte is not 00, a
 * MAC has 13 to 15 decimal digits, and an EUI-64 has 17 to 20. Values of 12 and 16 digits are read as hexadecimal
 * digits.
 */
function keyOfNumber(text: string): string | undefined {
  if (!/^[1-9](?:\d{12,14}|\d{16,19})$/.test(text)) return undefined;
  const digits = text.length > 15 ? 16 : 12;
  const key = BigInt(text).toString(16).padStart(digits, '0');
  return key.length === digits ? key : undefined;
}

/**
 * True for a value that was meant to be a MAC or EUI-64, but that a program or a person has damaged: a spreadsheet
 * removed its leading zeros, or a letter is not a hexadecimal digit. A device never sends such a value.
 */
export function isDamagedMac(value: string): boolean {
  if (hasLookAlike(value)) return true;
  if (identityKey(value) !== undefined) return false;
  const bytes = bytesOf(plain(value));
  const hasForm =
    (bytes.length === 6 || bytes.length === 8) && bytes.every((byte) => /^[\p{L}\p{N}]{1,2}$/u.test(byte));
  return hasForm || /^[0-9a-f]{8,16}$/.test(bytes.join(''));
}

/** True for a MAC with a letter that only looks like a hexadecimal digit. Other programs do not find such a MAC. */
function hasLookAlike(value: string): boolean {
  const text = value.normalize('NFKC').toLowerCase();
  return Array.from(text).some((one) => LOOK_ALIKES.has(one)) && identityKey(value) !== undefined;
}
